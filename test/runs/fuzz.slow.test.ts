/** Thousands of damaged files and answers end as what they say or as errors of ours, each with its file. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIXTURES, readFixture } from '../../lib/conformance/fixture';
import { loadCheckpoint, saveCheckpoint } from '../../lib/dqn/checkpoint/checkpoint';
import { readCheckpoint } from '../../lib/dqn/checkpoint/read-checkpoint';
import { checkConfig } from '../../lib/dqn/config/check-config';
import { createConfig } from '../../lib/dqn/config/presets';
import { sha256 } from '../../lib/files/flushed';
import { formatNotebook, readNotebook, stripRun } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { Mt19937 } from '../../lib/random';
import { sendCommand } from '../../lib/runs/control/messages';
import { findSocket, openControl } from '../../lib/runs/control/ownership';
import { progressLine } from '../../lib/runs/progress-line';
import { findUsable } from '../../lib/runs/record/checkpoints';
import { pathsIn, type RunPaths } from '../../lib/runs/record/folder';
import { readMetrics } from '../../lib/runs/record/metrics';
import { readRunConfig } from '../../lib/runs/record/run-config';
import { emptyStatus, readLastStatus } from '../../lib/runs/record/status';
import { loadAgent, PRETRAINED, readAgent } from '../../lib/runs/results/agent';
import { courseOf, readCourse } from '../../lib/runs/results/course';
import { attach, listRuns } from '../../lib/runs/start';
import { loadSweep, sweepTable } from '../../lib/sweep/results';
import { folderOfAll } from '../helpers/folder';
import { mutateBytes, mutateValue } from '../helpers/mutations';
import { pick } from '../helpers/random-play';
import { createToyTraining, runTo } from '../helpers/training';
import { describeToy, metricsRow } from './toy';

/** Errors that say in a sentence of ours what is wrong. */
const OURS = new Set([
  ...['RunError', 'FileError', 'CheckpointError', 'CheckpointVersionError', 'ConfigError'],
  ...['FixtureError', 'NotRunningError', 'SilentError'],
]);

const root = folderOfAll();
const figures: Record<string, Record<string, number>> = {};
afterAll(() => {
  console.table(figures);
});

interface Reader {
  readonly cases?: number;
  /** What is to be damaged. */
  readonly content: Uint8Array;
  /** Writes the damaged content, reads it and uses what was read. */
  readonly use: (content: Uint8Array) => unknown;
  /** More errors that are right, by their texts. */
  readonly also?: RegExp;
}

/** Damages the content half as bytes and, when it is JSON, half as a value. */
async function fuzz(name: string, { cases = 1000, content, use, also }: Reader): Promise<void> {
  const counts = { cases, accepted: 0, refused: 0 };
  const value = parse(content);
  for (let seed = 1; seed <= cases; seed++) {
    const random = new Mt19937(seed);
    const isValue = value !== undefined && seed % 2 === 0;
    const text = () => Buffer.from(JSON.stringify(mutateValue(value, random)) ?? '');
    try {
      await use(isValue ? text() : mutateBytes(content, random));
      counts.accepted++;
    } catch (error) {
      const { name: kind, message } = error as Error;
      const isOurs = OURS.has(kind) || also?.test(message);
      if (!isOurs) throw new Error(`${name}, seed ${seed}: ${kind}: ${message}`, { cause: error });
      counts.refused++;
    }
  }
  figures[name] = counts;
  expect(counts.refused).toBeGreaterThan(0);
}

function parse(content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString());
  } catch {
    return undefined;
  }
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
/** A reader of a file. */
const file = (path: string, use: () => unknown) => (content: Uint8Array) => {
  writeFileSync(path, content);
  return use();
};

