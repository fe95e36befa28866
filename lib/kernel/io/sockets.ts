/** The five ZeroMQ sockets of a Jupyter kernel. */
import { Router, XPublisher } from 'zeromq';
import { createHeader, type Message, parseMessage, serialiseMessage } from './message';
import { log } from './stdio-pipes';
import type { Channel, ConnectionInfo, Outgoing } from './thread-protocol';

/** No limit: a burst of output is queued, never dropped. */
const UNLIMITED = { sendHighWaterMark: 0 } as const;
/** The first byte of what iopub receives when a client subscribes. */
const SUBSCRIBES = 1;
/** So many characters of what is wrong with a message are logged. */
const MAX_REASON = 200;

export interface SocketHandlers {
  /** Called with each authentic message on shell and control. */
  readonly onMessage: (channel: Channel, message: Message) => void;
  /** Called when a client begins to receive what is published, with the topic that it asked for. */
  readonly onSubscriber: (topic: string) => void;
}

export class KernelSockets {
  private readonly connection: ConnectionInfo;
  private readonly session: string;
  private readonly shell = new Router(UNLIMITED);
  private readonly control = new Router(UNLIMITED);
  private readonly iopub = new XPublisher({ ...UNLIMITED, verbosity: 'allSubs' });
  private readonly stdin = new Router(UNLIMITED);
  /** Not a Reply: ZeroMQ ends the process when that answers what no Request has sent. */
  private readonly heartbeat = new Router();
  private readonly pending = new Map<XPublisher | Router, Promise<void>>();
  /** Messages that were not from Jupyter or make no sense. */
  private dropped = 0;

  constructor(connection: ConnectionInfo, session: string) {
    this.connection = connection;
    this.session = session;
  }

  /** Binds all sockets, then hands over what comes. */
  async open({ onMessage, onSubscriber }: SocketHandlers): Promise<void> {
    const { connection } = this;
    const address = (port: number) =>
      connection.transport === 'ipc'
        ? `ipc://${connection.ip}-${port}`
        : `${connection.transport}://${connection.ip}:${port}`;
    await Promise.all([
      this.shell.bind(address(connection.shell_port)),
      this.control.bind(address(connection.control_port)),
      this.iopub.bind(address(connection.iopub_port)),
      this.stdin.bind(address(connection.stdin_port)),
      this.heartbeat.bind(address(connection.hb_port)),
    ]);
    void this.receive(this.shell, (message) => onMessage('shell', message));
    void this.receive(this.control, (message) => onMessage('control', message));
    void this.receiveSubscribers(onSubscriber);
    void this.echoHeartbeats();
  }

  /** Sends a message: on iopub to every client, with `request` as the answer to the peer that asked. */
  send(message: Omit<Outgoing, 'kind'>): void {
    const { msgType, parent, content, buffers, request } = message;
    const socket = request ? this[request.channel] : this.iopub;
    const frames = serialiseMessage(
      {
        identities: request?.identities ?? [Buffer.from(msgType)], // on iopub the topic
        header: createHeader(msgType, this.session),
        parent,
        metadata: {},
        content,
        buffers,
      },
      this.connection.key,
    );
    this.enqueue(socket, frames);
  }

  /** Resolves when all that was given has been handed to ZeroMQ, then closes the sockets. */
  async close(): Promise<void> {
    await Promise.all(this.pending.values());
    for (const socket of [this.shell, this.control, this.iopub, this.stdin, this.heartbeat]) {
      socket.close();
    }
  }

  /** One send at a time on a socket, in the order of the calls: ZeroMQ refuses a second one. */
  private enqueue(socket: XPublisher | Router, frames: (string | Uint8Array)[]): void {
    const before = this.pending.get(socket);
    const sent = before ? before.then(() => socket.send(frames)) : socket.send(frames);
    // A peer that has gone away is no reason to end the kernel.
    const settled = sent.catch(() => {});
    this.pending.set(socket, settled);
    void settled.then(() => {
      if (this.pending.get(socket) === settled) this.pending.delete(socket);
    });
  }

  private async receive(socket: Router, onMessage: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      try {
        onMessage(parseMessage(frames, this.connection.key));
      } catch (error) {
        this.countDropped(error);
      }
    }
  }

  /** Notes the first broken message in the kernel's log and then each tenth, hundredth and so on. */
  private countDropped(error: unknown): void {
    this.dropped += 1;
    if (!/^10*$/.test(String(this.dropped))) return;
    const reason = String(error).slice(0, MAX_REASON);
    log(`kernel: ${this.dropped} messages dropped so far, the last one because of ${reason}`);
  }

  private async receiveSubscribers(onSubscriber: SocketHandlers['onSubscriber']): Promise<void> {
    for await (const [event] of this.iopub) {
      if (event?.[0] === SUBSCRIBES) onSubscriber(event.subarray(1).toString());
    }
  }

  private async echoHeartbeats(): Promise<void> {
    for await (const frames of this.heartbeat) {
      try {
        await this.heartbeat.send(frames);
      } catch (error) {
        this.countDropped(error);
      }
    }
  }
}
