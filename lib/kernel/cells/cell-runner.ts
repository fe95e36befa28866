/** Runs a compiled cell in this process. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { breakIfCutOff } from '../break-cell';
import { type Cell, cellContext, InterruptedError } from './cell';
import type { CompiledCell } from './compiler';
import { isArithmetic } from './fast-loops';
import { type CellModules, readExport } from './modules';
import { CellScope, Scope } from './scope';

/** The object by which a cell's code calls the kernel. */
interface CellRuntime {
  /** Set by the cell: the value of the expression on the last line. */
  result: unknown;
  /** Reads an import: the number of its statement, the export's name. */
  readonly read: (statement: number, name: string) => unknown;
  readonly variables: CellScope['bindVariables'];
  /** The check that code makes before a loop on copies. */
  readonly isArithmetic: typeof isArithmetic;
  /** `import.meta`. */
  readonly meta: object;
  /** Names that are not on the global object. */
  readonly hidden: object;
}

type CellFunction = (
  runtime: CellRuntime,
  require: NodeJS.Require,
  module: { exports: object },
  exports: object,
  fileName: string,
  folder: string,
) => Promise<void>;

/** A cell that has been started. */
export interface StartedCell {
  readonly scope: CellScope;
  /** Resolves with the value of the cell's last line, which may be a promise itself. */
  readonly done: Promise<{ readonly result: unknown }>;
}

export interface CellRunnerOptions {
  readonly modules: CellModules;
  /** The folder that cells belong to. */
  readonly folder: string;
}

/** Of such comments the last counts, and one with a space in its name is none: a cell keeps its own. */
const NO_OTHER_NAME = '//# sourceURL=no name';
const ENTRY = Symbol.for('breakout-dqn.kernel.cell');

export class CellRunner {
  private readonly options: CellRunnerOptions;
  private readonly scope: Scope;
  private listeners: NodeJS.SignalsListener[] = [];

  constructor(options: CellRunnerOptions) {
    this.options = options;
    this.scope = new Scope(breakIfCutOff);
  }

  /** From now on code of cut-off cells ends where it uses a variable of another cell. */
  stopCutOff(): void {
    this.scope.watch();
  }

  /**
   * Starts a cell in a turn of the event loop of its own: an Interrupt takes away all that is on the
   * stack, and that must be the cell's code only.
   */
  start(cell: Cell, compiled: CompiledCell): StartedCell {
    const { constants, uncaptured } = compiled;
    const scope = new CellScope(this.scope, { label: cell.label, constants, uncaptured });
    const imported = compiled.imports.flatMap(({ names }) => names.map(({ local }) => local));
    scope.expect([...compiled.variables, ...imported]);
    this.restoreSignals();
    const done = runInTurn(cell, () => this.call(compiled, scope));
    return { scope, done };
  }

  /** A script that is broken by other means than SIGINT loses the listeners that Node puts aside for it. */
  restoreSignals(): void {
    const present = process.listeners('SIGINT');
    for (const listener of this.listeners) {
      if (!present.includes(listener)) process.on('SIGINT', listener);
    }
  }

  private async call(compiled: CompiledCell, scope: CellScope): Promise<CellRuntime> {
    const { modules, folder } = this.options;
    const loaded: unknown[] = [];
    modules.refresh();
    const anew = modules.refreshImported();
    if (anew) await anew;
    for (const { specifier } of compiled.imports) {
      const module = modules.load(specifier);
      loaded.push(module instanceof Promise ? await module : module);
    }
    modules.note();
    for (const [index, { specifier, names }] of compiled.imports.entries()) {
      const exportsOfNow = modules.follow(specifier, loaded[index]);
      for (const { local, imported } of names) {
        scope.bindImport(local, () => readExport(exportsOfNow(), imported));
      }
    }
    const file = path.join(folder, 'notebook.ts');
    const url = pathToFileURL(file).href;
    const runtime: CellRuntime = {
      result: undefined,
      read: (statement, name) => readExport(loaded[statement], name),
      variables: (variables) => scope.bindVariables(variables),
      isArithmetic,
      meta: {
        url,
        filename: file,
        dirname: folder,
        resolve: (name: string) => resolve(modules, name),
      },
      hidden: this.scope.hidden,
    };
    const module = { exports: {} };
    await this.enter(compiled, (run) =>
      run(runtime, modules.require, module, module.exports, file, folder),
    );
    return runtime;
  }

  /**
   * The code calls `entry` by itself, as a script: only a script can be broken by SIGINT, and it
   * must be running then. A function that a script has returned could not.
   */
  private enter(
    compiled: CompiledCell,
    entry: (run: CellFunction) => Promise<void>,
  ): Promise<void> {
    const script = new Script(this.wrap(compiled), {
      filename: compiled.label,
      lineOffset: -1,
      importModuleDynamically: (specifier) => this.options.modules.importDynamically(specifier),
    });
    const globals = globalThis as unknown as Record<symbol, unknown>;
    globals[ENTRY] = removedWhenCalled(globals, entry);
    this.listeners = process.listeners('SIGINT');
    try {
      return script.runInThisContext({ breakOnSigint: true, displayErrors: false });
    } catch (error) {
      const { code } = (error ?? {}) as { code?: unknown };
      throw code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' ? new InterruptedError() : error;
    } finally {
      delete globals[ENTRY];
      this.listeners = [];
    }
  }

  /**
   * The first line is ours; `lineOffset` hides it, so lines are those of the compiled cell. The code
   * is a block inside of the function: so it can declare names that are parameters here.
   */
  private wrap({ code, imports, variables, runtimeName: runtime }: CompiledCell): string {
    const constants = imports.flatMap(({ names }, index) =>
      names
        .filter(({ isLive }) => !isLive)
        .map(
          ({ local, imported }) =>
            `const ${local} = ${runtime}.read(${index}, ${JSON.stringify(imported)});`,
        ),
    );
    const own = variables
      .map((name) => `["${name}"]: [() => ${name}, (value) => { ${name} = value; }]`)
      .join(', ');
    const scope = this.scope.needsHidden(code) ? `with (${runtime}.hidden) ` : '';
    const parameters = 'require, module, exports, __filename, __dirname';
    return (
      `globalThis[Symbol.for(${JSON.stringify(ENTRY.description)})]((${runtime}, ${parameters}) => { ` +
      `${scope}return (async function () { 'use strict'; { ${runtime}.variables({ ${own} }); ` +
      `${constants.join(' ')}\n${code}\n} })(); });\n${NO_OTHER_NAME}`
    );
  }
}

/** The cell's code shall not see it. (Made here: the script keeps what functions beside its own callback use.) */
function removedWhenCalled(
  globals: Record<symbol, unknown>,
  entry: (run: CellFunction) => Promise<void>,
): typeof entry {
  return (run) => {
    delete globals[ENTRY];
    return entry(run);
  };
}

function resolve(modules: CellModules, specifier: string): string {
  return pathToFileURL(modules.resolve(specifier)).href;
}

/** Runs code of a cell in a turn of the event loop of its own, with nothing of ours below it. */
export function runInTurn<Value>(cell: Cell, code: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    setImmediate(() => cellContext.run(cell, code).then(resolve, reject));
  });
}
