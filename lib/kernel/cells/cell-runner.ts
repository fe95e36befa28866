/** Runs a compiled cell in this process. */
import { Script } from 'node:vm';
import { SHARED } from '../io/thread-protocol';
import { type Cell, cellContext, InterruptedError } from './cell';
import type { CompiledCell } from './compiler';
import { CELL_VARIABLE } from './rewrite-cell';
import { CellScope, type Scope } from './scope';

/** What a cell's code gets as `__cell`. */
interface CellRuntime {
  /** Called by each loop in a cell; throws once the cell is to stop. */
  check(): void;
  readonly variables: CellScope['bindVariables'];
}

type CellFunction = (
  exports: object,
  require: NodeJS.Require,
  runtime: CellRuntime,
  fileName: string,
  folder: string,
) => Promise<void>;

export interface CellRunnerOptions {
  readonly scope: Scope;
  readonly shared: Int32Array;
  readonly require: NodeJS.Require;
  /** The folder that cells belong to. */
  readonly folder: string;
}

const ENTRY = Symbol.for('breakout-dqn.kernel.cell');

export class CellRunner {
  private readonly options: CellRunnerOptions;
  /** Number of the last interrupt that a loop has obeyed. */
  obeyedInterrupt = 0;
  private cutOffCells = 0;

  constructor(options: CellRunnerOptions) {
    this.options = options;
  }

  /** Starts a cell; the promise settles when its code has ended. */
  start(cell: Cell, compiled: CompiledCell): { scope: CellScope; done: Promise<void> } {
    const { exported } = compiled.names;
    const scope = new CellScope({
      scope: this.options.scope,
      exported,
      resultName: compiled.resultName,
    });
    const done = cellContext.run(cell, async () => this.call(compiled, scope));
    return { scope, done };
  }

  /** From now on the loops of a cut-off cell throw. */
  stopLoops(): void {
    this.cutOffCells += 1;
  }

  private call(compiled: CompiledCell, scope: CellScope): Promise<void> {
    const { shared, require, folder } = this.options;
    const runtime: CellRuntime = {
      check: () => {
        if (this.cutOffCells > 0 || Atomics.load(shared, SHARED.interrupt) > 0) this.obey();
      },
      variables: (variables) => scope.bindVariables(variables),
    };
    const script = new Script(wrap(compiled), { filename: compiled.label, lineOffset: -1 });
    const entry = (run: CellFunction) =>
      run(scope.exports, require, runtime, compiled.label, folder);
    const globals = globalThis as unknown as Record<symbol, unknown>;
    globals[ENTRY] = entry;
    Atomics.store(shared, SHARED.breakable, 1);
    try {
      return script.runInThisContext({ breakOnSigint: true, displayErrors: false });
    } catch (error) {
      if (!isSigint(error)) throw error;
      this.obeyedInterrupt = Atomics.load(shared, SHARED.interrupt);
      throw new InterruptedError();
    } finally {
      Atomics.store(shared, SHARED.breakable, 0);
      delete globals[ENTRY];
    }
  }

  private obey(): void {
    const sequence = Atomics.load(this.options.shared, SHARED.interrupt);
    if (sequence > 0) this.obeyedInterrupt = sequence;
    else if (!cellContext.getStore()?.cutOff) return;
    throw new InterruptedError();
  }
}

/** The first line is ours; `lineOffset` hides it, so lines are those of the compiled cell. */
function wrap({ code, names }: CompiledCell): string {
  const variables = names.variables
    .map((name) => `${name}: [() => ${name}, (value) => { ${name} = value; }]`)
    .join(', ');
  const parameters = `exports, require, ${CELL_VARIABLE}, __filename, __dirname`;
  return (
    `globalThis[Symbol.for(${JSON.stringify(ENTRY.description)})](async (${parameters}) => { ` +
    `'use strict'; ${CELL_VARIABLE}.variables({ ${variables} });\n${code}\n});`
  );
}

function isSigint(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
}
