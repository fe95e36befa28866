/**
 * What the main thread, which runs cells, and the I/O thread, which owns the sockets, say to each
 * other. Two threads, because a cell may keep the main one busy for minutes: the I/O thread still
 * sends its output, answers the heartbeat, and takes Interrupt and Shutdown.
 */
import type { Header, JsonObject } from './message';

export type Channel = 'shell' | 'control';

/** A request for the main thread to handle. */
export interface Request {
  readonly channel: Channel;
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly metadata: JsonObject;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

export type ToMain =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'interrupt'; readonly sequence: number }
  | { readonly kind: 'shutdown' }
  /** All that was to be sent is sent, and the sockets are closed. */
  | { readonly kind: 'closed' }
  /** The sockets could not be opened. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface Publication {
  readonly kind: 'publish';
  readonly msgType: string;
  readonly parent: Header | Record<string, never>;
  /** JSON text, made in the main thread so that a value that has none fails where it was given. */
  readonly content: string;
  readonly buffers: readonly Uint8Array[];
}

export interface StreamText {
  readonly kind: 'stream';
  readonly name: 'stdout' | 'stderr';
  readonly parent: Header | Record<string, never>;
  readonly text: string;
}

export interface Reply {
  readonly kind: 'reply';
  readonly msgType: string;
  readonly request: Pick<Request, 'channel' | 'identities' | 'header'>;
  readonly content: JsonObject;
}

export type ToIo =
  | Publication
  | StreamText
  | Reply
  /** The main thread's event loop has seen the interrupt. */
  | { readonly kind: 'interrupt-seen'; readonly sequence: number }
  | { readonly kind: 'close' };

/** What the I/O thread is started with. */
export interface IoThreadData {
  readonly connection: ConnectionInfo;
  readonly kernelInfo: JsonObject;
  readonly shared: SharedArrayBuffer;
  /** The process that started the kernel; when it is gone, the kernel ends too. */
  readonly parentPid: number;
}

/** The connection file's content. */
export interface ConnectionInfo {
  readonly transport: string;
  readonly ip: string;
  readonly key: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
}

/** Indices into the Int32Array over `IoThreadData.shared`. */
export const SHARED = {
  /** Number of the interrupt that loops in cells must obey now; 0 for none. */
  interrupt: 0,
  /** 1 while the running cell's code promised to end by itself when its signal is aborted. */
  soft: 1,
  /** 1 while the synchronous part of a cell runs, which SIGINT breaks. */
  breakable: 2,
  /** What was handed over and is not yet sent: characters of streams and contents, bytes of buffers. */
  backlog: 3,
} as const;
