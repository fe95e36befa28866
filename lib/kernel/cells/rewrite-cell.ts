/**
 * Makes the body of a function from a cell's JavaScript, which is a module: `import` and `export` are
 * taken out, the value of the last line is kept. Only whole statements at the top level change: what
 * stands inside of functions is the reader's, and so is a function's text.
 */
import { bindingsOf, identifiersOf, isUnchecked, namesOf, nestedVariables } from './declared-names';
import { speedUpLoops } from './fast-loops';
import type { Ts, TypeScript } from './typescript';

export interface ImportedName {
  readonly local: string;
  /** The module's export; `*` for the module as a whole. */
  readonly imported: string;
  /** The module may assign to it (`export let`): it is to be looked up at each use. */
  readonly isLive: boolean;
}

/** One `import` statement of which something is left at run time. */
export interface CellImport {
  readonly specifier: string;
  readonly names: readonly ImportedName[];
}

/** What the wrapper of a cell's code has to know about it. */
export interface CellShape {
  readonly imports: readonly CellImport[];
  /** Variables, functions and classes of the cell's top level. */
  readonly variables: readonly string[];
  /** Those of them to which no code can assign. */
  readonly constants: readonly string[];
  /** Those that none of the cell's functions uses: when it has ended, only other cells do. */
  readonly uncaptured: readonly string[];
  /** How the code calls the kernel: a name that the cell does not use. */
  readonly runtimeName: string;
}

export interface RewriteOptions {
  readonly checker: TypeScript.TypeChecker;
  readonly cell: TypeScript.SourceFile;
  readonly onShape: (shape: CellShape) => void;
  /** Whether an earlier cell declared a name. */
  readonly isDeclared: (name: string) => boolean;
}

/** Names that the statements of a cell's JavaScript declare. */
function variablesOf(ts: Ts, statements: readonly TypeScript.Statement[]): string[] {
  const names = statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      const { declarations } = statement.declarationList;
      return declarations.flatMap(({ name }) => bindingsOf(ts, name));
    }
    const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
    if (isNamed) return statement.name ? [statement.name.text] : [];
    return nestedVariables(ts, statement).map(({ text }) => text);
  });
  return [...new Set(names)];
}

/** Names of a cell's constants, functions and classes; none where the compiler does not check that they are. */
function constantsOf(ts: Ts, cell: TypeScript.SourceFile): string[] {
  if (isUnchecked(cell)) return [];
  return cell.statements.flatMap((statement) => {
    const isConst =
      ts.isVariableStatement(statement) &&
      (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    const isDeclared = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
    return isConst || isDeclared ? namesOf(ts, statement) : [];
  });
}

function uncapturedOf(ts: Ts, cell: TypeScript.SourceFile, variables: readonly string[]): string[] {
  if (/\beval\b/.test(cell.text)) return []; // may make a function that uses any of them
  const captured = new Set<string>();
  const visit = (node: TypeScript.Node, isInFunction: boolean): void => {
    if (isInFunction && ts.isIdentifier(node)) captured.add(node.text);
    const isFunction =
      ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node);
    ts.forEachChild(node, (child) => visit(child, isInFunction || isFunction));
  };
  visit(cell, false);
  return variables.filter((name) => !captured.has(name));
}

/** The statement whose value the cell shows: an expression on the last line, no assignment. */
function findResult(ts: Ts, cell: TypeScript.SourceFile): TypeScript.Statement | undefined {
  const last = cell.statements.filter((statement) => !ts.isExportDeclaration(statement)).at(-1);
  if (!last || !ts.isExpressionStatement(last)) return undefined;
  let { expression } = last;
  // An object pattern as target needs parentheses around the whole.
  while (ts.isParenthesizedExpression(expression)) expression = expression.expression;
  if (!ts.isBinaryExpression(expression)) return last;
  // `x = 5` on the last line is a statement to its reader, not a question for its value.
  const { kind } = expression.operatorToken;
  const { FirstAssignment, LastAssignment } = ts.SyntaxKind;
  return kind >= FirstAssignment && kind <= LastAssignment ? undefined : last;
}

/** Rewrites a cell; it must run after TypeScript's own steps, the last of which makes an ES module. */
export function rewriteCell(
  ts: Ts,
  { checker, cell, onShape, isDeclared }: RewriteOptions,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  let runtimeName = '__cell';
  while (cell.text.includes(runtimeName)) runtimeName += '_';
  const result = findResult(ts, cell);
  return (context) => (file) => {
    const { factory } = context;
    const runtime = (member: string) =>
      factory.createPropertyAccessExpression(factory.createIdentifier(runtimeName), member);
    const imports: CellImport[] = [];

    const rewrite = (statement: TypeScript.Statement): TypeScript.Statement | undefined => {
      if (ts.isImportDeclaration(statement)) {
        imports.push(describeImport(ts, checker, statement));
        return undefined;
      }
      if (ts.isExportDeclaration(statement)) return undefined;
      if (ts.isExportAssignment(statement)) {
        return factory.createExpressionStatement(statement.expression);
      }
      if (ts.isExpressionStatement(statement) && ts.getOriginalNode(statement) === result) {
        const value = factory.createAssignment(runtime('result'), statement.expression);
        return factory.updateExpressionStatement(statement, value);
      }
      return loosen(ts, { factory, checker }, statement);
    };
    const statements = file.statements.flatMap((statement) => rewrite(statement) ?? []);
    const variables = variablesOf(ts, statements);
    const constants = constantsOf(ts, cell);
    const uncaptured = uncapturedOf(ts, cell, variables);
    onShape({ imports, variables, constants, uncaptured, runtimeName });
    const locals = imports.flatMap(({ names }) => names.map(({ local }) => local));
    const own = new Set([...variables, ...locals]);
    const isShared = (name: string) => isDeclared(name) && !own.has(name);
    const guard = runtime('isArithmetic');
    const isNumber = (name: TypeScript.Identifier) => {
      const { flags } = checker.getTypeAtLocation(ts.getOriginalNode(name));
      return (flags & ts.TypeFlags.NumberLike) !== 0;
    };
    const prefix = `${runtimeName}_`;
    const fast = speedUpLoops(ts, statements, { context, prefix, guard, isNumber, isShared });
    const rewritten = factory.updateSourceFile(file, fast);
    return cell.text.includes('import.meta')
      ? replaceMeta(ts, context, rewritten, runtime('meta'))
      : rewritten;
  };
}

