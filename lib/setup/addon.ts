/**
 * The stage "TensorFlow addon": the N-API addon of @tensorflow/tfjs-node-gpu, compiled against the
 * TensorFlow of tensorflow.ts. The package's own install script would fetch TensorFlow 2.9 instead,
 * whose CUDA 11 no current GPU runs.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TENSORFLOW_FOLDER, tensorflowLibraries } from '../engine/compiled';
import { compile, requireCompiler } from './compiler.mjs';
import { explainFailure, SetupError } from './errors.mjs';
import { runTool, type ToolResult } from './run.mjs';
import { logPath, replaceFolder, type Site, type Stage } from './stage';
import { hasStamp, stampOf, writeStamp } from './stamp.mjs';

const PACKAGE = 'node_modules/@tensorflow/tfjs-node-gpu';
/** Where the package looks for the addon. */
const ADDON_FOLDER = `${PACKAGE}/lib/napi-v8`;
const ADDON = 'tfjs_binding.node';
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => `${PACKAGE}/binding/${name}`);
/** The way from the addon to the project's folder: the libraries are found wherever the project is moved. */
const UP = '../../../../..';

export function addonStage(site: Site): Stage {
  const folder = join(site.root, ADDON_FOLDER);
  return {
    name: 'TensorFlow addon',
    bytes: 50e6,
    products: [`${ADDON_FOLDER}/.stamp`, `${ADDON_FOLDER}/${ADDON}`],
    isDone: () => hasStamp({ folder, stamp: addonStamp(site) }),
    check() {
      requireCompiler(site.env);
    },
    async run() {
      const next = `${folder}.next`; // as deep as the final place: the addon finds TensorFlow from there
      rmSync(next, { recursive: true, force: true });
      mkdirSync(next, { recursive: true });
      await compile({
        ...site,
        what: 'the TensorFlow addon',
        log: logPath(site, 'compiler'),
        args: compilerArguments(site, join(next, ADDON)),
      });
      replaceFolder(site, { from: next, to: folder });
      await compute(site); // the package looks in this place only, so the stamp comes after
      writeStamp({ folder, stamp: addonStamp(site), files: [ADDON] });
    },
  };
}

/** The addon's stamp, made from its sources and flags, for one TensorFlow. */
function addonStamp(site: Site): string {
  const sources = SOURCES.map((path) => readFileSync(join(site.root, path)));
  let tensorflow = 'none';
  try {
    tensorflow = readFileSync(join(site.root, '.tensorflow/.stamp'), 'utf8');
  } catch {
    // not there yet: this stamp then fits no addon
  }
  return stampOf([...sources, compilerArguments(site, '').join(' '), tensorflow]);
}

function compilerArguments(site: Site, output: string): string[] {
  const rpath = `${UP}/${TENSORFLOW_FOLDER}`;
  const system =
    process.platform === 'darwin'
      ? ['-bundle', '-undefined', 'dynamic_lookup', `-Wl,-rpath,@loader_path/${rpath}`]
      : ['-shared', '-fPIC', `-Wl,-rpath,$ORIGIN/${rpath}`];
  return [
    ...['-std=c++17', '-O2', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
    ...['-I', 'node_modules/node-api-headers/include', '-I', `${TENSORFLOW_FOLDER}/include`],
    ...SOURCES,
    ...system,
    ...tensorflowLibraries(site.root).map((name) => `${TENSORFLOW_FOLDER}/${name}`),
    ...['-o', output],
  ];
}

/** Loads the addon in a process of its own, which it may crash, and lets it compute. */
async function compute(site: Site): Promise<void> {
  const log = logPath(site, 'addon-check');
  const result = await runTool({
    command: process.execPath,
    args: [join(site.root, 'lib/setup/check-tensorflow.cjs')],
    cwd: site.root,
    env: { ...site.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    log,
  });
  if (result.code !== 0) throw explainCrash(result, log);
}

function explainCrash({ signal, output }: ToolResult, log: string): SetupError {
  if (signal === 'SIGILL') {
    return new SetupError(
      'TensorFlow stops with an illegal instruction: it needs a CPU with AVX.',
      'use a newer machine, or let the virtual machine pass the CPU features of its host',
    );
  }
  if (signal) {
    return new SetupError(
      `TensorFlow was ended by ${signal} when it was tried.`,
      `look for a lack of memory (1 GB is needed), then run the command again; details: ${log}`,
    );
  }
  return explainFailure({ what: 'Trying TensorFlow', output, log });
}
