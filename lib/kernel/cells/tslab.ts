/**
 * tslab's converter with the settings that it does not offer: strict checks, the resolution of
 * `notebooks/tsconfig.json`, source maps and hooks into both of its steps. tslab reads the compiler
 * through the module object of its TypeScript fork, so it is given a copy of that object in which
 * three functions are ours; nothing of tslab itself is changed.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as TypeScript from '@tslab/typescript-for-tslab';
import type { Converter } from 'tslab/dist/converter';
import { FileWatch, joinTimers } from './file-watch';
import { fixPropertyNames } from './property-names';

export type Ts = typeof TypeScript;

export interface ConverterHooks {
  /** A new program was made: the cell, what earlier cells declared, and all that they import. */
  onProgram(builder: TypeScript.BuilderProgram): void;
  /** The first step's source map: cell to JavaScript with ES modules. */
  onEmit(sourceMap: string): void;
  /** Rewrites the JavaScript between both steps. */
  readonly transform: TypeScript.TransformerFactory<TypeScript.SourceFile>;
  /** The second step's source map: ES modules to CommonJS. */
  onTranspile(sourceMap: string): void;
}

export interface ConverterOptions {
  /** The repository's root. */
  readonly root: string;
  /** The folder that cells belong to; imports in cells are relative to it. */
  readonly folder: string;
  /** Makes the hooks, given the compiler. */
  readonly createHooks: (ts: Ts) => ConverterHooks;
}

export interface TslabConverter {
  readonly ts: Ts;
  readonly converter: Converter;
  /** To be told when changed files are to be seen. */
  readonly files: FileWatch;
}

/** The cell's file name in tslab's program. */
export const CELL_FILE = '__tslab__.ts';

const SOURCE_MAP_COMMENT = /\n\/\/# sourceMappingURL=\S*\s*$/;

/** Loads the compiler and tslab's converter: about a second of work. */
export function createTslabConverter(options: ConverterOptions): TslabConverter {
  const fromTslab = createRequire(
    path.join(options.root, 'node_modules', 'tslab', 'dist', 'main.js'),
  );
  const compilerFile = fromTslab.resolve('@tslab/typescript-for-tslab');
  const ts = fromTslab(compilerFile) as Ts;
  const hooks = options.createHooks(ts);
  const cellFile = path.join(options.folder, CELL_FILE);

  const createProgram: TypeScript.CreateProgram<
    TypeScript.EmitAndSemanticDiagnosticsBuilderProgram
  > = (...args) => {
    const builder = ts.createEmitAndSemanticDiagnosticsBuilderProgram(...args);
    hooks.onProgram({ ...builder });
    // tslab would compile and check every file a cell imports again for each cell.
    // Here tsx compiles them, and `LibraryCheck` checks them when they have changed.
    builder.getAllDependencies = () => [cellFile];
    const { emit } = builder;
    builder.emit = (file, write, cancellation, onlyDeclarations, transformers = {}) => {
      const propertyNames = fixPropertyNames(ts, builder.getProgram().getTypeChecker());
      return emit(
        file,
        (name, text, ...more) => {
          if (name.endsWith('.js.map')) hooks.onEmit(text);
          else {
            // tslab knows its output by this name, which a rootDir of its own would give.
            const tslabName = path.posix.join('outDir', path.basename(name));
            write?.(tslabName, text.replace(SOURCE_MAP_COMMENT, '\n'), ...more);
          }
        },
        cancellation,
        onlyDeclarations,
        { ...transformers, before: [...(transformers.before ?? []), propertyNames] },
      );
    };
    return builder;
  };

  const createWatchCompilerHost = (
    rootFiles: string[],
    compilerOptions: TypeScript.CompilerOptions,
    system: TypeScript.System,
  ) => {
    const overrides: TypeScript.CompilerOptions = {
      strict: true,
      alwaysStrict: false, // excluded by tslab's noImplicitUseStrict; cells run in strict mode anyway
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: ['node'],
      typeRoots: [path.join(options.root, 'node_modules', '@types')],
      sourceMap: true,
      rootDir: options.root, // tslab's, the cells' folder, forbids them to import ../lib
    };
    const settings = { ...compilerOptions, ...overrides };
    const ignore = () => {}; // tslab asks for the diagnostics of each program itself
    const host = ts.createWatchCompilerHost(
      rootFiles,
      settings,
      system,
      createProgram,
      ignore,
      ignore,
    );
    return Object.assign(host, joinTimers(system));
  };

  const transpileModule: Ts['transpileModule'] = (input, transpileOptions) => {
    const result = ts.transpileModule(input, {
      ...transpileOptions,
      compilerOptions: { ...transpileOptions.compilerOptions, sourceMap: true },
      transformers: { before: [hooks.transform] },
    });
    hooks.onTranspile(result.sourceMapText ?? '');
    return { ...result, outputText: result.outputText.replace(SOURCE_MAP_COMMENT, '\n') };
  };

  const files = new FileWatch(ts.FileWatcherEventKind);
  const { watchFile, watchDirectory } = files;
  const getCurrentDirectory = () => options.folder;
  const sys = { ...ts.sys, getCurrentDirectory, watchFile, watchDirectory };
  const ours = { ...ts, sys, createWatchCompilerHost, transpileModule };
  const cached = fromTslab.cache[compilerFile];
  if (!cached) throw new Error(`${compilerFile} is not in the module cache after loading it`);
  cached.exports = ours;
  const tslab = fromTslab('./converter.js') as typeof import('tslab/dist/converter');
  return { ts, converter: tslab.createConverter(), files };
}
