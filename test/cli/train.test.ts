/** The real commands train, list, evaluate and export; TensorFlow.js plays the same games again. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/dqn/training/evaluate';
import { tf } from '../../lib/engine/tensorflow';
import { type BreakoutOptions, makeBreakout } from '../../lib/env/breakout';
import { sha256 } from '../../lib/files/flushed';
import { runPaths, writeJson } from '../../lib/runs/record/folder';
import { emptyStatus } from '../../lib/runs/record/status';
import { attach } from '../../lib/runs/start';
import { printable, show } from '../../lib/text';
import { folderOfAll } from '../helpers/folder';
import { describeToy } from '../runs/toy';
import { type Command, call as callIn } from './call';

const runs = folderOfAll();

const call = (command: Command, ...args: string[]) => callIn(runs, command, ...args);

const TINY = '--set learningStarts=30 --set batchSize=2 --set bufferSize=50';

test('trains Breakout, lists the run, and evaluates it', async () => {
  const begin = `--preset quick --name tiny --steps 60 ${TINY}`;
  const trained = await call('train', ...begin.split(' '));
  expect(trained).toMatchObject({ code: 0, stderr: '' });
  const lines = trained.stdout.trim().split('\n');
  expect(lines[0]).toBe(`run tiny in ${join(runs, 'tiny')}`);
  expect(lines.at(-1)).toMatch(/^█+ {2}now finished · 60 \/ 60 agent steps · 100% .*$/);
  expect(trained.stdout).not.toContain('\r'); // plain lines: this is no terminal

  const more = '--resume tiny --steps 80 --set learningRate=1e-5';
  const longer = await call('train', ...more.split(' '));
  expect(longer.code).toBe(0);
  expect(longer.stdout).toContain('80 / 80 agent steps');

  const listed = await call('runs');
  expect(listed.stdout).toMatch(/^name .*\ntiny +finished +80 +80 /);

  const gif = join(runs, 'play.gif');
  // random play: the network is loaded, but not asked
  const options = ['--episodes', '3', '--epsilon', '1', '--seed', '5', '--gif', gif];
  const late = await call('evaluate', 'tiny', ...options, '--gif-from', '100000');
  expect(late.stderr).toMatch(
    /the first game had \d+ pictures, none from step 100000 on: lower --gif-from\n$/,
  );
  expect(late.code).toBe(1);
  const evaluated = await call('evaluate', 'tiny', ...options);
  const returns = returnsIn(evaluated.stdout);
  expect(returns).toHaveLength(3);
  const [a, b, c] = returns as [number, number, number];
  const mean = (a + b + c) / 3;
  const result = JSON.parse(evaluated.stdout.trim().split('\n').at(-1)!);
  expect(Object.keys(result)).toEqual(['mean', 'std', 'median', 'best', 'episodes', 'epsilon']);
  expect(result).toMatchObject({ median: [...returns].sort()[1], best: Math.max(a, b, c) });
  expect(result.mean).toBeCloseTo(mean, 12);
  expect(result.std ** 2).toBeCloseTo(
    ((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 2,
    12,
  );
  expect(readFileSync(gif).toString('latin1', 0, 6)).toBe('GIF89a');

  // the network itself plays as TensorFlow.js does with it; the run is named by its folder
  const asked = ['--episodes', '2', '--epsilon', '0.05', '--seed', '5'];
  const played = await call('evaluate', join(runs, 'tiny'), ...asked);
  expect(played.code).toBe(0);
  expect(returnsIn(played.stdout)).toEqual((await evaluateInTensorFlow('tiny')).returns);

  // under Machado et al.'s protocol other games come of it, and it says so
  const sticky = await call('evaluate', 'tiny', ...asked, '--protocol', 'machado');
  expect(sticky.stdout).toContain('protocol machado: sticky actions 0.25, no no-ops');
  const machado = { repeatActionProbability: 0.25, noopMax: 0 };
  expect(returnsIn(sticky.stdout)).toEqual((await evaluateInTensorFlow('tiny', machado)).returns);

  // an exported agent is the same
  const agent = join(runs, 'agent');
  const exported = await call('export', 'tiny', agent);
  expect(exported).toMatchObject({ code: 0, stdout: `${agent}: the agent after 80 agent steps\n` });
  const again = await call('evaluate', agent, ...asked);
  expect(returnsIn(again.stdout)).toEqual(returnsIn(played.stdout));

  // the weights are the verified ones, whatever file a stranger's model.json names
  nameOtherWeights(agent);
  const hostile = await call('evaluate', agent, ...asked);
  expect(returnsIn(hostile.stdout)).toEqual(returnsIn(played.stdout));
  const course = await call('export', join(runs, 'tiny'), join(runs, 'course.json'));
  expect(course.stderr).toMatch(/the run tiny has ended no game yet\n$/);
  expect(course.code).toBe(1);
  const kept = await call('export', 'tiny', 'package.json');
  expect(kept.stderr).toMatch(
    /package.json: command must be .*: a course is what an export makes of a run.*\n$/,
  );
  expect(kept.code).toBe(1);

  // settings are fixed, and asking for another one does not touch the run
  const before = await (await attach('tiny', { runsFolder: runs })).status();
  const refused = await call('train', '--resume', 'tiny', '--set', 'checkpointSeconds=60');
  expect(refused.stderr).toMatch(/^checkpointSeconds cannot change in a run that has begun; what/);
  expect(refused.stderr).toMatch(/what can: totalSteps, .*, epsilon\nusage/);
  expect(refused.code).toBe(2);
  expect(await (await attach('tiny', { runsFolder: runs })).status()).toEqual(before);
}, 300_000);

/** Lets an agent's model.json name a file outside, with a checksum that is right. */
function nameOtherWeights(agent: string): void {
  const [modelFile, infoFile] = [join(agent, 'model.json'), join(agent, 'agent.json')];
  const model = readFileSync(modelFile, 'utf8').replace('"weights.bin"', '"../others.bin"');
  const info = JSON.parse(readFileSync(infoFile, 'utf8'));
  info.files['model.json'].sha256 = sha256(model);
  writeFileSync(modelFile, model);
  writeFileSync(infoFile, JSON.stringify(info));
}

