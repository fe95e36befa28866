/** A Jupyter client for tests: starts a real kernel process and talks to it over ZeroMQ. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import {
  createHeader,
  type JsonObject,
  type Message,
  parseMessage,
  serialiseMessage,
  toJson,
} from '../../lib/kernel/io/message';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const KERNEL_SPEC = path.join(ROOT, 'lib/jupyter/kernels/breakout-dqn');
const TIMEOUT = 50_000;

type Content = Readonly<Record<string, never>> & JsonObject;

export type Frames = (string | Uint8Array)[];

/** What a cell produced. */
export interface Execution {
  /** Content of the execute_reply. */
  readonly reply: JsonObject;
  /** All that was published for the request, from busy to idle. */
  readonly published: readonly Message[];
  /** Text on one stream. */
  text(name: 'stdout' | 'stderr'): string;
  /** Contents of the messages of one type. */
  contents(msgType: string): JsonObject[];
  /** text/plain of the execute_result. */
  readonly result: string | undefined;
  /** The error's traceback as plain text. */
  readonly traceback: string;
}

interface Waiter {
  readonly list: readonly Message[];
  readonly test: (message: Message) => boolean;
  readonly resolve: (message: Message) => void;
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals
  return text.replace(/\u001b\[\d+m/g, '');
}

export class TestKernel {
  readonly process: ChildProcess;
  /** All that was published, in order. */
  readonly published: Message[] = [];
  /** All replies on shell and control. */
  readonly replies: Message[] = [];
  /** What the process itself wrote to its standard error. */
  log = '';
  private readonly key = randomUUID();
  private readonly session = randomUUID();
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'kernel-test-'));
  private readonly shell = new Dealer({ linger: 0 });
  private readonly control = new Dealer({ linger: 0 });
  private readonly iopub = new Subscriber({ linger: 0 });
  private readonly waiters = new Set<Waiter>();
  private readonly iopubAddress: string;
  readonly heartbeatAddress: string;

  private constructor(ports: readonly number[], options: StartOptions) {
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
    const connectionFile = path.join(this.folder, 'kernel.json');
    const connection = {
      ...{ shell_port, iopub_port, stdin_port, control_port, hb_port },
      ...{ transport: 'tcp', ip: '127.0.0.1', key: this.key, signature_scheme: 'hmac-sha256' },
    };
    writeFileSync(connectionFile, JSON.stringify(connection));
    const { argv } = JSON.parse(readFileSync(path.join(KERNEL_SPEC, 'kernel.json'), 'utf8')) as {
      argv: string[];
    };
    const words = argv.map((word) =>
      word.replace('{resource_dir}', KERNEL_SPEC).replace('{connection_file}', connectionFile),
    );
    // As Jupyter does: the kernel leads a process group of its own.
    const command = words.map((word) => (word === 'node' ? process.execPath : word));
    const [program, ...rest] = options.underShell
      ? ['sh', '-c', '"$@" & wait', 'sh', ...command]
      : command;
    this.process = spawn(program!, rest, {
      cwd: options.cwd ?? path.join(ROOT, 'notebooks'),
      detached: true,
      env: { ...process.env, JPY_SESSION_NAME: options.notebook },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (data) => (this.log += data));
    this.process.stderr?.on('data', (data) => (this.log += data));
    this.shell.connect(`tcp://127.0.0.1:${shell_port}`);
    this.control.connect(`tcp://127.0.0.1:${control_port}`);
    this.heartbeatAddress = `tcp://127.0.0.1:${hb_port}`;
    this.iopubAddress = `tcp://127.0.0.1:${iopub_port}`;
    this.iopub.connect(this.iopubAddress);
    this.iopub.subscribe();
    for (const socket of [this.shell, this.control]) void this.receive(socket, this.replies);
    void this.receive(this.iopub, this.published);
  }

  /** Starts a kernel and waits until its published messages arrive. */
  static async start(options: StartOptions = {}): Promise<TestKernel> {
    const kernel = new TestKernel(await findFreePorts(5), options);
    const ready = kernel.waitForPublished((message) => message.header.msg_type === 'status');
    const arrived = ready.then(() => true);
    for (;;) {
      await kernel.request('kernel_info_request', {});
      const wait = new Promise((resolve) => setTimeout(resolve, 100, false));
      if (await Promise.race([arrived, wait])) return kernel;
    }
  }

  /** What another client gets that now begins to listen: its first `count` messages. */
  async listen(count: number): Promise<Message[]> {
    const subscriber = new Subscriber({ linger: 0 });
    subscriber.connect(this.iopubAddress);
    subscriber.subscribe();
    const messages: Message[] = [];
    while (messages.length < count) {
      messages.push(parseMessage(await subscriber.receive(), this.key));
    }
    subscriber.close();
    return messages;
  }

  /** Sends a message and does not wait; resolves with its id. */
  async send(
    msgType: string,
    content: JsonObject,
    options: {
      channel?: 'shell' | 'control';
      buffers?: readonly Uint8Array[];
      metadata?: JsonObject;
    } = {},
  ): Promise<string> {
    const header = createHeader(msgType, this.session);
    const { channel = 'shell', buffers = [], metadata = {} } = options;
    await this[channel].send(this.framesOf({ header, content, metadata, buffers }));
    return header.msg_id;
  }

  /** A signed message's frames. */
  framesOf(message: Pick<Message, 'header' | 'content'> & Partial<Message>): Frames {
    const whole = { identities: [], parent: {}, metadata: {}, buffers: [], ...message };
    return serialiseMessage({ ...whole, content: toJson(message.content) }, this.key);
  }

  /** Sends frames as they are, a message or none. */
  async sendFrames(frames: Frames): Promise<void> {
    await this.shell.send(frames);
  }

  /** Sends a request and waits for its reply. */
  async request(
    msgType: string,
    content: JsonObject,
    channel: 'shell' | 'control' = 'shell',
  ): Promise<Content> {
    const id = await this.send(msgType, content, { channel });
    const reply = await this.waitForReply(id);
    return reply.content as Content;
  }

  /** Executes a cell; waits for its reply and for `idle`. */
  async execute(code: string, options: JsonObject = {}): Promise<Execution> {
    const id = await this.send('execute_request', { code, ...options });
    return this.finish(id);
  }

  /** Has the kernel's garbage collected: V8 puts that off as long as there is room. */
  async collect(): Promise<void> {
    const { traceback } = await this.execute(`
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      runInNewContext('gc')();`);
    if (traceback !== '') throw new Error(traceback);
  }

  /** Waits until the execute request `id` has ended. */
  async finish(id: string): Promise<Execution> {
    const [reply] = await Promise.all([
      this.waitForReply(id),
      this.waitForPublished(
        (message) => message.parent.msg_id === id && message.content.execution_state === 'idle',
      ),
    ]);
    const published = this.published.filter((message) => message.parent.msg_id === id);
    const contents = (msgType: string) =>
      published
        .filter((message) => message.header.msg_type === msgType)
        .map((message) => message.content);
    const data = contents('execute_result')[0]?.data as Record<string, string> | undefined;
    return {
      reply: reply.content,
      published,
      contents,
      text: (name) =>
        contents('stream')
          .filter((content) => content.name === name)
          .map((content) => content.text)
          .join(''),
      result: data?.['text/plain'],
      traceback: plain(
        contents('error')
          .flatMap((content) => content.traceback as string[])
          .join('\n'),
      ),
    };
  }

  waitForReply(id: string): Promise<Message> {
    return this.waitFor(this.replies, (message) => message.parent.msg_id === id);
  }

  waitForPublished(test: (message: Message) => boolean): Promise<Message> {
    return this.waitFor(this.published, test);
  }

  /** Waits until the cell `id` has printed `text`. */
  async waitForText(id: string, text: string): Promise<void> {
    await this.waitForPublished(
      (message) => message.parent.msg_id === id && String(message.content.text).includes(text),
    );
  }

  /** Resolves with the exit code or the signal once the process has ended. */
  async ended(): Promise<number | string | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await new Promise((resolve) => this.process.once('exit', resolve));
    }
    return this.process.exitCode ?? this.process.signalCode;
  }

  /** Shuts the kernel down and frees what the client holds. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await this.send('shutdown_request', { restart: false }, { channel: 'control' });
    }
    await this.ended();
    for (const socket of [this.shell, this.control, this.iopub]) socket.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async receive(socket: Dealer | Subscriber, list: Message[]): Promise<void> {
    for await (const frames of socket) {
      const message = parseMessage(frames, this.key);
      list.push(message);
      for (const waiter of this.waiters) {
        if (waiter.list !== list || !waiter.test(message)) continue;
        this.waiters.delete(waiter);
        waiter.resolve(message);
      }
    }
  }

  private waitFor(list: readonly Message[], test: (message: Message) => boolean): Promise<Message> {
    const found = list.find(test);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const last = [...this.published, ...this.replies].slice(-6);
        const seen = last.map((message) => JSON.stringify(message.content).slice(0, 200));
        reject(
          new Error(`the kernel did not answer; last messages:\n${seen.join('\n')}\n${this.log}`),
        );
      }, TIMEOUT);
      const waiter: Waiter = {
        list,
        test,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      };
      this.waiters.add(waiter);
    });
  }
}

export interface StartOptions {
  /** The working folder; by default that of the notebooks. */
  readonly cwd?: string;
  /** The notebook's file, as Jupyter names it; by default none. */
  readonly notebook?: string;
  /** Let a shell start the kernel; `process` is then the shell. */
  readonly underShell?: boolean;
}
