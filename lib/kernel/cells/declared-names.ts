/** Which names a cell's text declares at its top level: of values, types and imports. */
import type { Ts, TypeScript } from './typescript';

export function parseCell(ts: Ts, source: string): TypeScript.SourceFile {
  return ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ESNext);
}

export function hasSyntaxErrors(file: TypeScript.SourceFile): boolean {
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly unknown[] };
  return parseDiagnostics.length > 0;
}

/** Whether the cell begins with `// @ts-nocheck`. */
export function isUnchecked(file: TypeScript.SourceFile): boolean {
  const { checkJsDirective } = file as { checkJsDirective?: { readonly enabled: boolean } };
  return checkJsDirective?.enabled === false;
}

/** The names; `without` leaves out statements. */
export function declaredNames(
  ts: Ts,
  file: TypeScript.SourceFile,
  without: (statement: TypeScript.Statement) => boolean = () => false,
): string[] {
  return [...new Set(file.statements.flatMap((s) => (without(s) ? [] : namesOf(ts, s))))];
}

/** Whether the statement itself says that it is exported. */
export function isExported(ts: Ts, statement: TypeScript.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** The names that one statement declares. */
export function namesOf(ts: Ts, statement: TypeScript.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => bindingsOf(ts, name));
  }
  if (ts.isImportDeclaration(statement)) {
    const { name, namedBindings } = statement.importClause ?? {};
    if (!namedBindings) return name ? [name.text] : [];
    const others = ts.isNamespaceImport(namedBindings) ? [namedBindings] : namedBindings.elements;
    return [...(name ? [name.text] : []), ...others.map((other) => other.name.text)];
  }
  if (ts.isModuleDeclaration(statement) && statement.flags & ts.NodeFlags.GlobalAugmentation) {
    return [];
  }
  const { name } = statement as TypeScript.DeclarationStatement;
  if (name && ts.isIdentifier(name)) return [name.text];
  return nestedVariables(ts, statement).map(({ text }) => text);
}

/** The names of each `var` in a statement's blocks and loops: they belong to the cell as a whole. */
export function nestedVariables(
  ts: Ts,
  statement: TypeScript.Statement,
): readonly TypeScript.Identifier[] {
  const found: TypeScript.Identifier[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped)) {
      for (const { name } of node.declarations) found.push(...identifiersOf(ts, name));
    }
    ts.forEachChild(node, visit);
  };
  if (!ts.isVariableStatement(statement)) visit(statement);
  return found;
}

/** The names that a cell's own lists export, as `export { a }` does. */
export function listedExports(ts: Ts, file: TypeScript.SourceFile): ReadonlySet<string> {
  const lists = file.statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause ? [statement.exportClause] : [],
  );
  return new Set(
    lists.flatMap((list) =>
      (ts.isNamespaceExport(list) ? [list] : list.elements).map(({ name }) => name.text),
    ),
  );
}

/** The names that a name or a pattern declares. */
export function bindingsOf(ts: Ts, name: TypeScript.BindingName): string[] {
  return identifiersOf(ts, name).map(({ text }) => text);
}

export function identifiersOf(ts: Ts, name: TypeScript.BindingName): TypeScript.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? identifiersOf(ts, element.name) : [],
  );
}
