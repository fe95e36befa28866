/**
 * Declares what the running Node offers and TypeScript 5.0, older than it, does not know. Each
 * declaration is made only where the feature exists, so that the checker promises nothing more.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Feature {
  /** The object that has it. */
  readonly owner: object | undefined;
  readonly name: string;
  readonly declaration: string;
}

const on = (owner: object | undefined, name: string, declaration: string): Feature => ({
  ...{ owner, name, declaration },
});

const SET_METHODS: readonly (readonly [string, string])[] = [
  ['union', '<U>(other: ReadonlySet<U>): Set<T | U>'],
  ['intersection', '<U>(other: ReadonlySet<U>): Set<T & U>'],
  ['difference', '(other: ReadonlySet<unknown>): Set<T>'],
  ['symmetricDifference', '<U>(other: ReadonlySet<U>): Set<T | U>'],
  ['isSubsetOf', '(other: ReadonlySet<unknown>): boolean'],
  ['isSupersetOf', '(other: ReadonlySet<unknown>): boolean'],
  ['isDisjointFrom', '(other: ReadonlySet<unknown>): boolean'],
];

/** The helpers of iterators, which TypeScript has on `IterableIterator` (generators, `values()`). */
const ITERATOR_METHODS: readonly (readonly [string, string])[] = [
  ['map', '<U>(callback: (value: T, index: number) => U): IterableIterator<U>'],
  ['filter', '<S extends T>(test: (value: T, index: number) => value is S): IterableIterator<S>'],
  ['filter', '(test: (value: T, index: number) => unknown): IterableIterator<T>'],
  ['take', '(limit: number): IterableIterator<T>'],
  ['drop', '(count: number): IterableIterator<T>'],
  ['flatMap', '<U>(callback: (value: T, index: number) => Iterable<U>): IterableIterator<U>'],
  ['reduce', '<U>(callback: (sum: U, value: T, index: number) => U, initial: U): U'],
  ['reduce', '(callback: (sum: T, value: T, index: number) => T): T'],
  ['toArray', '(): T[]'],
  ['forEach', '(callback: (value: T, index: number) => void): void'],
  ['some', '(test: (value: T, index: number) => unknown): boolean'],
  ['every', '(test: (value: T, index: number) => unknown): boolean'],
  ['find', '(test: (value: T, index: number) => unknown): T | undefined'],
];

const COPYING_METHODS: readonly (readonly [string, string])[] = [
  ['toReversed', '(): T[]'],
  ['toSorted', '(compare?: (a: T, b: T) => number): T[]'],
  ['toSpliced', '(start: number, deleteCount?: number, ...items: T[]): T[]'],
  ['with', '(index: number, value: T): T[]'],
];

/** The methods that copy of arrays, and of typed arrays. */
function listCopyingMethods(): Feature[] {
  const typed = ['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32'];
  const ofNumbers = [...typed, 'Float32', 'Float64'].map((kind) => [`${kind}Array`, 'number']);
  const ofBigInts = ['BigInt64', 'BigUint64'].map((kind) => [`${kind}Array`, 'bigint']);
  return COPYING_METHODS.flatMap(([name, type]) => [
    on(Array.prototype, name, `interface Array<T> { ${name}${type} }`),
    on(Array.prototype, name, `interface ReadonlyArray<T> { ${name}${type} }`),
    ...[...ofNumbers, ...ofBigInts].map(([list = '', item = '']) => {
      const own = type.replaceAll('T[]', list).replace(/\bT\b/g, item);
      return on(Uint8Array.prototype, name, `interface ${list} { ${name}${own} }`);
    }),
  ]);
}

/** Symbols may be keys; the collections' own types, which nobody can widen, ask for objects. */
function listWeakCollections(): Feature[] {
  const owner = takesSymbols() ? globalThis : undefined;
  return [
    on(
      owner,
      'WeakMap',
      'interface WeakMapConstructor { new <V>(entries: Iterable<readonly [object | symbol, V]>): WeakMap<any, V> }',
    ),
    on(
      owner,
      'WeakSet',
      'interface WeakSetConstructor { new (values: Iterable<object | symbol>): WeakSet<any> }',
    ),
  ];
}

function takesSymbols(): boolean {
  try {
    new WeakSet<object>([Symbol() as unknown as object]);
    return true;
  } catch {
    return false;
  }
}

/** WebAssembly as the compiler declares it for pages. @param folder the compiler's */
function declareWebAssembly(folder: string): string {
  const page = readFileSync(path.join(folder, 'lib.dom.d.ts'), 'utf8');
  const [found = ''] = /^declare namespace WebAssembly \{.*?^\}$/ms.exec(page) ?? [];
  return `${found}\ntype BufferSource = ArrayBufferView | ArrayBuffer;`;
}

const AWAITABLE = 'Iterable<T | PromiseLike<T>> | ArrayLike<T | PromiseLike<T>>';

function listFeatures(): Feature[] {
  return [
    ...listCopyingMethods(),
    ...listFunctions(),
    ...listBuffers(),
    ...listCollections(),
    ...listWeakCollections(),
    ...listGlobals(),
  ];
}