/** Puts `meta` in place of `import.meta`, which exists in modules only. */
function replaceMeta(
  ts: Ts,
  context: TypeScript.TransformationContext,
  file: TypeScript.SourceFile,
  meta: TypeScript.Expression,
): TypeScript.SourceFile {
  const replace = (node: TypeScript.Node): TypeScript.Node =>
    ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword
      ? meta
      : ts.visitEachChild(node, replace, context);
  return ts.visitEachChild(file, replace, context);
}

interface LoosenOptions {
  readonly factory: TypeScript.NodeFactory;
  readonly checker: TypeScript.TypeChecker;
}

/** A declaration without `export`. */
function loosen(
  ts: Ts,
  options: LoosenOptions,
  statement: TypeScript.Statement,
): TypeScript.Statement {
  const { factory } = options;
  if (ts.isVariableStatement(statement)) return loosenVariables(ts, options, statement);
  if (ts.isFunctionDeclaration(statement)) {
    // `export default function () {}`: nobody can call it
    if (!statement.name) return factory.createEmptyStatement();
    const { asteriskToken, name, typeParameters, parameters, type, body } = statement;
    const kept = withoutExport(ts, statement.modifiers);
    return factory.updateFunctionDeclaration(
      ...([statement, kept, asteriskToken, name, typeParameters, parameters, type, body] as const),
    );
  }
  if (ts.isClassDeclaration(statement)) {
    const { name, typeParameters, heritageClauses, members } = statement;
    const kept = withoutExport(ts, statement.modifiers);
    const parts = [kept, name, typeParameters, heritageClauses, members] as const;
    if (name) return factory.updateClassDeclaration(statement, ...parts);
    const value = factory.createParenthesizedExpression(factory.createClassExpression(...parts));
    return factory.createExpressionStatement(value); // its static parts run
  }
  return statement;
}

/** A `const` that holds a function or class becomes a variable: a later cell that declares it anew replaces it here. */
function loosenVariables(
  ts: Ts,
  { factory, checker }: LoosenOptions,
  statement: TypeScript.VariableStatement,
): TypeScript.Statement {
  const { declarationList, modifiers } = statement;
  const holdsFunction = declarationList.declarations.some(({ name }) =>
    identifiersOf(ts, name).some((each) => {
      const type = checker.getTypeAtLocation(ts.getOriginalNode(each));
      return type.getCallSignatures().length + type.getConstructSignatures().length > 0;
    }),
  );
  const list = holdsFunction
    ? ts.setTextRange(
        factory.createVariableDeclarationList(declarationList.declarations, ts.NodeFlags.Let),
        declarationList,
      )
    : declarationList;
  const kept = withoutExport(ts, modifiers) as TypeScript.Modifier[] | undefined;
  return factory.updateVariableStatement(statement, kept, list);
}

function withoutExport(
  ts: Ts,
  modifiers: readonly TypeScript.ModifierLike[] | undefined,
): TypeScript.ModifierLike[] | undefined {
  const { ExportKeyword, DefaultKeyword } = ts.SyntaxKind;
  return modifiers?.filter(({ kind }) => kind !== ExportKeyword && kind !== DefaultKeyword);
}

function describeImport(
  ts: Ts,
  checker: TypeScript.TypeChecker,
  statement: TypeScript.ImportDeclaration,
): CellImport {
  const { importClause, moduleSpecifier } = statement;
  const { name, namedBindings } = importClause ?? {};
  const names: ImportedName[] = [];
  const add = (node: TypeScript.ImportSpecifier | TypeScript.ImportClause, imported: string) => {
    const local = node.name?.text ?? imported;
    names.push({ local, imported, isLive: isAssigned(ts, checker, ts.getOriginalNode(node)) });
  };
  if (importClause && name) add(importClause, 'default');
  if (namedBindings && ts.isNamespaceImport(namedBindings)) {
    names.push({ local: namedBindings.name.text, imported: '*', isLive: false });
  } else {
    for (const item of namedBindings?.elements ?? []) {
      add(item, (item.propertyName ?? item.name).text);
    }
  }
  return { specifier: (moduleSpecifier as TypeScript.StringLiteral).text, names };
}

/** Whether an imported name is a variable of its module, not a constant, function or class. */
function isAssigned(ts: Ts, checker: TypeScript.TypeChecker, node: TypeScript.Node): boolean {
  const { name } = node as TypeScript.ImportSpecifier;
  const symbol = name && checker.getSymbolAtLocation(name);
  if (!symbol || !(symbol.flags & ts.SymbolFlags.Alias)) return false;
  const { flags, valueDeclaration } = checker.getAliasedSymbol(symbol);
  if (!(flags & ts.SymbolFlags.Variable) || !valueDeclaration) return false;
  return !(ts.getCombinedNodeFlags(valueDeclaration) & ts.NodeFlags.Const);
}
