/** Executes cells one after the other: the queue, what fails a cell, and what a failure stops. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Cell, cellContext, InterruptedError, isCodeOf } from './cells/cell';
import { type CellRunner, runInTurn } from './cells/cell-runner';
import type { CellCompiler, CompiledCell } from './cells/compiler';
import { describeValue } from './cells/display-value';
import type { CellScope } from './cells/scope';
import type { StackTraces } from './cells/stack-trace';
import { describeError, type ErrorContent } from './cells/traceback';
import type { MimeBundle } from './host';
import type { IoChannel } from './io/io-channel';
import type { JsonObject } from './io/message';
import { interruptChildren } from './io/process-group';
import { type Request, SHARED } from './io/thread-protocol';
import type { Outputs } from './outputs';
import { hasChildren } from './process-state';
import { refuse, textOf } from './requests/content';
import type { History } from './requests/history';
import { help } from './requests/language';

/** After a failure, execute requests that arrive within this time are refused too, in ms. */
const ABORT_WINDOW = 50;

export interface ExecutionOptions {
  readonly root: string;
  readonly io: IoChannel;
  readonly shared: Int32Array;
  readonly compiler: CellCompiler;
  readonly runner: CellRunner;
  readonly outputs: Outputs;
  readonly stackTraces: StackTraces;
  readonly history: History;
}

/** A cell that runs, and how to end it from outside. */
interface Running {
  readonly cell: Cell;
  readonly cutOff: (error: unknown) => void;
}

export class Execution {
  private readonly options: ExecutionOptions;
  private readonly queue: Request[] = [];
  private running: Running | undefined;
  private busy = false;
  private started = false;
  private count = 0;
  /** Cells whose late errors have failed another cell. */
  private readonly blamed = new WeakSet<Cell>();
  /** An error that came while no cell ran. */
  private late: { readonly error: unknown } | undefined;

  constructor(options: ExecutionOptions) {
    this.options = options;
  }

  get runningCell(): Cell | undefined {
    return this.running?.cell;
  }

  /** Whether a cell was ever asked for. */
  get hasStarted(): boolean {
    return this.started;
  }

  /** Queues an execute request. */
  add(request: Request): void {
    this.started = true;
    this.queue.push(request);
    if (!this.busy) void this.work();
  }

  /**
   * Interrupt: the running cell is left to end by itself if it took the signal and gets it for the first
   * time; otherwise it is cut off.
   */
  interrupt(): void {
    const { running } = this;
    this.options.runner.restoreSignals();
    if (!running) return;
    const { cell, cutOff } = running;
    const tell = cell.soft && !cell.abort.signal.aborted;
    cell.abort.abort(new InterruptedError());
    if (!tell) cutOff(new InterruptedError());
  }

