/** From a cell's TypeScript to JavaScript that can run, with the program that tslab keeps. */
import type { Converter } from 'tslab/dist/converter';
import { keepWhole } from '../break-cell';
import type { Cell } from './cell';
import { type DanglingImport, findDanglingImports } from './dangling-imports';
import { Declarations } from './declarations';
import {
  declaredNames,
  hasSyntaxErrors,
  isExported,
  isUnchecked,
  listedExports,
  nestedVariables,
  parseCell,
} from './declared-names';
import { CellCompileError, type CellDiagnostic } from './diagnostics';
import type { FileWatch } from './file-watch';
import { findAdvice } from './habits';
import { blank, blankAttributes } from './import-attributes';
import { LibraryCheck } from './library-check';
import { findDeclaringCell, listDeclarations, type NotebookDeclaration } from './notebook-cells';
import { type CellShape, rewriteCell } from './rewrite-cell';
import { CellSource } from './source-map';
import { type CellProgram, createTslabConverter, LINES_BEFORE, type TslabConverter } from './tslab';
import type { Ts, TypeScript } from './typescript';

export interface CompiledCell extends CellShape {
  readonly label: string;
  /** The body of an async function. */
  readonly code: string;
  readonly source: CellSource;
  /** What it declares, as the text of a .d.ts file. */
  readonly declarations: string;
}

export type CellText = Pick<Cell, 'label' | 'source' | 'cellId'>;

/** An error and its place in a cell. */
type Found = Pick<TypeScript.Diagnostic, 'start' | 'code' | 'messageText'>;

/** The compiler's `emit` with its last parameter, which is not public: write in spite of errors. */
type EmitDeclarations = (
  file: TypeScript.SourceFile,
  write: TypeScript.WriteFileCallback,
  cancellation: undefined,
  onlyDeclarations: boolean,
  transformers: undefined,
  inSpiteOfErrors: boolean,
) => void;

const SOURCE_MAP_COMMENT = /\n\/\/# sourceMappingURL=\S*\s*$/;
/** The compiler's number for an import of a module that does not exist. */
const CANNOT_FIND_MODULE = 2307;
/** The compiler's numbers for `declare module` of a module that does not exist or has no types. */
const NOTHING_TO_AUGMENT = new Set([2664, 2665, 2666]);

/** The compiler's numbers for a name of a value, type, namespace or short property that it does not know. */
const UNKNOWN_NAME = new Set([
  2304, 2503, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 18004,
]);
/** The compiler's numbers for an array whose type only its uses say: where it is declared, and such a use. */
const IMPLICIT_ANY_DECLARED = 7034;
const IMPLICIT_ANY_USED = 7005;
/** How many errors advice is looked for: a wrong line may be many errors. */
const MAX_ADVISED = 5;

/** What it does goes on to its end, whatever is interrupted: tslab's program must stay whole. */
export class CellCompiler {
  readonly ts: Ts;
  readonly converter: Converter;
  private readonly tslab: TslabConverter;
  private readonly folder: string;
  private readonly files: FileWatch;
  private readonly libraryCheck: LibraryCheck;
  /** Whether a module was not found the last time. */
  private missesModule = false;
  private declarations = new Declarations();
  /** `declare module` statements of cells by the module's name: only outside of a module they make one. */
  private readonly modules = new Map<string, string>();
  /** `/// <reference ... />` lines of cells: they count only where a file begins, and cells do not. */
  private readonly references = new Set<string>();

  constructor(options: { readonly root: string; readonly folder: string }) {
    this.tslab = createTslabConverter(options);
    this.folder = options.folder;
    const { ts, converter, files } = this.tslab;
    this.ts = ts;
    this.converter = converter;
    this.files = files;
    this.libraryCheck = new LibraryCheck(ts, options.root);
  }

  /**
   * Checks and compiles a cell after all cells given to `declare` so far.
   * @throws CellCompileError when the cell or what it imports has type or syntax errors.
   */
  compile(cellText: CellText): CompiledCell {
    return keepWhole(() => this.checkAndEmit(cellText));
  }

  /** Makes what a cell declares known to later cells, save for the names whose earlier values were kept. */
  declare({ declarations }: CompiledCell, kept: ReadonlySet<string>): void {
    this.declarations = keepWhole(() => this.declarations.add(this.ts, declarations, kept));
  }

  /** Reads and checks what `source` imports, so that cells which import it wait less. */
  warmUp(source: string): void {
    try {
      this.compile({ label: 'warm-up', source, cellId: undefined });
    } catch (error) {
      if (!(error instanceof CellCompileError)) throw error; // else the importing cell shows it
    }
  }

  complete(source: string, offset: number): ReturnType<Converter['complete']> {
    return keepWhole(() => this.converter.complete(this.declarations.text, source, offset));
  }

