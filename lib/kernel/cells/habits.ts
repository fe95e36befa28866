/** What readers of other notebooks type, and what to write instead of it here. */

/** A cell that does not compile, and one of its errors. */
export interface FailedText {
  /** The line in which the error is. */
  readonly line: string;
  /** What the error is about. */
  readonly word: string;
  /** What the compiler does not know: this word, or the module of this name. */
  readonly unknown: 'name' | 'module' | undefined;
  /** Whether the compiler cannot even parse the cell. */
  readonly isSyntax: boolean;
}

const SHELL =
  "import { execSync } from 'node:child_process'; execSync('COMMAND', { stdio: 'inherit' })";

const OUTPUT = "import { execSync } from 'node:child_process'; String(execSync('COMMAND'))";

/** Magics of IPython by name; `%` or `%%` stands before them. */
const MAGICS: Readonly<Record<string, string>> = {
  time: "console.time('it'); ...; console.timeEnd('it');",
  timeit: 'const start = performance.now(); ...; performance.now() - start',
  html: "import { display } from 'tslab'; display.html('...');",
  markdown: "import { display } from 'tslab'; display.markdown('...');",
  latex: "import { display } from 'tslab'; display.latex('...');",
  javascript: "import { display } from 'tslab'; display.javascript('...');",
  js: "import { display } from 'tslab'; display.javascript('...');",
  svg: "import { display } from 'tslab'; display.svg('...');",
  matplotlib: 'showFigure(...) of the library, which needs no setting',
  cd: "process.chdir('FOLDER')",
  pwd: 'process.cwd()',
  env: 'process.env.NAME',
  run: "await import('./FILE')",
  writefile: "import { writeFileSync } from 'node:fs'; writeFileSync('FILE', '...')",
  autoreload: 'nothing: a changed file is loaded anew by the cell that imports it',
  load_ext: 'an import of the package',
  pip: 'npm install PACKAGE in a terminal',
  conda: 'npm install PACKAGE in a terminal',
  ts: 'the code without this line: all cells are TypeScript',
  typescript: 'the code without this line: all cells are TypeScript',
};

/** Words that are wrong in TypeScript wherever they stand. */
const PYTHON: Readonly<Record<string, string>> = {
  print: 'console.log(...)',
  True: 'true',
  False: 'false',
  None: 'null',
  and: '&&',
  or: '||',
  not: '!',
  elif: 'else if',
  lambda: '(x) => ...',
  del: 'list.splice(i, 1) or delete object.name',
  raise: "throw new Error('...')",
  assert: "import assert from 'node:assert'; assert(...)",
};

/** Types of other languages. */
const TYPES: Readonly<Record<string, string>> = {
  int: 'number',
  float: 'number',
  double: 'number',
  str: 'string',
  bool: 'boolean',
  list: 'number[]',
  dict: 'Record<string, number>',
  tuple: '[number, string]',
};

/** Python's types that have others in brackets, given what these are in TypeScript. */
const GENERICS: Readonly<Record<string, (...parts: string[]) => string>> = {
  list: (item) => (item.includes(' ') ? `(${item})[]` : `${item}[]`),
  set: (item) => `Set<${item}>`,
  dict: (key, value) => `Record<${key}, ${value}>`,
  tuple: (...items) => `[${items.join(', ')}]`,
  optional: (item) => `${item} | null`,
  union: (...items) => items.join(' | '),
};
const GENERIC = String.raw`(?:List|Set|Dict|Tuple|Optional|Union|list|set|dict|tuple)\[.*?\]+`;

const NO_PAGE = 'code without it: cells run in Node, which has no page';

/** Names of Python, of browsers and of other kernels. */
const NAMES: Readonly<Record<string, string>> = {
  len: 'list.length',
  range: 'Array.from({ length: n }, (_, i) => i)',
  println: 'console.log(...)',
  _: 'a name of its own for the value: const result = ...',
  str: 'String(value)',
  int: 'Math.trunc(value)',
  float: 'Number(value)',
  dict: 'an object literal or new Map()',
  type: 'typeof value',
  display: "import { display } from 'tslab'",
  $$: "import { display } from 'tslab'; display.html('...');",
  Deno: "a module of Node: import { readFileSync } from 'node:fs'",
  help: 'NAME? (a question mark behind a name), or press Shift+Tab',
  sleep: 'new Promise((done) => setTimeout(done, ms)), with await before it',
  document: NO_PAGE,
  $: NO_PAGE,
  requestAnimationFrame: 'setInterval(...)',
  localStorage: 'a file: readFileSync, writeFileSync of node:fs',
  window: 'globalThis: cells run in Node, which has no page',
  alert: 'console.log(...)',
  prompt: 'a variable: cells cannot ask for input',
  input: 'a variable: cells cannot ask for input',
  quit: 'Kernel > Shut Down Kernel',
  exit: 'Kernel > Shut Down Kernel',
  np: '@tensorflow/tfjs or typed arrays',
  pd: 'arrays of objects, which console.table shows',
  plt: 'showFigure(...) of the library',
};