  /**
   * An error that no code has caught: an unhandled rejection, an exception in a timer. It fails the
   * running cell; without one it is shown under the latest cell and fails the next. A cell that is over
   * fails another one only once: what its interval goes on throwing is shown, so that it can be cleared.
   */
  failLate(error: unknown): void {
    const origin = cellContext.getStore();
    if (error instanceof InterruptedError) return;
    if (origin?.cutOff && isCodeOf(origin, String((error as { stack?: unknown } | null)?.stack)))
      return;
    const isOver = origin !== undefined && origin !== this.running?.cell;
    const hasFailedAnother = isOver && this.blamed.has(origin);
    if (isOver) this.blamed.add(origin);
    if (this.running && !hasFailedAnother) {
      this.running.cutOff(error);
      return;
    }
    const { traceback } = this.describe(error);
    this.options.outputs.write('stderr', `${traceback.join('\n')}\n`);
    if (!hasFailedAnother) this.late ??= { error };
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      const { header: parent } = request;
      this.options.io.publish('status', { parent, content: { execution_state: 'busy' } });
      try {
        await this.execute(request);
      } catch (error) {
        refuse(this.options.io, request, error);
      } finally {
        this.options.io.publish('status', { parent, content: { execution_state: 'idle' } });
      }
    }
    this.busy = false;
  }

  private async execute(request: Request): Promise<void> {
    const { io, outputs, history, shared } = this.options;
    const { content, header: parent } = request;
    const source = textOf(content, 'code', '');
    const silent = content.silent === true;
    const stored = !silent && content.store_history !== false;
    const { cellId } = request.metadata;
    const id = typeof cellId === 'string' ? cellId : undefined;
    const cell = new Cell({ cellId: id, parent, count: this.count + 1, source, silent });
    if (stored) {
      this.count += 1;
      history.add(cell.count, source);
    }
    if (!silent) {
      io.publish('execute_input', {
        parent,
        content: { code: source, execution_count: cell.count },
      });
    }
    outputs.begin(cell);
    io.beginCell(parent);
    Atomics.store(shared, SHARED.soft, 0);
    const execution_count = cell.count;
    try {
      const page = help(this.options.compiler, source);
      const bundle = page ? undefined : await this.run(cell);
      if (bundle && !silent) {
        if (stored) history.setOutput(cell.count, String(bundle['text/plain']));
        const result = { data: bundle, metadata: {}, execution_count };
        io.publish('execute_result', { parent, content: result });
      }
      const user_expressions = await this.evaluate(cell, content.user_expressions);
      const reply = {
        status: 'ok',
        execution_count,
        user_expressions,
        payload: page ? [page] : [],
      };
      io.reply(request, 'execute_reply', reply);
    } catch (error) {
      const described = await this.describeApart(cell, error);
      io.publish('error', { parent, content: { ...described } });
      if (content.stop_on_error !== false) await this.abortQueue();
      io.reply(request, 'execute_reply', { status: 'error', execution_count, ...described });
    }
  }

  /** Compiles and runs a cell; resolves with its value's bundle. */
  private async run(cell: Cell): Promise<MimeBundle | undefined> {
    const { compiler, runner, stackTraces } = this.options;
    const { late } = this;
    if (late) {
      this.late = undefined;
      throw late.error;
    }
    let compiled: CompiledCell | undefined;
    let scope: CellScope | undefined;
    const cutOff = this.begin(cell);
    try {
      compiled = compiler.compile(cell);
      await Promise.race([setImmediate(), cutOff]); // an Interrupt that came meanwhile
      stackTraces.addCell(compiled.source);
      const started = runner.start(cell, compiled);
      scope = started.scope;
      const { result } = await Promise.race([started.done, cutOff]);
      await Promise.race([Promise.allSettled(cell.showing), cutOff]);
      // Node reports unhandled rejections after all promises are done with, and before this.
      await Promise.race([setImmediate(), cutOff]);
      const value = this.options.outputs.isWork(result) ? undefined : result;
      return await Promise.race([runInTurn(cell, () => describeValue(value)), cutOff]);
    } catch (error) {
      const isBroken = Atomics.load(this.options.shared, SHARED.breaking) === 1;
      throw isBroken ? new InterruptedError() : error; // such as the end of a child that got a SIGINT
    } finally {
      this.running = undefined;
      if (compiled && scope) compiler.declare(compiled, scope.close({ detach: cell.cutOff }));
    }
  }

  /** The promise rejects when the cell is cut off. */
  private begin(cell: Cell): Promise<never> {
    const { runner, io } = this.options;
    const ended = new Promise<never>((_resolve, reject) => {
      const cutOff = (error: unknown) => {
        cell.cutOff = true;
        runner.stopCutOff();
        io.send({ kind: 'cut-off' });
        if (error instanceof InterruptedError && hasChildren()) interruptChildren();
        reject(error);
      };
      this.running = { cell, cutOff };
    });
    ended.catch(() => {}); // a cell that ends by itself leaves nobody waiting here
    return ended;
  }

  /** The values of a request's user_expressions. */
  private async evaluate(cell: Cell, expressions: unknown): Promise<JsonObject> {
    const values: Record<string, unknown> = {};
    // A text would have one entry for each character.
    const given = typeof expressions === 'object' ? (expressions ?? {}) : {};
    for (const [name, source] of Object.entries(given)) {
      const { parent, count, cellId } = cell;
      try {
        const part = new Cell({
          cellId,
          parent,
          count,
          source: `(${String(source)})`,
          silent: true,
        });
        const data = (await this.run(part)) ?? { 'text/plain': 'undefined' };
        values[name] = { status: 'ok', data, metadata: {} };
      } catch (error) {
        values[name] = { status: 'error', ...(await this.describeApart(cell, error)) };
      }
    }
    return values;
  }

  /** Refuses all that waits and what is still on its way. */
  private async abortQueue(): Promise<void> {
    await setTimeout(ABORT_WINDOW);
    const { io } = this.options;
    for (const request of this.queue.splice(0)) {
      const { header: parent } = request;
      io.publish('status', { parent, content: { execution_state: 'busy' } });
      // with a count JupyterLab would number the cell as one that ran
      io.reply(request, 'execute_reply', { status: 'aborted' });
      io.publish('status', { parent, content: { execution_state: 'idle' } });
    }
  }

  /** In a turn of its own, which an Interrupt may break: an error's getters are code of a cell. */
  private async describeApart(cell: Cell, error: unknown): Promise<ErrorContent> {
    const cutOff = this.begin(cell);
    try {
      return await Promise.race([setImmediate().then(() => this.describe(error)), cutOff]);
    } catch {
      return this.describe(new InterruptedError());
    } finally {
      this.running = undefined;
    }
  }

  private describe(error: unknown): ErrorContent {
    return describeError(error, this.options);
  }
}