  inspect(source: string, offset: number): ReturnType<Converter['inspect']> | undefined {
    return keepWhole(() => this.converter.inspect(this.declarations.text, source, offset));
  }

  /** What cells of the notebook declare that have not run since the kernel started. */
  waiting(): NotebookDeclaration[] {
    const { ts, folder, declarations } = this;
    return listDeclarations(ts, folder).filter(({ name }) => !declarations.has(name));
  }

  close(): void {
    this.converter.close();
  }

  private checkAndEmit(cellText: CellText): CompiledCell {
    const { label, source } = cellText;
    this.files.reportFiles();
    if (this.missesModule) this.files.reportFolders();
    const program = this.check(cellText);
    const libraryErrors = this.libraryCheck.check(program.builder, program.cell);
    if (libraryErrors.length > 0) throw new CellCompileError(label, libraryErrors);
    const { code, sourceMap, shape, declarations } = this.emit(program);
    return {
      ...shape,
      label,
      code,
      source: new CellSource({ label, source, sourceMap }),
      declarations,
    };
  }

  /** @throws CellCompileError */
  private check({ label, source, cellId }: CellText): CellProgram {
    const { ts } = this;
    let text = blankAttributes(ts, source.replace(/^#!.*/, blank));
    let { program, found } = this.diagnose(text);
    const rest = this.moveModulesOut(program, found, text);
    if (rest !== undefined) {
      text = rest;
      ({ program, found } = this.diagnose(text));
    }
    const { cell, declarations } = program;
    const checker = program.builder.getProgram().getTypeChecker();
    const dangling = findDanglingImports(ts, { checker, cell, declarations });
    const missing = dangling.flatMap((each) => this.explain(each));
    this.missesModule = [...found, ...missing].some(({ code }) => code === CANNOT_FIND_MODULE);
    if (missing.length > 0) {
      const [{ name, module }] = missing as [(typeof missing)[0]];
      const advice = `An earlier cell has imported ${name} from ${module}, which has changed since: put it back, or run that cell with what the file exports now`;
      throw new CellCompileError(label, this.describe(program, missing, source), advice);
    }
    if (found.length === 0) return program;
    const errors = this.describe(program, found, source);
    throw new CellCompileError(label, errors, this.advise(program, found, cellId));
  }

  private describe(
    { cell }: CellProgram,
    found: readonly Found[],
    source: string,
  ): CellDiagnostic[] {
    const lines = source.split('\n');
    return found.map(({ start = 0, code, messageText }) => {
      const { line, character } = cell.getLineAndCharacterOfPosition(start);
      return {
        message: this.ts.flattenDiagnosticMessageText(messageText, '\n'),
        code,
        position: { line: line - LINES_BEFORE + 1, column: character + 1 },
        lines,
      };
    });
  }

  /** What the compiler says of the import, at the place of its use; nothing if it is a module without types. */
  private explain({ statement, use, ...names }: DanglingImport) {
    const start = use.getStart();
    const [first] = this.diagnose(statement).found;
    return first ? [{ ...names, start, code: first.code, messageText: first.messageText }] : [];
  }

  /**
   * The program of a cell and its errors. All that the cell declares is exported by a line behind it,
   * so that the compiler writes declarations; errors that this line makes are none of the reader's.
   */
  private diagnose(text: string): { program: CellProgram; found: TypeScript.Diagnostic[] } {
    const { ts } = this;
    const file = parseCell(ts, text);
    this.takeReferences(file);
    const listed = listedExports(ts, file);
    const names = declaredNames(ts, file, (statement) => isExported(ts, statement)).filter(
      (name) => !listed.has(name),
    );
    const exporting =
      names.length === 0 || hasSyntaxErrors(file)
        ? text
        : `${text}\nexport { ${names.join(', ')} };`;
    const program = this.tslab.update(this.declarations.text, exporting);
    const { builder, cell } = program;
    const end = cell.text.length - exporting.length + text.length;
    const syntax = builder.getSyntacticDiagnostics(cell);
    // The types of code with a syntax error are guesswork. The builder would keep the errors of a cell whose
    // text has not changed, though what earlier cells import may have.
    const semantic = isUnchecked(file) ? [] : builder.getProgram().getSemanticDiagnostics(cell);
    const all = syntax.length > 0 ? syntax : semantic;
    const own = all.filter(({ start = 0 }) => start <= end);
    const usesAny = own.some(({ code }) => code === IMPLICIT_ANY_USED);
    const found = own.filter(({ code }) => usesAny || code !== IMPLICIT_ANY_DECLARED);
    return { program, found };
  }

  /** What to do about the first error for which that is known. */
  private advise(
    { cell }: CellProgram,
    diagnostics: readonly TypeScript.Diagnostic[],
    cellId: string | undefined,
  ): string | undefined {
    const { ts, folder } = this;
    const lines = cell.text.split('\n');
    const isSyntax = hasSyntaxErrors(cell);
    for (const { code, start = 0, length = 0 } of diagnostics.slice(0, MAX_ADVISED)) {
      const word = cell.text.slice(start, start + length);
      const isUnknownName = UNKNOWN_NAME.has(code);
      const found = isUnknownName && findDeclaringCell(ts, word, { folder, cellId });
      if (found) {
        return `${word} is declared in the cell ${found}, which has not run since the kernel started: run it first`;
      }
      const line = lines[cell.getLineAndCharacterOfPosition(start).line] ?? '';
      const isModule = code === CANNOT_FIND_MODULE;
      const unknown = isUnknownName ? 'name' : isModule ? 'module' : undefined;
      const advice = findAdvice({ line, word, unknown, isSyntax });
      if (advice) return advice;
    }
    return undefined;
  }

  /** Gives declarations of modules that do not exist yet to all cells; the cell's text without them, if it has one. */
  private moveModulesOut(
    { cell }: CellProgram,
    diagnostics: readonly TypeScript.Diagnostic[],
    source: string,
  ): string | undefined {
    const { ts } = this;
    const isRefused = (node: TypeScript.Node) =>
      diagnostics.some(
        ({ code, start = 0 }) =>
          NOTHING_TO_AUGMENT.has(code) && start >= node.getStart(cell) && start < node.end,
      );
    const refused = cell.statements.filter(
      (node): node is TypeScript.ModuleDeclaration =>
        ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name) && isRefused(node),
    );
    if (refused.length === 0) return undefined;
    let text = cell.text.slice(0, cell.text.indexOf('\n') + 1) + source;
    for (const statement of refused) {
      const start = statement.getStart(cell);
      const declaration = text.slice(start, statement.end);
      this.modules.set(statement.name.text, declaration);
      text = text.slice(0, start) + blank(declaration) + text.slice(statement.end);
    }
    this.declareAmbient();
    return text.split('\n').slice(LINES_BEFORE).join('\n');
  }

  /** Gives a cell what its first lines refer to. */
  private takeReferences(file: TypeScript.SourceFile): void {
    const { size } = this.references;
    for (const [kind, references] of [
      ['lib', file.libReferenceDirectives],
      ['types', file.typeReferenceDirectives],
      ['path', file.referencedFiles],
    ] as const) {
      for (const { fileName } of references) {
        this.references.add(`/// <reference ${kind}="${fileName}" />`);
      }
    }
    if (this.references.size > size) this.declareAmbient();
  }

  private declareAmbient(): void {
    const [references, modules] = [this.references, this.modules.values()].map((lines) =>
      [...lines].join('\n'),
    );
    this.tslab.declareAmbient({ references: references!, modules: modules! });
  }

  private emit({ builder, cell }: CellProgram) {
    let code = '';
    let sourceMap = '';
    let declarations = '';
    let shape: CellShape = {
      imports: [],
      variables: [],
      constants: [],
      uncaptured: [],
      runtimeName: '',
    };
    const program = builder.getProgram();
    const transformer = rewriteCell(this.ts, {
      checker: program.getTypeChecker(),
      cell,
      onShape: (found) => {
        shape = found;
      },
      isDeclared: (name) => this.declarations.has(name),
    });
    const write = (name: string, text: string) => {
      if (name.endsWith('.js')) code = text.replace(SOURCE_MAP_COMMENT, '\n');
      else if (name.endsWith('.map')) sourceMap = text;
      else declarations = text;
    };
    program.emit(cell, write, undefined, false, { after: [transformer] });
    if (declarations === '') {
      // A class with private members, say, cannot be exported as it is: that is no error of a cell.
      const { emit } = program as { emit: EmitDeclarations };
      emit(cell, write, undefined, true, undefined, true);
    }
    declarations += this.declareNested(cell, program.getTypeChecker());
    return { code, sourceMap, shape, declarations };
  }

  /** Declarations of each `var` in a block or loop, for which the compiler writes none. */
  private declareNested(cell: TypeScript.SourceFile, checker: TypeScript.TypeChecker): string {
    const { ts } = this;
    const found = cell.statements.flatMap((statement) => nestedVariables(ts, statement));
    const types = new Map(
      found.map((name) => {
        const type = checker.getTypeAtLocation(name);
        return [name.text, checker.typeToString(type, cell, ts.TypeFormatFlags.NoTruncation)];
      }),
    );
    return [...types].map(([name, type]) => `\ndeclare var ${name}: ${type};`).join('');
  }
}
