/**
 * One message of the Jupyter wire protocol 5.4: frames, signature, JSON parts and binary buffers.
 * https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  /** ISO 8601. */
  readonly date: string;
  readonly version: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Message {
  /** Routing prefix: the peer's identities, or the topic on iopub. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  /** The header of the request that caused this message; empty when there is none. */
  readonly parent: Header | Record<string, never>;
  readonly metadata: JsonObject;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

const PROTOCOL_VERSION = '5.4';
const DELIMITER = Buffer.from('<IDS|MSG>');

/** Makes headers of one session: the kernel's own, never the client's. */
export function createHeader(msgType: string, session: string): Header {
  return {
    msg_id: randomUUID(),
    msg_type: msgType,
    session,
    username: 'kernel',
    date: new Date().toISOString(),
    version: PROTOCOL_VERSION,
  };
}

/** HMAC-SHA256 over the four JSON parts, in hexadecimal; empty without a key (an unsigned session). */
function sign(parts: readonly (string | Uint8Array)[], key: string): string {
  if (key === '') return '';
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

function parseObject(frame: Uint8Array, name: string): JsonObject {
  const value: unknown = JSON.parse(Buffer.from(frame).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`message's ${name} must be an object, got ${JSON.stringify(value)}`);
  }
  return value as JsonObject;
}

/**
 * Parses and authenticates the frames of one message.
 * @throws Error when frames are missing, the signature is wrong or a part is not a JSON object.
 */
export function parseMessage(frames: readonly Uint8Array[], key: string): Message {
  const delimiter = frames.findIndex((frame) => DELIMITER.equals(frame));
  if (delimiter < 0) throw new Error('message has no <IDS|MSG> frame');
  const [signature, header, parent, metadata, content] = frames.slice(delimiter + 1);
  if (!signature || !header || !parent || !metadata || !content) {
    throw new Error(`message needs 5 frames after <IDS|MSG>, got ${frames.length - delimiter - 1}`);
  }
  const expected = Buffer.from(sign([header, parent, metadata, content], key));
  if (expected.length !== signature.length || !timingSafeEqual(expected, signature)) {
    throw new Error("message's signature does not match the connection file's key");
  }
  return {
    identities: frames.slice(0, delimiter),
    header: parseObject(header, 'header') as unknown as Header,
    parent: parseObject(parent, 'parent header') as unknown as Header,
    metadata: parseObject(metadata, 'metadata'),
    content: parseObject(content, 'content'),
    buffers: frames.slice(delimiter + 6),
  };
}

/** The frames to send for one message. */
export function serialiseMessage(message: Message, key: string): (string | Uint8Array)[] {
  const parts = [message.header, message.parent, message.metadata, message.content].map((part) =>
    JSON.stringify(part),
  );
  return [...message.identities, DELIMITER, sign(parts, key), ...parts, ...message.buffers];
}
