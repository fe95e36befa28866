/** Damages texts and values at random, for tests of what reads them. */
import type { Mt19937 } from '../../lib/random';
import { pick } from './random-play';

const ODD: readonly unknown[] = [
  ...[null, true, -1, 0, 0.5, 1e308, '', 'x', '__proto__', [], {}, [null], { length: 1 }],
  ...['x'.repeat(1000), [[[]]], { toString: 1 }],
];

/** A copy in which one value is another, one field has another name, is missing or stands twice in a list. */
export function mutateValue(value: unknown, random: Mt19937): unknown {
  if (typeof value !== 'object' || value === null || pick(random, 12) === 0) {
    return ODD[pick(random, ODD.length)];
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return ODD[pick(random, ODD.length)];
  const key = keys[pick(random, keys.length)]!;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...value };
  const fields = copy as Record<string, unknown>;
  const action = pick(random, 8);
  if (action === 0 && Array.isArray(copy)) copy.push(fields[key]);
  else if (action === 0) delete fields[key];
  else if (action === 1 && !Array.isArray(copy)) {
    fields[`${key}x`] = fields[key];
    delete fields[key];
  } else fields[key] = mutateValue(fields[key], random);
  return copy;
}

/** A copy with some bytes changed, cut off, emptied or added. */
export function mutateBytes(bytes: Uint8Array, random: Mt19937): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = pick(random, Math.max(1, copy.length));
  const action = pick(random, 5);
  if (action === 0) return copy.subarray(0, at);
  if (action === 1)
    return Buffer.concat([copy.subarray(0, at), Buffer.from('{[",x\0\n'), copy.subarray(at)]);
  if (action === 2) return copy.fill(0, at, at + 1 + pick(random, 512));
  const changes = 1 + pick(random, 3);
  for (let i = 0; i < changes; i++)
    copy[pick(random, Math.max(1, copy.length))]! ^= 1 << pick(random, 8);
  return copy;
}
