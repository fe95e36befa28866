/**
 * The names that cells share. A name leads to the variable in the cell that declared it last, so an
 * assignment in a later cell is seen by the functions beside that variable, and the other way round.
 *
 * Later cells find a name as a property of the global object: so their code needs no other form than
 * the one that was typed. A name that JavaScript, Node or a package looks for there must not change
 * for them: such names are found in `hidden`, by a `with` around the cells that use one.
 */

export interface Binding {
  read(): unknown;
  write(value: unknown): void;
}

/** Packages look for these to find out where they run. */
const LOOKED_FOR = [
  ...['window', 'document', 'self', 'navigator', 'location', 'importScripts', 'WorkerGlobalScope'],
  ...['define', 'module', 'exports', 'require', 'Deno', 'Bun', 'jest', '__filename', '__dirname'],
];

function createConstant(value: unknown): Binding {
  let current = value;
  return {
    read: () => current,
    write: (next) => {
      current = next;
    },
  };
}

/** What a cell would have declared. */
function createMissing(name: string, label: string): Binding {
  const fail = () => {
    throw new ReferenceError(`${name} has no value: ${label}, which declares it, ended before it`);
  };
  return { read: fail, write: fail };
}

/** True once the variable's declaration has run; until then reading it throws. */
function isInitialised(binding: Binding): boolean {
  try {
    binding.read();
    return true;
  } catch {
    return false;
  }
}

export class Scope {
  /** The names that are not properties of the global object. */
  readonly hidden: object = Object.create(null);
  private readonly onUse: () => void;
  private readonly bindings = new Map<string, Binding>();
  /** Who has declared a name so far. Functions of a cell keep its scope, and nothing else does. */
  private readonly declarers = new Map<string, WeakRef<CellScope>[]>();
  private readonly taken = new Set([...globalNames(), ...LOOKED_FOR]);

  /** `onUse` is called whenever code of a cell uses a name of another one. */
  constructor(onUse: () => void) {
    this.onUse = onUse;
  }

  get(name: string): Binding | undefined {
    return this.bindings.get(name);
  }

  set(name: string, binding: Binding): void {
    if (!this.bindings.has(name)) {
      Object.defineProperty(this.taken.has(name) ? this.hidden : globalThis, name, {
        configurable: true,
        get: () => {
          this.onUse();
          return this.bindings.get(name)?.read();
        },
        set: (value: unknown) => {
          this.onUse();
          this.bindings.get(name)?.write(value);
        },
      });
    }
    this.bindings.set(name, binding);
  }

  /** Lets the functions beside each earlier function of this name call the new one. */
  replaceFunction(name: string, value: unknown): void {
    if (typeof value !== 'function') return;
    for (const declarer of this.declarers.get(name) ?? []) {
      declarer.deref()?.replaceFunction(name, value);
    }
  }

  addDeclarer(name: string, declarer: WeakRef<CellScope>): void {
    const alive = this.declarers.get(name)?.filter((each) => each.deref() !== undefined) ?? [];
    this.declarers.set(name, [...alive, declarer]);
  }

  /** Whether code may use a name that is hidden. */
  needsHidden(code: string): boolean {
    return Object.getOwnPropertyNames(this.hidden).some((name) => code.includes(name));
  }
}

/** All that code finds on the global object. */
function globalNames(): string[] {
  const names: string[] = [];
  for (let owner: object | null = globalThis; owner; owner = Object.getPrototypeOf(owner)) {
    names.push(...Object.getOwnPropertyNames(owner));
  }
  return names;
}

/** The names of one run of a cell. */
export class CellScope {
  private readonly scope: Scope;
  private readonly variables = new Map<string, Binding>();
  private readonly replaced = new Map<string, Binding | undefined>();
  private readonly label: string;

  /** `label` says which cell it is. */
  constructor(scope: Scope, label: string) {
    this.scope = scope;
    this.label = label;
  }

  /** What the cell declares: without a value until its code begins, which it may never do. */
  expect(names: readonly string[]): void {
    for (const name of names) {
      this.variables.set(name, createMissing(name, this.label));
      this.replaced.set(name, this.scope.get(name));
    }
  }

  /** Called first by the cell's code, with a reader and a writer for each of its variables. */
  bindVariables(
    variables: Readonly<Record<string, readonly [() => unknown, (value: unknown) => void]>>,
  ): void {
    for (const [name, [read, write]] of Object.entries(variables)) {
      const own: Binding = { read, write };
      this.variables.set(name, own);
      const before = this.scope.get(name);
      // Until the declaration has run, others still see what an earlier cell declared.
      const readEither = () => (before && !isInitialised(own) ? before.read() : own.read());
      this.replaced.set(name, before);
      this.scope.set(name, { read: readEither, write });
      // Only a declared function has its value already.
      if (isInitialised(own)) this.scope.replaceFunction(name, own.read());
    }
  }

  /** Binds an imported name: its module may assign to it, and its file may change. */
  bindImport(name: string, read: () => unknown): void {
    const own: Binding = { ...createConstant(undefined), read };
    this.variables.set(name, own);
    this.scope.set(name, own);
  }

  /**
   * The cell has ended. What it declared but never reached keeps its earlier value, if it had one.
   * With `detach`, code of the cell that still runs can no longer change what later cells see.
   * @returns the names that kept an earlier value
   */
  close(options: { readonly detach: boolean }): ReadonlySet<string> {
    const kept = new Set<string>();
    const self = new WeakRef(this);
    for (const [name, own] of this.variables) {
      const before = this.replaced.get(name);
      if (!isInitialised(own)) {
        const hasEarlier = before !== undefined && isInitialised(before);
        this.scope.set(name, hasEarlier ? before : createMissing(name, this.label));
        if (hasEarlier) kept.add(name);
        continue;
      }
      const value = own.read();
      this.scope.replaceFunction(name, value);
      this.scope.addDeclarer(name, self);
      this.scope.set(name, options.detach ? createConstant(value) : this.bindClosed(name, own));
    }
    // The cell's functions keep this object, and it would keep all that earlier runs of the cell held.
    this.replaced.clear();
    return kept;
  }

  /** A new value of a name whose cell is over: functions beside earlier functions of it call it, too. */
  private bindClosed(name: string, own: Binding): Binding {
    const { scope } = this;
    const write = (value: unknown) => {
      own.write(value);
      scope.replaceFunction(name, value);
    };
    return { read: own.read, write };
  }

  /** Puts a later cell's function in place of this cell's. */
  replaceFunction(name: string, value: unknown): void {
    const own = this.variables.get(name);
    if (!own || !isInitialised(own) || typeof own.read() !== 'function') return;
    try {
      own.write(value);
    } catch {
      // a constant
    }
  }
}
