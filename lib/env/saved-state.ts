/** The file format of saved environments. */

import { isUint8Array } from 'node:util/types';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { show } from '../text';
import { SavedStateError } from './errors';

const MAGIC = 'BRKSAVE';
const VERSION = 2;
/** The most bytes of an unpacked environment. */
const LARGEST = 1 << 24;
/** Magic, version, checksum of what follows. */
const HEADER_BYTES = MAGIC.length + 1 + 4;

type Value = number | string | boolean;
type Bytes = Uint8Array | Uint32Array | Int32Array;

/**
 * Named values and named arrays, which the layers of an environment write and read.
 *
 * As bytes: "BRKSAVE", the version, a CRC-32 of the rest, all little-endian; the rest is deflated:
 * length of a JSON text, the text (values, and name and length of each array), the arrays' bytes.
 */
export class SavedState {
  private readonly values = new Map<string, Value>();
  private readonly arrays = new Map<string, Uint8Array>();

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }

  setArray(name: string, array: Bytes): void {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    this.arrays.set(name, bytes.slice());
  }

  getNumber(name: string): number {
    return this.get(name, 'number') as number;
  }

  /** @throws SavedStateError when it is not a whole number in [low, high]. */
  getInteger(name: string, low: number, high: number): number {
    const value = this.getNumber(name);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new SavedStateError(
        `expected a saved state with a whole number from ${low} to ${high} as '${name}', got ${value}`,
      );
    }
    return value;
  }

  getText(name: string): string {
    return this.get(name, 'string') as string;
  }

  getFlag(name: string): boolean {
    return this.get(name, 'boolean') as boolean;
  }

  /** @throws SavedStateError when there is no such array of that length. */
  getArray(name: string, byteLength: number): Uint8Array {
    const bytes = this.arrays.get(name);
    if (bytes === undefined || bytes.length !== byteLength) {
      throw new SavedStateError(
        `expected a saved state with ${byteLength} bytes of '${name}', got ${bytes?.length ?? 'none'}`,
      );
    }
    return bytes;
  }

  private get(name: string, type: string): Value {
    const value = this.values.get(name);
    if (typeof value !== type) {
      throw new SavedStateError(
        `expected a saved state with a ${type} '${name}', got ${show(value)}`,
      );
    }
    return value!;
  }

  encode(): Uint8Array {
    const arrays = [...this.arrays];
    const text = JSON.stringify({
      values: Object.fromEntries(this.values),
      arrays: arrays.map(([name, bytes]) => [name, bytes.length]),
    });
    const json = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    const body = deflateRawSync(Buffer.concat([length, json, ...arrays.map(([, bytes]) => bytes)]));
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(MAGIC, 'latin1');
    header[MAGIC.length] = VERSION;
    header.writeUInt32LE(crc32(body), MAGIC.length + 1);
    return new Uint8Array(Buffer.concat([header, body]));
  }

  private static unpack(deflated: Uint8Array): SavedState {
    const state = new SavedState();
    try {
      const body = inflateRawSync(deflated, { maxOutputLength: LARGEST });
      const jsonEnd = 4 + body.readUInt32LE(0);
      const header = JSON.parse(body.toString('utf8', 4, jsonEnd)) as {
        values: Record<string, Value>;
        arrays: [string, number][];
      };
      for (const [name, value] of Object.entries(header.values)) state.set(name, value);
      let at = jsonEnd;
      for (const [name, length] of header.arrays) {
        state.setArray(name, body.subarray(at, at + length));
        at += length;
      }
    } catch (error) {
      throw new SavedStateError(
        `expected a saved environment, got bytes that cannot be read as one: ${error}`,
      );
    }
    return state;
  }

  /** @throws SavedStateError naming what is wrong with the bytes. */
  static decode(bytes: Uint8Array): SavedState {
    if (!isUint8Array(bytes)) {
      throw new SavedStateError(`expected the bytes that save() gives, got ${show(bytes)}`);
    }
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = file.toString('latin1', 0, MAGIC.length);
    if (file.length < HEADER_BYTES || magic !== MAGIC) {
      throw new SavedStateError(
        `expected a saved environment, which starts with ${MAGIC}, got others`,
      );
    }
    if (file[MAGIC.length] !== VERSION) {
      throw new SavedStateError(
        `expected a saved environment of version ${VERSION}, got version ${file[MAGIC.length]}`,
      );
    }
    const expected = file.readUInt32LE(MAGIC.length + 1);
    const found = crc32(file.subarray(HEADER_BYTES));
    if (found !== expected) {
      throw new SavedStateError(
        `expected a saved environment with checksum ${expected}, got ${found}: the bytes are damaged`,
      );
    }
    return SavedState.unpack(file.subarray(HEADER_BYTES));
  }
}

/** Copies saved bytes into an array of any element type. */
export function fillBytes(target: Bytes, bytes: Uint8Array): void {
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
}
