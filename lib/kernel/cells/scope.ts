/**
 * The names that cells share. A name leads to the variable in the cell that declared it last, so an
 * assignment in a later cell is seen by the functions beside that variable, and the other way round.
 */

export interface Binding {
  read(): unknown;
  write(value: unknown): void;
}

function createConstant(value: unknown): Binding {
  let current = value;
  return {
    read: () => current,
    write: (next) => {
      current = next;
    },
  };
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
  readonly bindings = new Map<string, Binding>();
}

export interface CellScopeOptions {
  readonly scope: Scope;
  /** What the cell declares; see `DeclaredNames`. */
  readonly exported: readonly string[];
  /** The export that holds the value of the cell's last expression. */
  readonly resultName: string | undefined;
}

/** One run of a cell: what its code sees as `exports`. */
export class CellScope {
  /** Value of the expression on the last line. */
  result: unknown;
  readonly exports: object;
  private readonly scope: Scope;
  private readonly resultName: string | undefined;
  private readonly exported: ReadonlySet<string>;
  private readonly variables = new Map<string, Binding>();
  private readonly replaced = new Map<string, Binding | undefined>();
  private closed = false;

  constructor(options: CellScopeOptions) {
    this.scope = options.scope;
    this.exported = new Set(options.exported);
    this.resultName = options.resultName;
    this.exports = new Proxy(
      {},
      {
        get: (_target, name) => this.scope.bindings.get(String(name))?.read(),
        has: (_target, name) => this.scope.bindings.has(String(name)),
        set: (_target, name, value) => {
          this.set(String(name), value);
          return true;
        },
        defineProperty: (_target, name, descriptor) => {
          // An imported name: TypeScript defines a getter that reads the imported module.
          const { get } = descriptor;
          if (get) this.bind(String(name), { ...createConstant(undefined), read: () => get() });
          return true;
        },
      },
    );
  }

  /** Called first by the cell's code, with a reader and a writer for each of its variables. */
  bindVariables(
    variables: Readonly<Record<string, readonly [() => unknown, (value: unknown) => void]>>,
  ): void {
    for (const [name, [read, write]] of Object.entries(variables)) {
      const own: Binding = { read, write };
      this.variables.set(name, own);
      const before = this.scope.bindings.get(name);
      // Until the declaration has run, others still see what an earlier cell declared.
      const readEither = () => (before && !isInitialised(own) ? before.read() : own.read());
      this.bind(name, { read: readEither, write });
    }
  }

  /**
   * The cell has ended. What it declared but never reached keeps its earlier value, if it had one.
   * With `detach`, code of the cell that still runs can no longer change what later cells see.
   */
  close(options: { readonly detach: boolean }): void {
    for (const [name, own] of this.variables) {
      const before = this.replaced.get(name);
      if (!isInitialised(own)) {
        if (before) this.scope.bindings.set(name, before);
      } else {
        this.scope.bindings.set(name, options.detach ? createConstant(own.read()) : own);
      }
    }
    this.closed = options.detach;
  }

  private bind(name: string, binding: Binding): void {
    if (this.closed) return;
    if (!this.replaced.has(name)) this.replaced.set(name, this.scope.bindings.get(name));
    this.scope.bindings.set(name, binding);
  }

  private set(name: string, value: unknown): void {
    if (this.closed || this.variables.has(name)) return; // its binding is the variable itself
    if (name === this.resultName) {
      this.result = value;
    } else if (this.exported.has(name)) {
      this.bind(name, createConstant(value));
    } else {
      this.scope.bindings.get(name)?.write(value);
    }
  }
}
