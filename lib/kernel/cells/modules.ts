/** Loads the modules that cells import, anew when their files have changed. */
import { statSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { type Module, SyntheticModule } from 'node:vm';
import { isPackageFile } from './packages';

export interface CellModulesOptions {
  /** The repository's root: its packages are there for notebooks from elsewhere, too. */
  readonly root: string;
  /** The folder that cells belong to. */
  readonly folder: string;
}

/** Errors of `require` for a module that only `import` can load, such as one that awaits. */
const NEEDS_IMPORT = /^ERR_REQUIRE_(?:ESM|ASYNC_MODULE)$/;
/** What loading fails with once the process that makes JavaScript of TypeScript is gone: an Interrupt ends it. */
const TRANSLATOR_GONE = /^The service (?:is no longer running|was stopped)/;
/** What packages for web pages fail with. */
const NEEDS_PAGE = /^(?:self|window|document|navigator|location) is not defined$/;

export class CellModules {
  /** What cells get as `require`. */
  readonly require: NodeJS.Require;
  private readonly own: NodeJS.Require;
  private readonly project: NodeJS.Require;
  /** When the project's files were last changed, as far as they are loaded, in ms. */
  private readonly modified = new Map<string, number>();
  /** How often modules had to load anew. */
  private changes = 0;
  /** The project's ES modules by file, as a way to their exports: Node keeps them where nobody can look. */
  private readonly imported = new Map<string, () => unknown>();

  constructor({ root, folder }: CellModulesOptions) {
    this.own = createRequire(path.join(folder, 'notebook.ts'));
    this.project = createRequire(path.join(root, 'notebook.ts'));
    const load = (specifier: string): unknown => {
      try {
        return this.requireFile(this.resolve(specifier));
      } catch (error) {
        if (!needsImport(error)) throw error;
        const way = `import ... from '${specifier}', or await import('${specifier}')`;
        throw new Error(`require cannot load ${specifier}, an ES module: write ${way}`);
      } finally {
        this.note();
      }
    };
    this.require = Object.assign(load, this.own, {
      resolve: Object.assign((specifier: string) => this.resolve(specifier), this.own.resolve),
    });
  }

  /** Makes modules whose files have changed, and all that use them, load anew. */
  refresh(): void {
    const { cache } = this.own;
    // Between two turns no module is being loaded: an Interrupt has ended these, and no `finally` ran.
    for (const [file, module] of Object.entries(cache)) {
      if (module?.loaded === false) delete cache[file];
    }
    const changed = Object.keys(cache).filter((file) => {
      if (isPackageFile(file)) return false;
      const before = this.modified.get(file);
      const now = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      this.modified.set(file, now);
      return before !== undefined && before !== now;
    });
    const stale = new Set(changed);
    for (const file of stale) {
      for (const module of Object.values(cache)) {
        if (module?.children.some(({ filename }) => filename === file)) stale.add(module.filename);
      }
    }
    for (const file of stale) {
      delete cache[file];
      this.modified.delete(file);
    }
    if (stale.size > 0) this.changes += 1;
  }

  /** Loads ES modules of the project anew whose files have changed; undefined when there are none. */
  refreshImported(): Promise<unknown> | undefined {
    if (this.imported.size === 0) return undefined;
    return Promise.allSettled([...this.imported.keys()].map((file) => this.importFile(file)));
  }

  /**
   * A way to the exports that later cells are checked against: those of the file as it is now. They are
   * loaded when they are first asked for after a change.
   */
  follow(specifier: string, loaded: unknown): () => unknown {
    const file = specifier.startsWith('data:') ? '' : this.resolve(specifier);
    if (this.imported.has(file)) return () => this.imported.get(file)!();
    const { cache } = this.own;
    let module = cache[file]; // none in a package's ES module
    let seen = this.changes;
    let exports = loaded;
    return () => {
      if (seen === this.changes) return exports;
      seen = this.changes;
      if (module === undefined || module === cache[file]) return exports;
      exports = this.load(specifier);
      module = cache[file];
      this.note();
      return exports;
    };
  }

  /** Notes the state of files that were loaded since the last refresh. */
  note(): void {
    for (const file of Object.keys(this.own.cache)) {
      if (this.modified.has(file) || isPackageFile(file)) continue;
      this.modified.set(file, statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    }
  }

  /** The module's exports; a promise of them where loading it takes an `await`. */
  load(specifier: string): unknown {
    if (specifier.startsWith('data:')) return import(specifier);
    const file = this.resolve(specifier);
    const isModule = file.endsWith('.mjs') || file.endsWith('.mts');
    if (isModule && !isPackageFile(file)) return this.importFile(file);
    try {
      return this.requireFile(file);
    } catch (error) {
      if (needsImport(error)) return this.importFile(file);
      if (!(error instanceof ReferenceError && NEEDS_PAGE.test(error.message))) throw error;
      const instead = specifier.includes('plotly')
        ? ': showFigure({ data, layout }) of breakout-dqn shows any figure of Plotly'
        : '';
      const message = `${specifier} needs a web page, and cells run in Node${instead}`;
      throw new Error(message, { cause: error });
    }
  }

  /** What `import()` in a cell resolves with. */
  async importDynamically(specifier: string): Promise<Module> {
    this.refresh();
    await this.refreshImported();
    const exports = await this.load(specifier);
    this.note();
    if (types.isModuleNamespaceObject(exports)) return exports as Module;
    return toModule(exports);
  }

  private requireFile(file: string): unknown {
    try {
      return this.own(file);
    } catch (error) {
      if (!(error instanceof Error && TRANSLATOR_GONE.test(error.message))) throw error;
      const { stop } = createRequire(this.project.resolve('tsx'))('esbuild') as { stop(): void };
      stop(); // it starts anew when it is needed
      return this.own(file);
    }
  }

  /** Loads an ES module, in TypeScript too; anew if its file or one that it imports has changed. */
  private async importFile(file: string): Promise<unknown> {
    hooks ??= addHooks();
    await hooks;
    try {
      const exports: unknown = await import(pathToFileURL(file).href);
      if (!isPackageFile(file)) this.imported.set(file, () => exports);
      return exports;
    } catch (error) {
      if (this.imported.has(file)) {
        this.imported.set(file, () => {
          throw error;
        });
      }
      throw error;
    }
  }

  resolve(specifier: string): string {
    try {
      return this.own.resolve(specifier);
    } catch (error) {
      if (/^[./]/.test(specifier)) throw error;
      return this.project.resolve(specifier);
    }
  }
}

function needsImport(error: unknown): boolean {
  return NEEDS_IMPORT.test(String((error as { code?: unknown } | null)?.code));
}

/** A module with the exports of one that `require` has loaded. */
async function toModule(exports: unknown): Promise<Module> {
  const all = readExport(exports, '*') as object;
  const module = new SyntheticModule(Object.keys(all), () => {
    for (const [name, value] of Object.entries(all)) module.setExport(name, value);
  });
  await module.link(() => Promise.reject(new Error('a synthetic module imports nothing')));
  await module.evaluate();
  return module;
}

let hooks: Promise<void> | undefined;

async function addHooks(): Promise<void> {
  const tsx = await import('tsx/esm/api');
  tsx.register();
  register(pathToFileURL(path.join(__dirname, 'esm-hooks.mjs')));
}

/** One export as TypeScript's `esModuleInterop` sees it; `*` is the module as a whole. */
export function readExport(module: unknown, name: string): unknown {
  const exports = module as Record<string, unknown> | null | undefined;
  const isModule = types.isModuleNamespaceObject(module) || exports?.__esModule === true;
  if (isModule) return name === '*' ? exports : exports?.[name];
  if (name === 'default') return exports;
  if (name !== '*') return exports?.[name];
  return typeof exports === 'object' ? { ...exports, default: exports } : { default: exports };
}