/** Programs that readers start from a cell, and what no name of TypeScript has behind it. */
const COMMAND =
  /^\s*((?:ls|cat|cp|mv|rm|mkdir|touch|head|tail|grep|find|wc|git|echo|pwd|which|wget|curl|python3?|node|npx)(?:\s+(?:-\w|[\w./~*])(?!\S*\s*[=(.]\s).*)?)$/;

/** Other forms of lines: the pattern, and what to write, given what the pattern found. */
const LINES: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [
    /^\s*(%%?)(\w+)/,
    ([, mark, name = '']) =>
      `${mark}${name} is a magic of IPython; here write: ${MAGICS[name] ?? `plain TypeScript, or for a program: ${SHELL}`}`,
  ],
  [
    /^\s*!?\s*(?:pip3?|conda|npm|yarn|pnpm)\s+(?:install|add|i)\b/,
    () => 'Packages are installed in a terminal: npm install PACKAGE',
  ],
  [
    /^\s*!{1,2}\s*([\w./~-].*)$/,
    ([, command = '']) =>
      `A line with ! is a command in IPython; here write: ${SHELL.replace('COMMAND', () => command.trim().replaceAll("'", "\\'"))}`,
  ],
  [
    /^\s*cd(?:\s+([\w./~-]+))?\s*$/,
    ([, folder = '..']) => `Here write: process.chdir('${folder}')`,
  ],
  [
    COMMAND,
    ([, command = '']) =>
      `A cell is no terminal; here write: ${SHELL.replace('COMMAND', () => command.trim().replaceAll("'", "\\'"))}`,
  ],
  [
    /^\s*import\s+([\w.]+)(?:\s+as\s+(\w+))?\s*;?\s*$/,
    ([, module = '', name = module]) =>
      `This is Python's import; in TypeScript: import * as ${name} from '${module}'`,
  ],
  [
    /^\s*from\s+([\w.]+)\s+import\s+(.+)$/,
    ([, module, names]) =>
      `This is Python's import; in TypeScript: import { ${names?.trim()} } from '${module}'`,
  ],
  [
    /^\s*(?:async\s+)?def\s+(\w+)\s*\(/,
    ([, name]) => `This is Python; in TypeScript: function ${name}(...) { ... }`,
  ],
  [
    /^\s*(?:if|elif|else|for|while|try|except|with|class)\b[^{]*:\s*$/,
    () => 'This is Python; in TypeScript a block stands in braces: if (x > 0) { ... }',
  ],
  [
    /=\s*!\s*((?:ls|cat|pwd|echo|git|pip|npm|head|tail|wc|find|grep)\b.*)$/,
    ([, command = '']) =>
      `This is IPython's way to a command's output; here: ${OUTPUT.replace('COMMAND', () => command.trim())}`,
  ],
  [
    /\[[^\]]+\sfor\s+\w+\s+in\s/,
    () =>
      "This is Python's list comprehension; in TypeScript: list.map((x) => ...), with filter((x) => ...) for its if",
  ],
  [
    /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*<-\s*([^;]+)/u,
    ([, name, value]) => `This is R's assignment; in TypeScript: const ${name} = ${value?.trim()}`,
  ],
  [
    /^\s*library\((\w+)\)/,
    ([, name]) => `This is R's import; in TypeScript: import * as ${name} from '${name}'`,
  ],
  [
    /^\s*using\s+(\w+)\s*$/,
    ([, name]) => `This is Julia's import; in TypeScript: import * as ${name} from '${name}'`,
  ],
  [
    /(?:^|[=(,[]|\breturn)\s*([^=(,[]+?)\s+if\s+(.+?)\s+else\s+([^;),\]]+)/,
    ([, value, condition, other]) =>
      `This is Python's choice; in TypeScript: ${condition} ? ${value} : ${other?.trim()}`,
  ],
  [
    new RegExp(`^\\s*(\\w+)\\s*:\\s*(${Object.keys(TYPES).join('|')}|${GENERIC})\\s*=\\s*([^;#]+)`),
    ([, name, type = '', value = '']) =>
      `A new variable is declared: let ${name}: ${translateType(type)} = ${PYTHON[value.trim()] ?? value.trim()}`,
  ],
  [
    new RegExp(`:\\s*(${GENERIC})\\s*(?:[=;,)]|$)`),
    ([, type = '']) => `Instead of ${type} write: ${translateType(type)}`,
  ],
  [/^\s*#\s*%%/, () => 'Leave the line out: each cell of the notebook is one already'],
  [/^\s*#(?:\s|$)/, () => 'A comment begins with // here'],
  [
    /\bf(?:"[^"]*"|'[^']*')/,
    () => "This is Python's f-string; in TypeScript: 'x = ' + x, or a text between backticks",
  ],
  [
    /^\s*(\w+(?:\s*,\s*\w+)+)\s*=(?!=)\s*([^;]+)/,
    ([, names, values]) =>
      `Several values at once in TypeScript: const [${names}] = [${values?.trim()}];`,
  ],
  [/^\s*(?:var\s+)?(\w+)\s*:=/, ([, name]) => `A new variable is declared: const ${name} = ...`],
  [
    /^\s*\.(?:help|exit|load|save|editor|break|clear)\b/,
    () => "This is a command of Node's prompt; a notebook has its menus instead",
  ],
  [
    /\bfrom\s*['"](?:npm|jsr):\/?([^'"]+?)(?:@[\d^~][^'"]*)?['"]/,
    ([, name]) =>
      `This is Deno's import; here: npm install ${name} in a terminal, then import ... from '${name}'`,
  ],
  [
    /\bfrom\s*['"]https?:/,
    () => 'Node imports no web addresses: npm install the package in a terminal, import it by name',
  ],
  [
    /\b(?:await\s+)?using\s+\w+\s*=/,
    () =>
      "The notebook's TypeScript 5.0 does not know `using`: write const, and release it in a finally",
  ],
];

/** A type of Python in TypeScript. */
function translateType(type: string): string {
  const [, outer, inner = ''] = /^(\w+)\[(.*)\]$/.exec(type) ?? [];
  if (outer === undefined) return TYPES[type] ?? type;
  const parts: string[] = [];
  let depth = 0;
  for (const part of inner.split(',')) {
    if (depth > 0) parts.push(`${parts.pop()},${part}`);
    else parts.push(part);
    depth += part.split('[').length - part.split(']').length;
  }
  return GENERICS[outer.toLowerCase()]!(...parts.map((part) => translateType(part.trim())));
}

/** One sentence that says what to write instead; undefined for an error of another kind. */
export function findAdvice({ line, word, unknown, isSyntax }: FailedText): string | undefined {
  // What parses and has names that are known is TypeScript, however it looks.
  if (unknown === undefined && !isSyntax) return undefined;
  for (const [pattern, advise] of LINES) {
    const found = pattern.exec(line);
    if (found) return advise(found);
  }
  if (Object.hasOwn(PYTHON, word)) return `Instead of ${word} write: ${PYTHON[word]}`;
  if (unknown === 'module') return adviseModule(word);
  if (unknown !== 'name') return undefined;
  if (Object.hasOwn(TYPES, word) && new RegExp(`[:<|]\\s*${word}\\b`).test(line)) {
    return `Instead of ${word} write: ${TYPES[word]}`;
  }
  if (Object.hasOwn(NAMES, word)) return `Instead of ${word} write: ${NAMES[word]}`;
  return adviseAssignment(line, word);
}

/** About an import's name with its quotes: a package that is not installed, or has no such part. */
function adviseModule(word: string): string | undefined {
  const found = /^['"]((?:@[^/'"]+\/)?[^./'":@][^/'":]*)(?:\/([^'":]*))?['"]$/.exec(word);
  const [, name, part] = found ?? [];
  const install = `npm install ${name} in a terminal`;
  if (part) return `The package ${name} has no ${part}, or is not there: ${install} if it is not`;
  return name && `The package ${name} is not there: ${install}`;
}

function adviseAssignment(line: string, word: string): string | undefined {
  const assignment = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*([-+*/]?)=(?![=>])([^;]*)/u.exec(
    line,
  );
  if (assignment?.[1] !== word) return undefined;
  if (assignment[2]) return `A variable is declared before it is changed: let ${word} = ...`;
  const value = assignment[3]?.trim();
  return `A new variable is declared: const ${word} = ${value}; or let ${word}, if it is to change`;
}
