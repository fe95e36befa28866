/** Reads fields of a request's content, which any client may have written, and refuses requests. */
import { inspect } from 'node:util';
import type { IoChannel } from '../io/io-channel';
import type { JsonObject } from '../io/message';
import { log } from '../io/stdio-pipes';
import type { Request } from '../io/thread-protocol';

/**
 * A field's text.
 * @param otherwise its value when it is missing or null
 * @throws TypeError when it is something else.
 */
export function textOf(content: JsonObject, field: string, otherwise?: string): string {
  const value = content[field] ?? otherwise;
  if (typeof value === 'string') return value;
  throw mismatch(field, 'a text', value);
}

/** A field's number, as `textOf` its text. */
export function numberOf(content: JsonObject, field: string, otherwise: number): number {
  const value = content[field] ?? otherwise;
  if (typeof value === 'number') return value;
  throw mismatch(field, 'a number', value);
}

/** A request that cannot be answered is its client's affair: no cell fails of it, and the next one runs. */
export function refuse(io: IoChannel, request: Request, error: unknown): void {
  const { msg_type } = request.header;
  const { name, message } = error instanceof Error ? error : new Error(inspect(error));
  log(`kernel: ${msg_type} refused: ${message}`);
  if (!msg_type.endsWith('_request')) return;
  const reply = { status: 'error', ename: name, evalue: message, traceback: [] };
  io.reply(request, msg_type.replace(/_request$/, '_reply'), reply);
}

function mismatch(field: string, expected: string, got: unknown): TypeError {
  const shown = inspect(got, { depth: 0, maxArrayLength: 10, maxStringLength: 100 });
  return new TypeError(`${field} must be ${expected}, got ${shown}`);
}