function returnsIn(stdout: string): number[] {
  return [...stdout.matchAll(/^episode \d: (\d+)$/gm)].map(([, n]) => Number(n));
}

/** The same games, with the checkpoint's network read and asked by TensorFlow.js alone. */
async function evaluateInTensorFlow(
  name: string,
  options: BreakoutOptions & { scaleObs?: false } = {},
) {
  const [checkpoint] = await (await attach(name, { runsFolder: runs })).checkpoints();
  const network = await tf.loadLayersModel(`file://${checkpoint}/network/model.json`);
  return evaluate({
    env: makeBreakout(options),
    episodes: 2,
    epsilon: 0.05,
    seed: 5,
    qValues: (observation) =>
      tf.tidy(() => {
        const stack = tf.tensor(observation, [1, 4, 84, 84], 'float32');
        return (network.predict(tf.transpose(stack, [0, 2, 3, 1])) as tf.Tensor).dataSync();
      }),
  });
}

describe('mistakes are reported in a sentence', { timeout: 120_000 }, () => {
  const cases: [Command, string, number, RegExp][] = [
    ['train', '', 2, /^give --preset and --name, or --resume\nusage: npm run train/],
    ['train', '--preset quick --name x --set a', 2, /^--set takes KEY=VALUE, got a/],
    ['train', '--preset quik --name x', 1, /^preset must be one of keras, .*, got quik\n$/],
    ['train', '--preset quick --name a/b', 1, /^a run's name must be .*"a\/b".*\n$/],
    ['train', '--resume nobody', 1, /^there is no run named nobody: .*\n$/],
    [
      'train',
      '--preset quick --name x --set checkpointSecond=5',
      2,
      /^--set does not know checkpointSecond, the nearest is checkpointSeconds\nusage: npm run train/,
    ],
    ['train', '--resume x --steps', 2, /^Option '--steps <value>' argument missing\nusage: /],
    ['evaluate', 'x --epsilon=', 2, /^--epsilon must be .* 0 to 1, got nothing\nusage: /],
    ['evaluate', 'nobody', 1, /^there is no run named nobody: /],
    [
      'evaluate',
      '/no/such/place',
      1,
      /^there is no folder \/no\/such\/place: name a run or its folder\n$/,
    ],
    [
      'evaluate',
      'lib/cli',
      1,
      /^lib\/cli is no run, .*config.json, .*state.json.*agent.json.*: name .*\n$/,
    ],
    ['evaluate', 'x --protocol nature', 2, /^--protocol must be classic or machado, got nature/],
    ['export', 'x', 2, /^name one run and one target\nusage: npm run export/],
    ['export', 'nobody there', 1, /^there is no run named nobody: /],
    ['evaluate', 'x --gif x.mp4', 2, /^--gif: .* must end in .gif, got 'x.mp4'\nusage: /],
    ['export', 'x y.json --checkpoint z', 2, /^--checkpoint is for an agent: name a folder/],
    [
      'evaluate',
      'x --gif /no/such/x.gif',
      1,
      /^--gif cannot write \/no\/such\/x.gif \(ENOENT.*\): name a file in a folder that is there\n$/,
    ],
    ['evaluate', 'x --gif package.json/x.gif', 1, /^--gif cannot write \/.*\/x.gif \(ENOTDIR.*\n$/],
    ['runs', 'x', 2, /^Unexpected argument 'x'.*\nusage: npm run runs\n$/],
    ['bench', '', 2, /^NAME must be one of agent, .*, got nothing\nusage: npm run bench/],
    ['notebooks', '--timeout 0', 2, /^--timeout must be above 0 s, got 0\nusage: /],
    ['notebooks', 'none.ipynb', 2, /^no such notebook: .*none.ipynb\nusage: /],
  ];
  test.each(cases)('%s %s', async (command, args, code, message) => {
    const result = await call(command, ...args.split(' ').filter(Boolean));
    expect(result.stderr.replace(/^(WARNING|I0000).*\n/gm, '')).toMatch(message);
    expect(result.code).toBe(code);
  });

  test.each(['--help', '-h'])('%s shows the usage and does nothing else', async (option) => {
    const result = await call('bench', 'env', option);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^usage: npm run bench -- NAME/);
  });
});

test('what files say is no command to the terminal', async () => {
  const evil = 'a\x1b]0;title\x07\x1b[2J\x9b2J\u202e\r\tb\nc';
  const shown = 'a\\x1b]0;title\\x07\\x1b[2J\\x9b2J\\u202e\\x0d\tb\nc';
  expect([printable(evil), show(evil)]).toEqual([shown, `'${shown}'`]);
  const kinds = { message: { state: 'failed', message: evil }, state: { state: evil } };
  for (const [name, status] of Object.entries(kinds)) {
    const paths = runPaths(`evil-${name}`, { runsFolder: runs });
    mkdirSync(paths.folder);
    await writeJson(paths.config, await describeToy());
    await writeJson(paths.status, { ...emptyStatus(name), ...status });
  }
  writeFileSync(join(runs, 'evil.json'), '{"\x1b[2J');
  const { stdout } = await call('runs');
  expect(stdout).toContain(`evil-message: ${shown}\n`);
  expect(stdout).toContain(`got '${shown}'`);
  const { stderr } = await call('sweep', join(runs, 'evil.json'));
  const printed = `${stdout}${stderr}`.replaceAll(/[\n\t]/g, '');
  expect(printed).not.toMatch(/\p{Cc}/u);
});