describe('files', () => {
  let paths: RunPaths;
  let checkpoint = '';
  beforeAll(async () => {
    paths = pathsIn(join(root, 'runs/toy'), 'toy');
    mkdirSync(paths.folder, { recursive: true });
    const training = createToyTraining();
    runTo({ training, to: 60 });
    writeFileSync(paths.config, json(await describeToy({ seed: training.seed })));
    const options = { training, folder: paths.checkpoints, keepReplay: true };
    checkpoint = await saveCheckpoint(options);
  });

  test('of a run', async () => {
    const config = readFileSync(paths.config);
    await fuzz('config.json', {
      content: config,
      use: file(paths.config, async () => courseOf(await readRunConfig(paths), [metricsRow(1)])),
    });
    const list = file(paths.config, () => listRuns({ runsFolder: join(root, 'runs') }));
    await list(Buffer.from('{'));
    writeFileSync(paths.config, config);
    const status = json({ ...emptyStatus('toy'), state: 'stopped', meanReturn: 3 });
    let unreadable = 0;
    await fuzz('status.json', {
      content: status,
      use: file(paths.status, async () => {
        const last = await readLastStatus(paths);
        progressLine(last);
        if (last.state !== 'unreadable') return;
        unreadable++;
        expect(last.message).toContain(paths.status);
        await readRunConfig({ ...paths, config: join(root, 'none') }); // counts it as refused
      }),
    });
    expect(unreadable).toBeGreaterThan(500);
    const course = courseOf(await readRunConfig(paths), [metricsRow(10), metricsRow(20, 3)]);
    const rows = [10, 20, 30].map((step) => `${JSON.stringify(metricsRow(step))}\n`);
    let lost = 0;
    const metrics = file(paths.metrics, async () => {
      const read = await readMetrics(paths.metrics);
      courseOf(await readRunConfig(paths), read);
      lost += Number(read.length < rows.length);
    });
    for (let seed = 1; seed <= 1000; seed++) {
      const random = new Mt19937(seed);
      const row = JSON.stringify(mutateValue(metricsRow(20), random)) ?? '';
      const text = Buffer.from(`${rows[0]}${row}\n${rows[2]}`);
      await metrics(seed % 2 === 0 ? text : mutateBytes(text, random));
    }
    figures['metrics.jsonl'] = { cases: 1000, accepted: 1000 - lost, refused: lost };
    const path = join(root, 'course.json');
    await fuzz('course.json', { content: json(course), use: file(path, () => readCourse(path)) });
  });

  test('of a checkpoint', async () => {
    const state = join(checkpoint, 'state.json');
    const content = readFileSync(state);
    await fuzz('state.json', { content, use: file(state, () => readCheckpoint(checkpoint)) });
    const { info } = parse(content) as { info: unknown };
    const seal = (text: Uint8Array) =>
      Buffer.concat([Buffer.from(`{"sha256":"${sha256(text)}","info":`), text, Buffer.from('}')]);
    await fuzz('state.json, sealed anew', {
      content: json(info),
      use: (text) => file(state, () => findUsable(paths))(seal(text)),
    });
    await fuzz('state.json, sealed anew, loaded', {
      cases: 200,
      content: json(info),
      use: (text) =>
        file(state, async () => {
          const training = createToyTraining();
          try {
            const found = await readCheckpoint(checkpoint);
            const { actions } = found.games[0]!;
            if (actions.length < 1000)
              await loadCheckpoint({ training, path: checkpoint, info: found });
          } finally {
            training.dispose();
          }
        })(seal(text)),
      also: /must |cannot /,
    });
    writeFileSync(state, content);
  });

  test('of an agent', async () => {
    const folder = join(root, 'agent');
    mkdirSync(folder);
    const names = ['agent.json', 'course.json', 'model.json', 'weights.bin', 'weights.safetensors'];
    for (const name of names)
      writeFileSync(join(folder, name), readFileSync(join(PRETRAINED, name)));
    const path = join(folder, 'agent.json');
    const content = readFileSync(path);
    await fuzz('agent.json', { content, use: file(path, () => readAgent(folder)) });
    const model = join(folder, 'model.json');
    const info = parse(content) as { files: Record<string, { sha256: string }> };
    await fuzz('model.json, checksum right', {
      cases: 300,
      content: readFileSync(model),
      use: async (text) => {
        info.files['model.json']!.sha256 = sha256(text);
        writeFileSync(path, JSON.stringify(info));
        const load = file(model, () => loadAgent(folder));
        ((await load(text)) as Awaited<ReturnType<typeof loadAgent>>).network.dispose();
      },
    });
  });

  test('of notebooks, recordings and sweeps', async () => {
    const source = readFileSync(new URL('../../notebooks/00-start.ts', import.meta.url));
    await fuzz('percent source', {
      content: source,
      use: (text) => parsePercent(Buffer.from(text).toString(), { file: 'a.ts' }),
      also: /^a\.ts:\d+: /,
    });
    const notebook = readFileSync(new URL('../../notebooks/00-start.ipynb', import.meta.url));
    await fuzz('notebook', {
      content: notebook,
      use: (text) =>
        formatNotebook(stripRun(readNotebook(Buffer.from(text).toString(), { file: 'a' }))),
    });
    const fixture = join(root, 'fixture.gz');
    const recording = gunzipSync(readFileSync(join(FIXTURES, 'observations/gym-ram.bin.gz')));
    await fuzz('recording', {
      content: recording,
      use: (bytes) => file(fixture, () => readFixture(fixture))(gzipSync(bytes)),
    });
    await expect(async () =>
      file(fixture, () => readFixture(fixture))(gzipSync(Buffer.alloc(1e8))),
    ).rejects.toThrow('got a file that cannot be read');
    const curve = { agentSteps: [1], middle: [1], low: [0], high: [2] };
    const trial = { run: 'a', seed: 1, score: 1, minutes: 1, weights: 'a' };
    const setting = {
      label: 'a',
      edits: {},
      trials: [trial],
      iqm: 1,
      interval: [0, 1],
      minutes: 1,
    };
    const rest = { improvement: 0.5, improvementInterval: [0, 1], curve };
    const head = { format: 1, name: 'a', preset: 'quick', set: {}, seeds: [1], steps: 9 };
    await fuzz('sweep', {
      content: json({ ...head, commits: ['a'], settings: [{ ...setting, ...rest }] }),
      use: file(join(root, 'a.sweep.json'), async () =>
        sweepTable(await loadSweep('a', { runsFolder: root })),
      ),
    });
  });
});

