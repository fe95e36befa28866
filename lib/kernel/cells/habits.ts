/** What readers of other notebooks type, and what to write instead of it here. */

/** A cell that does not compile, and one of its errors. */
export interface FailedText {
  /** The line in which the error is. */
  readonly line: string;
  /** What the error is about. */
  readonly word: string;
  /** The compiler does not know this word. */
  readonly isUnknownName: boolean;
}

const SHELL =
  "import { execSync } from 'node:child_process'; execSync('COMMAND', { stdio: 'inherit' })";

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
  matplotlib: 'showFigure(...) or showCurve(...) of the library, which need no setting',
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

/** Names of Python and of browsers. */
const NAMES: Readonly<Record<string, string>> = {
  print: 'console.log(...)',
  len: 'list.length',
  range: 'Array.from({ length: n }, (_, i) => i)',
  True: 'true',
  False: 'false',
  None: 'null',
  str: 'String(value)',
  int: 'Math.trunc(value)',
  float: 'Number(value)',
  dict: 'an object literal or new Map()',
  type: 'typeof value',
  display: "import { display } from 'tslab'",
  document: 'code without it: cells run in Node, which has no page',
  window: 'globalThis: cells run in Node, which has no page',
  alert: 'console.log(...)',
  prompt: 'a variable: cells cannot ask for input',
  input: 'a variable: cells cannot ask for input',
  quit: 'Kernel > Shut Down Kernel',
  exit: 'Kernel > Shut Down Kernel',
  np: '@tensorflow/tfjs or typed arrays',
  plt: 'showFigure(...) of the library',
};

/** Other forms of lines: the pattern, and what to write, given what the pattern found. */
const LINES: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [
    /^\s*(%%?)(\w+)/,
    ([, mark, name = '']) =>
      `${mark}${name} is a magic of IPython; here write: ${MAGICS[name] ?? `plain TypeScript, or for a program: ${SHELL}`}`,
  ],
  [
    /^\s*!\s*(?:pip|conda|npm|yarn)\s+(?:install|add)\b/,
    () => 'Packages are installed in a terminal: npm install PACKAGE',
  ],
  [
    /^\s*!\s*([\w./~-].*)$/,
    ([, command = '']) =>
      `A line with ! is a command in IPython; here write: ${SHELL.replace('COMMAND', () => command.trim().replaceAll("'", "\\'"))}`,
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
    /\b(?:await\s+)?using\s+\w+\s*=/,
    () =>
      "The notebook's TypeScript 5.0 does not know `using`: write const, and release it in a finally",
  ],
];

/** One sentence that says what to write instead; undefined for an error of another kind. */
export function findAdvice({ line, word, isUnknownName }: FailedText): string | undefined {
  for (const [pattern, advise] of LINES) {
    const found = pattern.exec(line);
    if (found) return advise(found);
  }
  if (!isUnknownName) return undefined;
  if (Object.hasOwn(NAMES, word)) return `Instead of ${word} write: ${NAMES[word]}`;
  const assignment = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=(?![=>])(.*)$/u.exec(line);
  if (assignment?.[1] !== word) return undefined;
  const value = assignment[2]?.trim().replace(/;$/, '');
  return `A new variable is declared: const ${word} = ${value}; or let ${word}, if it is to change`;
}
