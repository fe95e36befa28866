/** Comms: named channels between code in cells and code in the front end. */
import { randomUUID } from 'node:crypto';
import { cellContext } from './cells/cell';
import type { Comm } from './host';
import type { IoChannel } from './io/io-channel';
import type { JsonObject, Parent } from './io/message';
import type { Request } from './io/thread-protocol';
import { textOf } from './requests/content';

type MessageHandler = Parameters<Comm['onMessage']>[0];
type CloseHandler = Parameters<Comm['onClose']>[0];
type OpenHandler = (comm: Comm, data: unknown) => void;

export interface CommsOptions {
  readonly io: IoChannel;
  /** The header under which what code in cells sends is published. */
  readonly parent: () => Parent;
  /** Called with what a handler throws. */
  readonly onError: (error: unknown) => void;
}

interface OpenComm {
  readonly comm: Comm;
  readonly messageHandlers: MessageHandler[];
  readonly closeHandlers: CloseHandler[];
}

/** Lets a handler belong to the cell that registers it: there its output appears. */
function bindToCell<Arguments extends unknown[]>(
  handler: (...args: Arguments) => void,
): (...args: Arguments) => void {
  const cell = cellContext.getStore();
  if (!cell) return handler;
  return (...args) => {
    if (cell.cutOff) handler(...args);
    else cellContext.run(cell, handler, ...args);
  };
}

export class Comms {
  private readonly options: CommsOptions;
  private readonly comms = new Map<string, OpenComm>();
  private readonly targets = new Map<string, OpenHandler>();

  constructor(options: CommsOptions) {
    this.options = options;
  }

  /** Opens a comm from the kernel's side. */
  open(target: string, data: unknown = {}): Comm {
    const { comm } = this.add(randomUUID().replaceAll('-', ''), target);
    this.publish('comm_open', { comm_id: comm.id, target_name: target, data });
    return comm;
  }

  onOpen(target: string, handler: OpenHandler): void {
    this.targets.set(target, bindToCell(handler));
  }

  /** Content of a comm_info_reply: the open comms, all or those of one target. */
  info(target: unknown): JsonObject {
    const comms: Record<string, { target_name: string }> = {};
    for (const { comm } of this.comms.values()) {
      if (typeof target !== 'string' || target === comm.target) {
        comms[comm.id] = { target_name: comm.target };
      }
    }
    return { status: 'ok', comms };
  }

  /** Handles comm_open, comm_msg and comm_close from the front end. */
  handle(request: Request): void {
    const { content, buffers, header } = request;
    const id = textOf(content, 'comm_id');
    switch (header.msg_type) {
      case 'comm_open': {
        const target = textOf(content, 'target_name');
        const handler = this.targets.get(target);
        if (handler) {
          const { comm } = this.add(id, target);
          this.call(() => handler(comm, content.data));
        } else {
          // The protocol's answer to a target that nobody has registered.
          this.publish('comm_close', { comm_id: id, data: {} });
        }
        break;
      }
      case 'comm_msg':
        for (const handler of this.comms.get(id)?.messageHandlers ?? []) {
          this.call(() => handler(content.data, buffers));
        }
        break;
      default: {
        const closed = this.comms.get(id);
        this.comms.delete(id);
        for (const handler of closed?.closeHandlers ?? []) {
          this.call(() => handler(content.data));
        }
      }
    }
  }

  private add(id: string, target: string): OpenComm {
    const messageHandlers: MessageHandler[] = [];
    const closeHandlers: CloseHandler[] = [];
    const requireOpen = () => {
      if (!this.comms.has(id)) throw new Error(`comm ${id} (${target}) is closed: open a new one`);
    };
    const comm: Comm = {
      id,
      target,
      send: (data, buffers = []) => {
        requireOpen();
        this.publish('comm_msg', { comm_id: id, data }, buffers);
      },
      close: (data = {}) => {
        requireOpen();
        this.comms.delete(id);
        this.publish('comm_close', { comm_id: id, data });
      },
      onMessage: (handler) => void messageHandlers.push(bindToCell(handler)),
      onClose: (handler) => void closeHandlers.push(bindToCell(handler)),
    };
    const open = { comm, messageHandlers, closeHandlers };
    this.comms.set(id, open);
    return open;
  }

  private publish(msgType: string, content: JsonObject, buffers: readonly Uint8Array[] = []): void {
    this.options.io.publish(msgType, { parent: this.options.parent(), content, buffers });
  }

  private call(handler: () => unknown): void {
    try {
      const result = handler();
      if (result instanceof Promise) result.catch(this.options.onError);
    } catch (error) {
      this.options.onError(error);
    }
  }
}
