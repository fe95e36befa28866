/** Keeps the kernel's notes on objects of Node out of what `console.log` and the last line show. */
import { inspect } from 'node:util';

/** Node's own notes for `AsyncLocalStorage`, which is how output finds its cell. */
const NOTES =
  /^(?:kResourceStore|async_id_symbol|trigger_async_id_symbol|asyncId|triggerId|async_context_frame)$/;

function hideNotes(this: object): object {
  for (const symbol of Object.getOwnPropertySymbols(this)) {
    if (!NOTES.test(symbol.description ?? '')) continue;
    Object.defineProperty(this, symbol, { enumerable: false });
  }
  return this; // which is then inspected as ever
}

/** From now on promises and timers look as they do outside of the kernel. */
export function concealNotes(): void {
  const timeout = setTimeout(() => {}, 0);
  clearTimeout(timeout);
  const immediate = setImmediate(() => {});
  clearImmediate(immediate);
  for (const prototype of [Promise.prototype, ...[timeout, immediate].map(Object.getPrototypeOf)]) {
    Object.defineProperty(prototype, inspect.custom, {
      value: hideNotes,
      configurable: true,
      writable: true,
    });
  }
}
