/**
 * The thread that talks to Jupyter. It answers what needs no cell (kernel_info, interrupt,
 * shutdown, heartbeat), passes all other requests to the main thread and sends what comes back.
 */
import { randomUUID } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { Interrupter } from './interrupter';
import { publishedLength } from './io-channel';
import type { JsonObject, Message } from './message';
import { killProcessGroup, watchParent } from './process-group';
import { KernelSockets } from './sockets';
import { StreamBatch } from './stream-batch';
import { type Channel, type IoThreadData, SHARED, type ToIo, type ToMain } from './thread-protocol';

/** How long the main thread may take to end its work at shutdown, in ms; then it is killed. */
const SHUTDOWN_GRACE = 1500;

/** Runs the I/O thread until the main thread closes it. */
export async function runIoThread(data: IoThreadData, port: MessagePort): Promise<void> {
  const sockets = new KernelSockets(data.connection, randomUUID());
  const shared = new Int32Array(data.shared);
  const toMain = (message: ToMain) => port.postMessage(message);
  const interrupter = new Interrupter({ shared, notify: toMain });
  const makeRoom = (length: number) => {
    Atomics.sub(shared, SHARED.backlog, length);
    Atomics.notify(shared, SHARED.backlog);
  };
  const streams = new StreamBatch({
    delay: 20,
    maxLength: 100_000,
    send: ({ name, parent, text }) => {
      sockets.publish('stream', { parent, content: { name, text } });
      makeRoom(text.length);
    },
  });

  const answer = (channel: Channel, message: Message, content: JsonObject) => {
    const parent = message.header;
    streams.flush();
    sockets.publish('status', { parent, content: { execution_state: 'busy' } });
    const msgType = message.header.msg_type.replace(/_request$/, '_reply');
    sockets.reply(msgType, { channel, identities: message.identities, parent, content });
    sockets.publish('status', { parent, content: { execution_state: 'idle' } });
  };

  const shutDown = () => {
    toMain({ kind: 'shutdown' });
    setTimeout(() => killProcessGroup('SIGKILL'), SHUTDOWN_GRACE);
  };

  const onMessage = (channel: Channel, message: Message) => {
    const { identities, header, metadata, content, buffers } = message;
    if (header.msg_type === 'kernel_info_request') {
      answer(channel, message, data.kernelInfo);
    } else if (header.msg_type === 'interrupt_request') {
      answer(channel, message, { status: 'ok' });
      interrupter.interrupt();
    } else if (header.msg_type === 'shutdown_request') {
      answer(channel, message, { status: 'ok', restart: content.restart === true });
      shutDown();
    } else {
      const request = { channel, identities, header, metadata, content, buffers };
      toMain({ kind: 'request', request });
    }
  };

  const close = async () => {
    streams.flush();
    await sockets.close();
    toMain({ kind: 'closed' });
  };

  const send = (message: ToIo) => {
    if (message.kind === 'stream') {
      streams.add(message);
      return;
    }
    if (message.kind !== 'interrupt-seen') streams.flush(); // output keeps its order
    if (message.kind === 'interrupt-seen') {
      interrupter.seen(message.sequence);
    } else if (message.kind === 'close') {
      void close();
    } else if (message.kind === 'publish') {
      const { msgType, parent, buffers } = message;
      const content = JSON.parse(message.content) as JsonObject;
      sockets.publish(msgType, { parent, content, buffers });
      makeRoom(publishedLength(message.content, buffers));
    } else {
      const { msgType, request, content } = message;
      const { channel, identities, header: parent } = request;
      sockets.reply(msgType, { channel, identities, parent, content });
    }
  };

  port.on('message', send);
  try {
    await sockets.open(onMessage);
  } catch (error) {
    await sockets.close(); // ZeroMQ aborts the process over a socket that is left open
    toMain({ kind: 'failed', reason: String(error) });
    return;
  }
  sockets.publish('status', { parent: {}, content: { execution_state: 'starting' } });
  watchParent(data.parentPid, shutDown);
}
