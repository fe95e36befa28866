/** What cells have declared so far, as the text of a .d.ts file: later cells are checked after it. */
import type { Ts, TypeScript } from './typescript';

interface Declaration {
  /** Undefined for what has no name of its own: `declare global`, additions to modules. */
  readonly name: string | undefined;
  readonly isValue: boolean;
  readonly isType: boolean;
  readonly text: string;
}

export class Declarations {
  /** The text of the .d.ts file. */
  readonly text: string;
  private readonly all: readonly Declaration[];

  constructor(all: readonly Declaration[] = []) {
    this.all = all;
    this.text = all.map(({ text }) => text).join('\n');
  }

  has(name: string): boolean {
    return this.all.some((each) => each.name === name);
  }

  /** These declarations, with a cell's in place of earlier ones of the same names, save for the values `kept`. */
  add(ts: Ts, cellDeclarations: string, kept: ReadonlySet<string>): Declarations {
    const isKept = ({ name, isValue }: Declaration) =>
      isValue && name !== undefined && kept.has(name);
    const added = parse(ts, cellDeclarations).filter((each) => !isKept(each));
    const isReplaced = (old: Declaration) =>
      added.some(({ name, isValue, isType, text }) =>
        name === undefined
          ? text === old.text
          : name === old.name && ((isValue && old.isValue) || (isType && old.isType)),
      );
    return new Declarations([...this.all.filter((old) => !isReplaced(old)), ...added]);
  }
}

/** One declaration per name: each may be replaced by itself. */
function parse(ts: Ts, source: string): Declaration[] {
  const file = ts.createSourceFile('cell.d.ts', source, ts.ScriptTarget.ESNext, true);
  return file.statements.flatMap((statement): Declaration[] => {
    if (ts.isExportDeclaration(statement) || ts.isExportAssignment(statement)) return [];
    if (ts.isImportDeclaration(statement)) return splitImport(ts, statement);
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    const exports = modifiers.filter(
      ({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword,
    );
    // Comments come first: they are what inspection shows.
    const comments = source.slice(statement.pos, statement.getStart()).trim();
    const text = source.slice(exports.at(-1)?.end ?? statement.getStart(), statement.end).trim();
    if (ts.isVariableStatement(statement)) {
      const { declarations, flags } = statement.declarationList;
      const keyword = flags & ts.NodeFlags.Const ? 'const' : 'let';
      return declarations.map((declaration) => ({
        name: declaration.name.getText(),
        isValue: true,
        isType: false,
        text: `${comments}\ndeclare ${keyword} ${declaration.getText()};`,
      }));
    }
    const { name } = statement as TypeScript.DeclarationStatement;
    const isType = !ts.isFunctionDeclaration(statement);
    const isValue = !ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement);
    if (!name) return []; // `export default` of a function or class
    const hasName = ts.isIdentifier(name) && name.text !== 'global';
    return [
      { name: hasName ? name.text : undefined, isValue, isType, text: `${comments}\n${text}` },
    ];
  });
}

function splitImport(ts: Ts, statement: TypeScript.ImportDeclaration): Declaration[] {
  const { importClause, moduleSpecifier } = statement;
  const { name, namedBindings } = importClause ?? {};
  const keyword = importClause?.isTypeOnly ? 'import type' : 'import';
  const describe = (local: TypeScript.Identifier, clause: string): Declaration => ({
    name: local.text,
    isValue: true,
    isType: true,
    text: `${keyword} ${clause} from ${moduleSpecifier.getText()};`,
  });
  const named =
    namedBindings === undefined
      ? []
      : ts.isNamespaceImport(namedBindings)
        ? [describe(namedBindings.name, namedBindings.getText())]
        : namedBindings.elements.map((item) => describe(item.name, `{ ${item.getText()} }`));
  return [...(name ? [describe(name, name.text)] : []), ...named];
}
