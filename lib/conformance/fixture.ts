/** Reads recordings of ale-py and Gymnasium; test/conformance/README.md describes their format. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../files/root';
import { messageOf } from '../text';

/** The folder of the recordings that come with the project. */
export const FIXTURES = join(ROOT, 'test/conformance');

/** Far above any recording: what unpacks to more is none. */
const MAX_BYTES = 1 << 26;

const MAGIC = 'BRKFIX01';

/** The element types of a fixture's arrays. */
const TYPES = {
  u8: Uint8Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
} as const;

type Numbers = InstanceType<(typeof TYPES)[keyof typeof TYPES]>;

interface ArrayEntry {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly shape: readonly number[];
  readonly offset: number;
}

/** A file cannot be read as a fixture. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError';
}

/** Bits of a recording's `flags`, one entry for each action. */
export const FLAGS = { terminated: 1, truncated: 2, resetBefore: 4 } as const;

/** How a step ended, as `flags` has it. */
export const getEndFlags = (terminated: boolean, truncated: boolean): number =>
  (terminated ? FLAGS.terminated : 0) | (truncated ? FLAGS.truncated : 0);

/** A recording. */
export class Fixture {
  readonly path: string;
  readonly kind: string;
  readonly header: Record<string, unknown>;
  private readonly arrays: ReadonlyMap<string, Numbers>;

  constructor(path: string, header: Record<string, unknown>, arrays: ReadonlyMap<string, Numbers>) {
    this.path = path;
    this.header = header;
    this.kind = String(header.kind);
    this.arrays = arrays;
  }

  /** Whether there is such an array. */
  has(name: string): boolean {
    return this.arrays.has(name);
  }

  /** @throws FixtureError when there is no such array. */
  array(name: string): Numbers {
    const array = this.arrays.get(name);
    if (array === undefined) {
      throw new FixtureError(`expected an array '${name}' in ${this.path}, got none`);
    }
    return array;
  }

  /** A value of the header; the caller knows its type. @throws FixtureError when there is no such value. */
  get<T>(name: string): T {
    const value = this.header[name];
    if (value === undefined) {
      throw new FixtureError(`expected '${name}' in the header of ${this.path}, got none`);
    }
    return value as T;
  }
}

/** @throws FixtureError naming the file when it is missing, damaged or not a fixture. */
export function readFixture(path: string): Fixture {
  try {
    const file = new Uint8Array(gunzipSync(readFileSync(path), { maxOutputLength: MAX_BYTES }))
      .buffer; // a copy, so aligned
    const text = (from: number, length: number) => Buffer.from(file, from, length).toString();
    if (text(0, 8) !== MAGIC) throw new Error(`it does not start with ${MAGIC}`);
    const headerLength = new DataView(file).getUint32(8, true);
    const header = JSON.parse(text(12, headerLength)) as Record<string, unknown>;
    const arrays = new Map<string, Numbers>();
    for (const { name, type, shape, offset } of header.arrays as ArrayEntry[]) {
      const length = shape.reduce((a, b) => a * b, 1);
      arrays.set(name, new TYPES[type](file, 12 + headerLength + offset, length));
    }
    return new Fixture(path, header, arrays);
  } catch (error) {
    throw new FixtureError(
      `expected a fixture at ${path}, got a file that cannot be read: ${messageOf(error)}`,
    );
  }
}
