/** Which names a cell's text declares at its top level: of values, types and imports. */
import type { Ts, TypeScript } from './typescript';

export function parseCell(ts: Ts, source: string): TypeScript.SourceFile {
  return ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ESNext);
}

export function hasSyntaxErrors(file: TypeScript.SourceFile): boolean {
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly unknown[] };
  return parseDiagnostics.length > 0;
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
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

/** The identifiers that a name or a pattern declares. */
export function bindingsOf(ts: Ts, name: TypeScript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? bindingsOf(ts, element.name) : [],
  );
}
