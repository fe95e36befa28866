/**
 * tslab's converter, which keeps a program of the cell and of what earlier cells declared, with the
 * settings that it does not offer: strict checks, the resolution of `notebooks/tsconfig.json`, source
 * maps. tslab reads the compiler through the module object of its TypeScript fork, so it is given a
 * copy of that object in which two members are ours; nothing of tslab itself is changed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Converter } from 'tslab/dist/converter';
import { FileWatch, joinTimers } from './file-watch';
import { declareNodeFeatures } from './node-features';
import type { Ts, TypeScript } from './typescript';

export interface ConverterOptions {
  /** The repository's root. */
  readonly root: string;
  /** The folder that cells belong to; imports in cells are relative to it. */
  readonly folder: string;
}

/** A program whose root is a cell, after what earlier cells declared. */
export interface CellProgram {
  readonly builder: TypeScript.BuilderProgram;
  readonly cell: TypeScript.SourceFile;
  /** What earlier cells declared. */
  readonly declarations: TypeScript.SourceFile;
}

export interface TslabConverter {
  readonly ts: Ts;
  readonly converter: Converter;
  /** Reports changed files to the compiler, when it is asked to. */
  readonly files: FileWatch;
  /** The program of a cell; `declarations` is the text of a .d.ts file. */
  update(declarations: string, source: string): CellProgram;
  /** Gives all cells what a .d.ts file that is no module may begin with, and declare. */
  declareAmbient(parts: { readonly references: string; readonly modules: string }): void;
}

/** The cell's file name in tslab's program. */
export const CELL_FILE = '__tslab__.ts';
/** The name of the file in which tslab keeps what earlier cells declared. */
const DECLARATIONS_FILE = '__prev__.d.ts';
/** What every cell sees beside tslab's two files: modules that cells declare, and Node's features. */
const AMBIENT_FILE = '__ambient__.d.ts';
/** tslab puts this many lines, `export {};`, before a cell's first. */
export const LINES_BEFORE = 1;

/** Loads the compiler and tslab's converter: about a second of work. */
export function createTslabConverter(options: ConverterOptions): TslabConverter {
  const fromTslab = createRequire(
    path.join(options.root, 'node_modules', 'tslab', 'dist', 'main.js'),
  );
  const compilerFile = fromTslab.resolve('@tslab/typescript-for-tslab');
  const ts = fromTslab(compilerFile) as Ts;
  const features = declareNodeFeatures(path.dirname(compilerFile));
  const ambient = { file: path.join(options.folder, AMBIENT_FILE), text: features };
  // tslab gives nobody its program: the function with which the compiler makes one notes it here.
  let builder: TypeScript.BuilderProgram | undefined;
  const onProgram = (program: TypeScript.BuilderProgram) => {
    builder = program;
  };
  const files = new FileWatch(ts.FileWatcherEventKind);
  const cached = fromTslab.cache[compilerFile];
  if (!cached) throw new Error(`${compilerFile} is not in the module cache after loading it`);
  const parts = { ...options, ts, ambient, files, onProgram };
  const createWatchCompilerHost = (...args: HostArguments) => createHost(parts, ...args);
  cached.exports = { ...ts, sys: createSystem(parts), createWatchCompilerHost };
  const { createConverter } = fromTslab('./converter.js') as typeof import('tslab/dist/converter');
  const converter = createConverter();
  return {
    ts,
    converter,
    files,
    update: (text, source) => {
      // Of tslab's three ways to a new program this one does the least besides.
      converter.inspect(text, source, 0);
      const fileOf = (name: string) => builder?.getSourceFile(path.join(options.folder, name));
      const [cell, declarations] = [fileOf(CELL_FILE), fileOf(DECLARATIONS_FILE)];
      if (!builder || !cell || !declarations) {
        throw new Error(`tslab's program has no ${CELL_FILE} or no ${DECLARATIONS_FILE}`);
      }
      return { builder, cell, declarations };
    },
    declareAmbient: ({ references, modules }) => {
      ambient.text = [references, features, modules].join('\n');
      files.report(ambient.file);
    },
  };
}

interface HostParts extends ConverterOptions {
  readonly ts: Ts;
  /** A file that is not on the disk. */
  readonly ambient: { readonly file: string; readonly text: string };
  readonly files: FileWatch;
  readonly onProgram: (program: TypeScript.BuilderProgram) => void;
}

type HostArguments = [
  rootFiles: string[],
  settings: TypeScript.CompilerOptions,
  system: TypeScript.System,
];

/** What the compiler sees of the disk. */
function createSystem({ ts, folder, ambient, files }: HostParts): TypeScript.System {
  return {
    ...ts.sys,
    getCurrentDirectory: () => folder,
    watchFile: files.watchFile,
    watchDirectory: files.watchDirectory,
    readFile: (file, encoding) =>
      file === ambient.file ? ambient.text : ts.sys.readFile(file, encoding),
    fileExists: (file) => file === ambient.file || ts.sys.fileExists(file),
  };
}

/** The host with which the compiler makes its programs, one after the other. */
function createHost(parts: HostParts, ...[rootFiles, settings, system]: HostArguments) {
  const { ts, ambient, onProgram } = parts;
  const ignore = () => {}; // the compiler of cells asks for the diagnostics itself
  const host = ts.createWatchCompilerHost(
    [...rootFiles, ambient.file],
    { ...settings, ...compilerSettings(ts, parts) },
    system,
    (
      ...args: Parameters<TypeScript.CreateProgram<TypeScript.SemanticDiagnosticsBuilderProgram>>
    ) => {
      const program = ts.createSemanticDiagnosticsBuilderProgram(...args);
      onProgram(program);
      return program;
    },
    ignore,
    ignore,
  );
  return Object.assign(host, joinTimers(system));
}

/** What differs from tslab's own settings. */
function compilerSettings(ts: Ts, { root, folder }: ConverterOptions): TypeScript.CompilerOptions {
  const packages = path.join(root, 'node_modules');
  const isElsewhere = path.relative(root, folder).startsWith('..');
  return {
    strict: true,
    alwaysStrict: false, // excluded by tslab's noImplicitUseStrict; cells run in strict mode anyway
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.esnext.d.ts'],
    types: ['node'],
    rootDir: path.parse(root).root, // tslab's, the cells' folder, forbids them to import ../lib
    typeRoots: [path.join(packages, '@types')],
    sourceMap: true,
    preserveValueImports: true, // later cells may use what this one imports
    experimentalDecorators: false,
    disableTopLevelAwait: false,
    allowImportingTsExtensions: true,
    // A notebook elsewhere finds the library and its packages as one of this project does.
    ...(isElsewhere && {
      pathsBasePath: root,
      paths: {
        ...libraryPaths(root),
        '*': [
          path.join(folder, 'node_modules/*'),
          path.join(packages, '@types/*'), // first: JavaScript without types is found, too
          path.join(packages, '*'),
        ],
      },
    }),
  };
}

/** What the package of this project exports, as the compiler's `paths` say it. */
function libraryPaths(root: string): Record<string, string[]> {
  const { name, exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string>>;
  };
  return Object.fromEntries(
    Object.entries(exports).map(([part, file]) => [
      path.posix.join(name, part),
      [path.join(root, file)],
    ]),
  );
}
