/**
 * What the main thread, which runs cells, and the I/O thread, which owns the sockets, say to each
 * other. Two threads, because a cell may keep the main one busy for minutes: the I/O thread still
 * sends its output, answers the heartbeat, and takes Interrupt and Shutdown.
 */
import type { Header, JsonObject, Parent } from './message';

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

/** A message for iopub, or with `request` the reply to it. */
export interface Outgoing {
  readonly kind: 'send';
  readonly msgType: string;
  readonly parent: Parent;
  readonly request?: Pick<Request, 'channel' | 'identities'>;
  /** JSON text, made in the main thread so that a value that has none fails where it was given. */
  readonly content: string;
  readonly buffers: readonly Uint8Array[];
}

export interface StreamText {
  readonly kind: 'stream';
  readonly name: 'stdout' | 'stderr';
  readonly parent: Parent;
  readonly text: string;
}

export type ToIo =
  | Outgoing
  | StreamText
  /** From now on what the process's own stdout and stderr get belongs to this request. */
  | { readonly kind: 'cell'; readonly parent: Parent }
  /** The main thread's event loop has seen the interrupt. */
  | { readonly kind: 'interrupt-seen'; readonly sequence: number }
  /** A cell was cut off, of which code may still run. */
  | { readonly kind: 'cut-off' }
  | { readonly kind: 'close' };

/** What the I/O thread is started with. */
export interface IoThreadData {
  readonly connection: ConnectionInfo;
  readonly kernelInfo: JsonObject;
  readonly shared: SharedArrayBuffer;
  /** See launch.sh. */
  readonly isCaptured: boolean;
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

/**
 * What the I/O thread wants to be broken: code of a cell, code of a cell that was cut off, or
 * anything, when the main thread does not get to its messages.
 */
export type BreakWhat = 'cell' | 'cut-off' | 'any';

/** Symbol.for(...) of the global function by which the I/O thread breaks code of cells. */
export const BREAK_CELL = 'breakout-dqn.kernel.break';

/** Indices into the Int32Array over `IoThreadData.shared`. */
export const SHARED = {
  /** 1 while the running cell's code promised to end by itself when its signal is aborted. */
  soft: 0,
  /** What was handed over and is not yet sent: characters of streams and contents, bytes of buffers. */
  backlog: 1,
  /** 1 while code is being broken: what a cell fails with now comes from that. */
  breaking: 3,
  /** 1 once the I/O thread knows which cell runs. */
  knowsCell: 2,
} as const;
