/** From a cell's TypeScript to JavaScript that can run, by tslab's converter. */
import path from 'node:path';
import type * as TypeScript from '@tslab/typescript-for-tslab';
import type { Converter, Diagnostic } from 'tslab/dist/converter';
import { CellCompileError, type CellDiagnostic } from './diagnostics';
import type { FileWatch } from './file-watch';
import { LibraryCheck } from './library-check';
import {
  blankExports,
  collectDeclaredNames,
  type DeclaredNames,
  findReservedNames,
  rewriteCell,
} from './rewrite-cell';
import { CellSource, type Position } from './source-map';
import { CELL_FILE, createTslabConverter, type Ts } from './tslab';

export interface CompiledCell {
  readonly label: string;
  /** CommonJS; may contain top-level `await`. Empty for a cell of types only. */
  readonly code: string;
  readonly source: CellSource;
  readonly names: DeclaredNames;
  /** The export that holds the value of an expression on the cell's last line. */
  readonly resultName: string | undefined;
  /** What is declared once this cell has run. */
  readonly declarations: string;
}

export class CellCompiler {
  readonly ts: Ts;
  readonly converter: Converter;
  private readonly files: FileWatch;
  private readonly libraryCheck: LibraryCheck;
  private readonly cellFile: string;
  private builder: TypeScript.BuilderProgram | undefined;
  private emitMap = '';
  private transpileMap = '';
  private names: DeclaredNames = { variables: [], exported: [] };
  /** A module was not found the last time. */
  private missesModule = false;
  /** Declarations of all cells so far, as the text of a .d.ts file. */
  private declarations = '';

  constructor(options: { readonly root: string; readonly folder: string }) {
    const { ts, converter, files } = createTslabConverter({
      ...options,
      createHooks: (compiler) => ({
        onProgram: (builder) => {
          this.builder = builder;
        },
        onEmit: (sourceMap) => {
          this.emitMap = sourceMap;
        },
        onTranspile: (sourceMap) => {
          this.transpileMap = sourceMap;
        },
        transform: (context) => (file) => {
          this.names = collectDeclaredNames(compiler, file);
          return rewriteCell(compiler, file, context);
        },
      }),
    });
    this.ts = ts;
    this.converter = converter;
    this.files = files;
    this.libraryCheck = new LibraryCheck(ts, options.root);
    this.cellFile = path.join(options.folder, CELL_FILE);
  }

  /**
   * Checks and compiles a cell after all cells given to `declare` so far.
   * @throws CellCompileError when the cell or what it imports has type or syntax errors.
   */
  compile(label: string, source: string): CompiledCell {
    this.files.reportFiles();
    if (this.missesModule) this.files.reportFolders();
    this.refuseReservedNames(label, source);
    const converted = this.converter.convert(this.declarations, blankExports(this.ts, source));
    this.missesModule = converted.diagnostics.some(({ code }) => code === CANNOT_FIND_MODULE);
    const lines = source.split('\n');
    const errors = mergeChains(converted.diagnostics, lines);
    if (errors.length > 0) throw new CellCompileError(label, errors);
    const cell = this.builder?.getSourceFile(this.cellFile);
    if (!this.builder || !cell) throw new Error(`tslab's program has no ${this.cellFile}`);
    const libraryErrors = this.libraryCheck.check(this.builder, cell);
    if (libraryErrors.length > 0) throw new CellCompileError(label, libraryErrors);
    return {
      label,
      code: converted.output ?? '',
      source: new CellSource({ label, source, sourceMaps: [this.emitMap, this.transpileMap] }),
      names: this.names,
      resultName: this.endsWithAssignment(cell) ? undefined : converted.lastExpressionVar,
      declarations: converted.declOutput ?? '',
    };
  }

  /** Makes what a cell declares known to later cells. */
  declare(cell: CompiledCell): void {
    this.declarations = cell.declarations;
  }

  /** Reads and checks what `source` imports, so that cells which import it wait less. */
  warmUp(source: string): void {
    try {
      this.compile('warm-up', source);
    } catch (error) {
      if (!(error instanceof CellCompileError)) throw error; // else the importing cell shows it
    }
  }

  complete(source: string, offset: number): ReturnType<Converter['complete']> {
    return this.converter.complete(this.declarations, source, offset);
  }

  inspect(source: string, offset: number): ReturnType<Converter['inspect']> | undefined {
    return this.converter.inspect(this.declarations, source, offset);
  }

  close(): void {
    this.converter.close();
  }

  private refuseReservedNames(label: string, source: string): void {
    const errors = findReservedNames(this.ts, source).map(({ name, ...position }) => ({
      message: `cells cannot declare '${name}', a name of the kernel's own: choose another one`,
      code: RESERVED_NAME,
      position,
      lines: source.split('\n'),
    }));
    if (errors.length > 0) throw new CellCompileError(label, errors);
  }

  /** `x = 5` on the last line is a statement to its reader, not a question for its value. */
  private endsWithAssignment(cell: TypeScript.SourceFile): boolean {
    const { ts } = this;
    const last = cell.statements.filter((statement) => !ts.isExportDeclaration(statement)).at(-1);
    if (!last || !ts.isExpressionStatement(last)) return false;
    let { expression } = last;
    // An object pattern as target needs parentheses around the whole.
    while (ts.isParenthesizedExpression(expression)) expression = expression.expression;
    if (!ts.isBinaryExpression(expression)) return false;
    const operator = expression.operatorToken.kind;
    return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
  }
}

/** The compiler's number for an import of a module that does not exist. */
const CANNOT_FIND_MODULE = 2307;
/** The compiler's number for a name that a module's top level cannot have. */
const RESERVED_NAME = 2441;
/** Compiler error numbers below this one are syntax errors. */
const FIRST_TYPE_ERROR = 2000;

/** tslab makes a diagnostic of each link in a chain of messages: joins those again. */
function mergeChains(
  diagnostics: readonly Diagnostic[],
  lines: readonly string[],
): CellDiagnostic[] {
  const merged: CellDiagnostic[] = [];
  let previous: Diagnostic | undefined;
  for (const diagnostic of diagnostics) {
    const last = merged.at(-1);
    if (last && previous && isNextLink(previous, diagnostic)) {
      const message = `${last.message}\n  ${diagnostic.messageText}`;
      merged[merged.length - 1] = { ...last, message };
    } else {
      merged.push({
        message: diagnostic.messageText,
        code: diagnostic.code,
        position: clampPosition(diagnostic, lines),
        lines,
      });
    }
    previous = diagnostic;
  }
  // What the types of code with a syntax error are is guesswork.
  const syntax = merged.filter(({ code }) => code < FIRST_TYPE_ERROR);
  return syntax.length > 0 ? syntax : merged;
}

/** An error at the end of a cell is found in the line that tslab adds there. */
function clampPosition({ start }: Diagnostic, lines: readonly string[]): Position {
  if (start.line < lines.length) return { line: start.line + 1, column: start.character + 1 };
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

/** Only a link in a chain comes without the property `fileName`. */
function isNextLink(previous: Diagnostic, next: Diagnostic): boolean {
  const isLink = (diagnostic: Diagnostic) => !('fileName' in diagnostic);
  return isLink(previous) && isLink(next) && previous.start.offset === next.start.offset;
}
