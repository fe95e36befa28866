/** Finds what a cell uses of earlier cells' imports that their files no longer export: the compiler takes it for `any`. */
import type { Ts, TypeScript } from './typescript';

export interface DanglingImport {
  /** The name in cells. */
  readonly name: string;
  /** The module's name as it was typed, with its quotes. */
  readonly module: string;
  /** The import of this name alone. */
  readonly statement: string;
  /** Where the cell uses it, if only by a type of an earlier cell that is made of it. */
  readonly use: TypeScript.Identifier;
}

export interface DanglingOptions {
  readonly checker: TypeScript.TypeChecker;
  readonly cell: TypeScript.SourceFile;
  /** What earlier cells declared. */
  readonly declarations: TypeScript.SourceFile;
}

/** The imports that lead nowhere. Those of a module without types are among them, which is no mistake. */
export function findDanglingImports(ts: Ts, options: DanglingOptions): DanglingImport[] {
  const { checker, cell, declarations } = options;
  const dangling = new Map<string, TypeScript.ImportDeclaration>();
  for (const statement of declarations.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const name = localName(ts, statement);
    if (name && isUnknown(checker, name)) dangling.set(name.text, statement);
  }
  if (dangling.size === 0) return [];
  const found = new Map<string, DanglingImport>();
  const seen = new Set<TypeScript.Node>();
  const visit = (node: TypeScript.Node, use: TypeScript.Identifier | undefined): void => {
    if (!ts.isIdentifier(node)) ts.forEachChild(node, (child) => visit(child, use));
    else if (!isMember(ts, node)) {
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node);
      const own = symbol?.declarations ?? [];
      const earlier = own.filter((each) => each.getSourceFile() === declarations);
      const statement = dangling.get(node.text);
      if (statement && earlier.length === own.length) {
        const module = statement.moduleSpecifier.getText();
        const text = statement.getText();
        found.set(node.text, { name: node.text, module, statement: text, use: use ?? node });
      }
      for (const declaration of earlier) {
        if (seen.has(declaration)) continue;
        seen.add(declaration);
        visit(declaration, use ?? node);
      }
    }
  };
  visit(cell, undefined);
  return [...found.values()];
}

/** Earlier cells' imports have one name each. */
function localName(
  ts: Ts,
  { importClause }: TypeScript.ImportDeclaration,
): TypeScript.Identifier | undefined {
  const { name, namedBindings } = importClause ?? {};
  if (!namedBindings) return name;
  return ts.isNamespaceImport(namedBindings) ? namedBindings.name : namedBindings.elements[0]?.name;
}

function isUnknown(checker: TypeScript.TypeChecker, name: TypeScript.Identifier): boolean {
  const symbol = checker.getSymbolAtLocation(name);
  return symbol === undefined || !checker.getAliasedSymbol(symbol).declarations?.length;
}

/** Whether it stands behind a dot or before a colon, where it is no variable's name. */
function isMember(ts: Ts, node: TypeScript.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isQualifiedName(parent) && parent.right === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isBindingElement(parent) && parent.propertyName === node)
  );
}
