/** Checks of the arrays that compiled engines copy in: they take sizes and types as given. */

/** @throws TypeError, RangeError when `values` is not float32 of that length. */
export function checkFloats(args: { name: string; values: Float32Array; length: number }): void {
  const { name, values, length } = args;
  if (!(values instanceof Float32Array)) {
    const got = (values as object)?.constructor?.name ?? typeof values;
    throw new TypeError(`${name} must be a Float32Array, got ${got}`);
  }
  if (values.length !== length) {
    throw new RangeError(`${name} must hold ${length} values, got ${values.length}`);
  }
}

/** @throws TypeError, RangeError when `arrays` are not float32 of those lengths, one for each. */
export function checkArrays(args: {
  name: string;
  arrays: readonly Float32Array[];
  lengths: readonly number[];
}): void {
  const { name, arrays, lengths } = args;
  if (arrays.length !== lengths.length) {
    throw new RangeError(`${name} must be ${lengths.length} arrays, got ${arrays.length}`);
  }
  arrays.forEach((values, i) => {
    checkFloats({ name: `${name}[${i}]`, values, length: lengths[i]! });
  });
}

/** Numbers in an array of a shape. */
export function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
