/**
 * The thread that talks to Jupyter. It answers what needs no cell (kernel_info, interrupt,
 * shutdown, heartbeat), passes all other requests to the main thread and sends what comes back.
 */
import { randomUUID } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { Interrupter } from './interrupter';
import { sentLength } from './io-channel';
import { type JsonObject, type Message, type Parent, toJson } from './message';
import { killProcessGroup, watchParent } from './process-group';
import { KernelSockets } from './sockets';
import { StdioPipes } from './stdio-pipes';
import { StreamBatch } from './stream-batch';
import { type Channel, type IoThreadData, SHARED, type ToIo, type ToMain } from './thread-protocol';

const IDLE = toJson({ execution_state: 'idle' });

/** How long the main thread may take to end its work at shutdown, in ms; then it is killed. */
const SHUTDOWN_GRACE = 1500;

const STUCK =
  'Interrupt does not reach this cell: it is inside of native code, which only ends by itself. ' +
  'Kernel > Restart Kernel ends it and loses the variables.\n';

/** Runs the I/O thread until the main thread closes it. */
export async function runIoThread(data: IoThreadData, port: MessagePort): Promise<void> {
  const thread = new IoThread(data, port);
  port.on('message', (message: ToIo) => thread.handle(message));
  await thread.open();
}

class IoThread {
  private readonly data: IoThreadData;
  private readonly port: MessagePort;
  private readonly shared: Int32Array;
  private readonly sockets: KernelSockets;
  private readonly interrupter: Interrupter;
  private readonly stdio: StdioPipes;
  /** The request of the cell that runs or ran last. */
  private cell: Parent = {};
  /** JSON text of the latest status of cells. */
  private state = IDLE;
  private readonly streams = new StreamBatch({
    delay: 20,
    maxLength: 100_000,
    send: ({ name, parent, text }) => {
      this.publish('stream', parent, { name, text });
      this.makeRoom(text.length);
    },
  });

  constructor(data: IoThreadData, port: MessagePort) {
    this.data = data;
    this.port = port;
    this.shared = new Int32Array(data.shared);
    this.sockets = new KernelSockets(data.connection, randomUUID());
    this.interrupter = new Interrupter({
      shared: this.shared,
      notify: (message) => this.toMain(message),
      onStuck: () => this.publish('stream', this.cell, { name: 'stderr', text: STUCK }),
    });
    this.stdio = new StdioPipes((name, text) => {
      Atomics.add(this.shared, SHARED.backlog, text.length);
      this.streams.add({ kind: 'stream', name, parent: this.cell, text });
    });
  }

  async open(): Promise<void> {
    try {
      await this.sockets.open({
        onMessage: (channel, message) => this.receive(channel, message),
        onSubscriber: (topic) => this.welcome(topic),
      });
    } catch (error) {
      await this.sockets.close(); // ZeroMQ aborts the process over a socket that is left open
      this.toMain({ kind: 'failed', reason: String(error) });
      return;
    }
    this.publish('status', {}, { execution_state: 'starting' });
    watchParent(this.data.parentPid, () => this.shutDown());
  }

  /** Does what the main thread asks for. */
  handle(message: ToIo): void {
    switch (message.kind) {
      case 'stream':
        this.stdio.read(); // first what was printed in other ways
        this.streams.add(message);
        break;
      case 'interrupt-seen':
        this.interrupter.seen(message.sequence);
        break;
      case 'cut-off':
        this.interrupter.watchCutOff();
        break;
      case 'cell':
        this.flush();
        this.cell = message.parent;
        Atomics.store(this.shared, SHARED.knowsCell, 1);
        Atomics.notify(this.shared, SHARED.knowsCell);
        break;
      case 'close':
        void this.close();
        break;
      default:
        this.flush(); // output keeps its order
        if (message.msgType === 'status' && message.parent.msg_type === 'execute_request') {
          this.state = message.content;
        }
        this.sockets.send(message);
        this.makeRoom(sentLength(message.content, message.buffers));
    }
  }

  /** Handles a message from a client. */
  private receive(channel: Channel, message: Message): void {
    const { identities, header, metadata, content, buffers } = message;
    switch (header.msg_type) {
      case 'kernel_info_request':
        this.answer(channel, message, this.data.kernelInfo);
        break;
      case 'interrupt_request':
        this.answer(channel, message, { status: 'ok' });
        this.interrupter.interrupt();
        break;
      case 'shutdown_request':
        this.answer(channel, message, { status: 'ok', restart: content.restart === true });
        this.shutDown();
        break;
      default: {
        const request = { channel, identities, header, metadata, content, buffers };
        this.toMain({ kind: 'request', request });
      }
    }
  }

  /**
   * A new client learns that it hears the kernel, and the kernel's state: JupyterLab ignores the statuses
   * of kernel_info, so that a restarted kernel would be "Unknown" until a cell runs. The server that
   * waits for the first message of all takes that one for itself.
   */
  private welcome(topic: string): void {
    this.publish('iopub_welcome', {}, { subscription: topic });
    this.sockets.send({ msgType: 'status', parent: {}, content: this.state, buffers: [] });
  }

  private answer(channel: Channel, { header, identities }: Message, content: JsonObject): void {
    this.flush();
    this.publish('status', header, { execution_state: 'busy' });
    this.sockets.send({
      msgType: header.msg_type.replace(/_request$/, '_reply'),
      request: { channel, identities },
      parent: header,
      content: toJson(content),
      buffers: [],
    });
    this.publish('status', header, { execution_state: 'idle' });
  }

  private publish(msgType: string, parent: Parent, content: JsonObject): void {
    this.sockets.send({ msgType, parent, content: toJson(content), buffers: [] });
  }

  private flush(): void {
    this.stdio.read();
    this.streams.flush();
  }

  private makeRoom(length: number): void {
    Atomics.sub(this.shared, SHARED.backlog, length);
    Atomics.notify(this.shared, SHARED.backlog);
  }

  private shutDown(): void {
    this.toMain({ kind: 'shutdown' });
    setTimeout(() => killProcessGroup('SIGKILL'), SHUTDOWN_GRACE);
  }

  private async close(): Promise<void> {
    this.flush();
    this.stdio.close();
    this.interrupter.close();
    await this.sockets.close();
    this.toMain({ kind: 'closed' });
  }

  private toMain(message: ToMain): void {
    this.port.postMessage(message);
  }
}
