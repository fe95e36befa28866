/** Type-checks the project's own files that a cell imports, once per state of these files. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CheckCache } from './check-cache';
import type { CellDiagnostic } from './diagnostics';
import { isPackageFile } from './packages';
import { CELL_FILE } from './tslab';
import type { Ts, TypeScript } from './typescript';

type Version = string | undefined;

/** `version` is the compiler's digest of a file's text. */
function versionOf(file: TypeScript.SourceFile): Version {
  return (file as { readonly version?: string }).version;
}

export class LibraryCheck {
  private readonly ts: Ts;
  private readonly root: string;
  private readonly cache: CheckCache;
  /** What was checked: file name -> version and errors. */
  private readonly checked = new Map<string, { version: Version; errors: CellDiagnostic[] }>();

  constructor(ts: Ts, root: string) {
    this.ts = ts;
    this.root = root;
    const packages = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
    this.cache = new CheckCache({
      folder: path.join(root, '.cache', 'kernel'),
      context: `TypeScript ${ts.version}\n${packages}`,
    });
  }

  /** The errors in what the cell of this program imports, directly or not. */
  check(builder: TypeScript.BuilderProgram, cell: TypeScript.SourceFile): CellDiagnostic[] {
    const files = builder
      .getAllDependencies(cell)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .filter((name) => !name.endsWith(`/${CELL_FILE}`) && !isPackageFile(name))
      .map((name) => builder.getSourceFile(name)!);
    const hasChanged = (file: TypeScript.SourceFile) => {
      const before = this.checked.get(file.fileName);
      return before !== undefined && before.version !== versionOf(file);
    };
    // A change in one file may make others wrong.
    if (files.some(hasChanged)) this.checked.clear();
    const state = files.map((file) => `${file.fileName}:${versionOf(file)}`);
    const isNew = files.some((file) => !this.checked.has(file.fileName));
    if (isNew && this.cache.has(state)) {
      for (const file of files) {
        this.checked.set(file.fileName, { version: versionOf(file), errors: [] });
      }
    }
    const found = this.checkNew(builder.getProgram(), files);
    if (isNew && found.length === 0) this.cache.add(state);
    return found;
  }

  private checkNew(
    program: TypeScript.Program,
    files: readonly TypeScript.SourceFile[],
  ): CellDiagnostic[] {
    return files.flatMap((file) => {
      const known = this.checked.get(file.fileName);
      if (known) return known.errors;
      const diagnostics = [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ];
      const errors = diagnostics.map((diagnostic) => this.describe(diagnostic, file));
      this.checked.set(file.fileName, { version: versionOf(file), errors });
      return errors;
    });
  }

  private describe(diagnostic: TypeScript.Diagnostic, file: TypeScript.SourceFile): CellDiagnostic {
    const start = file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return {
      message: this.ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
      code: diagnostic.code,
      position: { line: start.line + 1, column: start.character + 1 },
      file: path.relative(this.root, file.fileName),
      lines: file.text.split('\n'),
    };
  }
}