test('configs', async () => {
  const config = createConfig('quick');
  await fuzz('config', {
    content: json(config),
    use: (text) => checkConfig((parse(text) ?? null) as Parameters<typeof checkConfig>[0]),
  });
});

describe("a run's socket", () => {
  test('answers that are damaged', async () => {
    const paths = pathsIn(join(root, 'answers'), 'toy');
    mkdirSync(paths.folder);
    const control = await openControl({ paths, handle: async () => null });
    const path = (await findSocket(paths))!;
    await control.close();
    let next: Uint8Array = Buffer.alloc(0);
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.end(next));
    }).listen(path);
    await fuzz('answer', {
      content: Buffer.from(`${JSON.stringify({ result: emptyStatus('toy') })}`),
      use: (text) => {
        next = Buffer.concat([text, Buffer.from('\n')]);
        return sendCommand(paths, { command: 'status' }, 500);
      },
    });
    await new Promise((closed) => server.close(closed));
  });

  test('requests that are damaged, 1,000 connections and 1,000 attachments leave it as it was', async () => {
    const runsFolder = join(root, 'soak');
    const paths = pathsIn(join(runsFolder, 'toy'), 'toy');
    mkdirSync(paths.folder, { recursive: true });
    writeFileSync(paths.config, json(await describeToy()));
    const status = { ...emptyStatus('toy'), state: 'running' } as const;
    const control = await openControl({ paths, handle: async () => status });
    const path = (await findSocket(paths))!;
    const request = json({ command: 'status', folder: '1:2', values: { a: [1] } });
    for (let seed = 1; seed <= 1000; seed++) {
      const random = new Mt19937(seed);
      const socket = connect(path);
      socket.on('error', () => socket.destroy());
      const bytes = mutateBytes(request, random);
      await new Promise<void>((sent) => {
        socket.write(Buffer.concat([bytes, Buffer.from(pick(random, 2) ? '\n' : '')]), () =>
          sent(),
        );
      });
      socket.destroy();
    }
    figures.request = { cases: 1000, accepted: 0, refused: 1000 };
    const before = process.memoryUsage();
    for (let i = 0; i < 50; i++) {
      const looks = Array.from({ length: 20 }, async () =>
        (await attach('toy', { runsFolder })).status(),
      );
      for (const look of await Promise.all(looks)) expect(look.state).toBe('running');
    }
    const { rss } = process.memoryUsage();
    figures.attachment = { cases: 1000, accepted: 1000, refused: 0 };
    console.log(
      `1,000 attachments: ${Math.round(before.rss / 1e6)} -> ${Math.round(rss / 1e6)} MB`,
    );
    expect(rss - before.rss).toBeLessThan(200e6);
    const together = Array.from({ length: 1500 }, () =>
      sendCommand(paths, { command: 'status' }, 60_000),
    );
    expect(await Promise.all(together)).toHaveLength(1500);
    await control.close();
  });
});
