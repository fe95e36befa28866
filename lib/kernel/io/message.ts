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

/** The header of the request that caused a message; empty when there is none. */
export type Parent = Header | Record<string, never>;

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Message {
  /** Routing prefix: the peer's identities, or the topic on iopub. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly parent: Parent;
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

function parseHeader(frame: Uint8Array): Header {
  const header = parseObject(frame, 'header');
  for (const name of ['msg_id', 'msg_type']) {
    if (typeof header[name] === 'string') continue;
    throw new Error(`message's header needs a text ${name}, got ${JSON.stringify(header[name])}`);
  }
  return header as unknown as Header;
}

/**
 * Parses and authenticates the frames of one message.
 * @throws Error when frames are missing, the signature is wrong, a part is not a JSON object or the header
 *   has no id or type.
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
    header: parseHeader(header),
    parent: parseObject(parent, 'parent header') as unknown as Header,
    metadata: parseObject(metadata, 'metadata'),
    content: parseObject(content, 'content'),
    buffers: frames.slice(delimiter + 6),
  };
}

/** A lone half of a surrogate pair in JSON text; an escaped backslash before it takes its meaning. */
const LONE_SURROGATE = /\\(?:u[dD][89a-fA-F][\da-fA-F]{2}|.)/g;

/**
 * JSON text of a message's part. Bytes travel as base64, Jupyter's form of them. All text becomes valid
 * Unicode: half a pair, as `'🎮'.slice(0, 1)` leaves it, would keep the notebook from being saved.
 * @throws TypeError when the value has no JSON form.
 */
export function toJson(value: JsonObject): string {
  const text = JSON.stringify(value, encodeValue);
  // JSON.stringify writes half pairs, and only these, as escapes of this form.
  if (!text.includes('\\ud')) return text;
  return text.replace(LONE_SURROGATE, (found) => (found.length > 2 ? '\ufffd' : found));
}

function encodeValue(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'string') return value;
  // Buffer has a toJSON, so look at what the object really holds.
  const held: unknown = (this as Record<string, unknown> | null)?.[key];
  if (held instanceof Uint8Array) {
    return Buffer.from(held.buffer, held.byteOffset, held.byteLength).toString('base64');
  }
  return typeof value === 'bigint' ? value.toString() : value;
}

/** The frames to send for one message; its content is JSON text. */
export function serialiseMessage(
  message: Omit<Message, 'content'> & { readonly content: string },
  key: string,
): (string | Uint8Array)[] {
  const { identities, header, parent, metadata, content, buffers } = message;
  const parts = [toJson({ ...header }), toJson({ ...parent }), toJson(metadata), content];
  return [...identities, DELIMITER, sign(parts, key), ...parts, ...buffers];
}