/** What ECMAScript's own objects and classes have from 2023 on, and texts. */
function listFunctions(): Feature[] {
  return [
    on(
      Object,
      'groupBy',
      'interface ObjectConstructor { groupBy<K extends PropertyKey, T>(items: Iterable<T>, key: (item: T, index: number) => K): Partial<Record<K, T[]>> }',
    ),
    on(
      Map,
      'groupBy',
      'interface MapConstructor { groupBy<K, T>(items: Iterable<T>, key: (item: T, index: number) => K): Map<K, T[]> }',
    ),
    on(
      Promise,
      'withResolvers',
      'interface PromiseConstructor { withResolvers<T>(): { promise: Promise<T>; resolve: (value: T | PromiseLike<T>) => void; reject: (reason?: unknown) => void } }',
    ),
    on(
      Promise,
      'try',
      'interface PromiseConstructor { try<T, A extends unknown[]>(callback: (...args: A) => T | PromiseLike<T>, ...args: A): Promise<Awaited<T>> }',
    ),
    on(
      Array,
      'fromAsync',
      `interface ArrayConstructor { fromAsync<T>(items: AsyncIterable<T> | ${AWAITABLE}): Promise<T[]>; fromAsync<T, U>(items: AsyncIterable<T> | ${AWAITABLE}, map: (item: Awaited<T>, index: number) => U): Promise<Awaited<U>[]> }`,
    ),
    on(String.prototype, 'isWellFormed', 'interface String { isWellFormed(): boolean }'),
    on(String.prototype, 'toWellFormed', 'interface String { toWellFormed(): string }'),
    on(RegExp.prototype, 'unicodeSets', 'interface RegExp { readonly unicodeSets: boolean }'),
    on(RegExp, 'escape', 'interface RegExpConstructor { escape(text: string): string }'),
    on(Error, 'isError', 'interface ErrorConstructor { isError(value: unknown): value is Error }'),
    on(Math, 'f16round', 'interface Math { f16round(x: number): number }'),
    on(Math, 'sumPrecise', 'interface Math { sumPrecise(values: Iterable<number>): number }'),
  ];
}

/** Buffers that change their size. */
function listBuffers(): Feature[] {
  return [
    on(
      ArrayBuffer.prototype,
      'resize',
      'interface ArrayBuffer { readonly resizable: boolean; readonly maxByteLength: number; resize(length: number): void }\ninterface ArrayBufferConstructor { new (length: number, options: { maxByteLength?: number }): ArrayBuffer }',
    ),
    on(
      SharedArrayBuffer.prototype,
      'grow',
      'interface SharedArrayBuffer { readonly growable: boolean; readonly maxByteLength: number; grow(length: number): void }\ninterface SharedArrayBufferConstructor { new (length: number, options: { maxByteLength?: number }): SharedArrayBuffer }',
    ),
    on(
      ArrayBuffer.prototype,
      'transfer',
      'interface ArrayBuffer { readonly detached: boolean; transfer(length?: number): ArrayBuffer; transferToFixedLength(length?: number): ArrayBuffer }',
    ),
  ];
}

function listCollections(): Feature[] {
  const iterator = Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object;
  return [
    ...SET_METHODS.map(([name, type]) =>
      on(Set.prototype, name, `interface Set<T> { ${name}${type} }`),
    ),
    ...ITERATOR_METHODS.map(([name, type]) =>
      on(iterator, name, `interface IterableIterator<T> { ${name}${type} }`),
    ),
  ];
}

/** Names of their own, and of Intl. */
function listGlobals(): Feature[] {
  return [
    on(
      globalThis,
      'Iterator',
      'interface IteratorConstructor { from<T>(items: Iterable<T> | Iterator<T>): IterableIterator<T> }\ndeclare var Iterator: IteratorConstructor;',
    ),
    on(
      Intl,
      'getCanonicalLocales',
      'declare namespace Intl { function getCanonicalLocales(locales?: string | readonly string[]): string[] }',
    ),
    on(
      Intl,
      'supportedValuesOf',
      'declare namespace Intl { function supportedValuesOf(key: string): string[] }',
    ),
    ...['Crypto', 'CryptoKey', 'SubtleCrypto'].map((name) =>
      on(
        globalThis,
        name,
        `declare var ${name}: { readonly prototype: ${name} };\ntype ${name} = import('node:crypto').webcrypto.${name};`,
      ),
    ),
    on(
      globalThis,
      'Performance',
      "declare var Performance: { readonly prototype: Performance };\ntype Performance = import('node:perf_hooks').Performance;",
    ),
  ];
}

/** `import('./x.json', { with: { type: 'json' } })`, in TypeScript 5.0 `assert`, and `import('data:...')`. */
const IMPORTS =
  "interface ImportCallOptions { with?: Readonly<Record<string, string>> }\ndeclare module 'data:*';";

/** The text of a .d.ts file. @param compilerFolder where TypeScript's own declarations are */
export function declareNodeFeatures(compilerFolder: string): string {
  const present = listFeatures().filter(({ owner, name }) => owner !== undefined && name in owner);
  return [
    IMPORTS,
    declareWebAssembly(compilerFolder),
    ...present.map(({ declaration }) => declaration),
  ].join('\n');
}
