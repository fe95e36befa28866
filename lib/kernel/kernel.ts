/** Handles the requests that need the main thread, and offers the kernel to code in cells. */

import { installBreaker, noteSeen } from './break-cell';
import { CellRunner } from './cells/cell-runner';
import type { CellCompiler } from './cells/compiler';
import { concealNotes } from './cells/conceal';
import { CellModules } from './cells/modules';
import { StackTraces } from './cells/stack-trace';
import { Comms } from './comms';
import { Execution } from './execution';
import type { KernelHost } from './host';
import type { IoChannel } from './io/io-channel';
import type { JsonObject } from './io/message';
import { type Request, SHARED, type ToMain } from './io/thread-protocol';
import { Outputs } from './outputs';
import { refuse, textOf } from './requests/content';
import { History } from './requests/history';
import { isComplete } from './requests/is-complete';
import { complete, inspect } from './requests/language';
import { provideTslabDisplay } from './tslab-display';

export interface KernelOptions {
  readonly root: string;
  /** The folder that cells belong to. */
  readonly folder: string;
  readonly io: IoChannel;
  readonly shared: Int32Array;
  readonly compiler: CellCompiler;
  /** Called when the kernel is asked to end. */
  readonly onShutdown: () => void;
}

export class Kernel {
  readonly outputs: Outputs;
  readonly execution: Execution;
  readonly host: KernelHost;
  private readonly options: KernelOptions;
  private readonly comms: Comms;
  private readonly history = new History();

  constructor(options: KernelOptions) {
    this.options = options;
    const { root, folder, io, shared, compiler } = options;
    const outputs = new Outputs(io);
    const stackTraces = new StackTraces();
    stackTraces.install();
    const modules = new CellModules({ root, folder });
    const runner = new CellRunner({ modules, folder });
    installBreaker();
    concealNotes();
    provideTslabDisplay(root, outputs);
    const { history } = this;
    this.outputs = outputs;
    this.execution = new Execution({
      root,
      io,
      shared,
      compiler,
      runner,
      outputs,
      stackTraces,
      history,
    });
    this.comms = new Comms({
      io,
      parent: () => outputs.parent,
      onError: (error) => this.execution.failLate(error),
    });
    this.host = this.createHost();
  }

  /** Handles what the I/O thread sends. */
  handle(message: ToMain): void {
    switch (message.kind) {
      case 'request':
        this.handleRequest(message.request);
        break;
      case 'interrupt':
        noteSeen(message.sequence);
        this.options.io.send({ kind: 'interrupt-seen', sequence: message.sequence });
        this.execution.interrupt();
        break;
      default:
        this.options.onShutdown();
    }
  }

  private handleRequest(request: Request): void {
    const { io } = this.options;
    const { header } = request;
    if (header.msg_type === 'execute_request') {
      this.execution.add(request);
      return;
    }
    io.publish('status', { parent: header, content: { execution_state: 'busy' } });
    try {
      const content = this.answer(request);
      const msgType = header.msg_type.replace(/_request$/, '_reply');
      if (content) io.reply(request, msgType, content);
    } catch (error) {
      refuse(io, request, error);
    } finally {
      io.publish('status', { parent: header, content: { execution_state: 'idle' } });
      // That was this request's end; the kernel as a whole is busy while a cell runs.
      const cell = this.execution.runningCell;
      if (cell) {
        io.publish('status', { parent: cell.parent, content: { execution_state: 'busy' } });
      }
    }
  }

  /** The reply's content; undefined for messages that have none. */
  private answer(request: Request): JsonObject | undefined {
    const { compiler } = this.options;
    const { content, header } = request;
    switch (header.msg_type) {
      case 'complete_request':
        return complete(compiler, content);
      case 'inspect_request':
        return inspect(compiler, content);
      case 'is_complete_request':
        return isComplete(compiler.ts, textOf(content, 'code', ''));
      case 'history_request':
        return this.history.reply(content);
      case 'comm_info_request':
        return this.comms.info(content.target_name);
      case 'comm_open':
      case 'comm_msg':
      case 'comm_close':
        this.comms.handle(request);
        return undefined;
      default:
        if (!header.msg_type.endsWith('_request')) return undefined;
        return {
          status: 'error',
          ename: 'NotImplementedError',
          evalue: `this kernel does not answer ${header.msg_type}`,
          traceback: [],
        };
    }
  }

  private createHost(): KernelHost {
    const { outputs, comms, execution } = this;
    const { root, shared } = this.options;
    return {
      root,
      display: (bundle, displayOptions) => outputs.display(bundle, displayOptions),
      clearOutput: (wait = false) => outputs.clear(wait),
      interruptSignal: () => {
        const cell = outputs.owner;
        if (!cell) throw new Error('interruptSignal() needs a cell: call it from one');
        cell.soft = true;
        if (cell === execution.runningCell) Atomics.store(shared, SHARED.soft, 1);
        return cell.abort.signal;
      },
      finish: (work) => outputs.finish(work),
      openComm: (target, data) => comms.open(target, data),
      onCommOpen: (target, handler) => comms.onOpen(target, handler),
    };
  }
}
