/** Games in several threads go as the same games one after the other, whatever the number of threads. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createConfig } from '../../lib/dqn/config/presets';
import { PqnTraining } from '../../lib/dqn/training/pqn-training';
import { makeBreakout } from '../../lib/env/breakout';
import { BreakoutPool, type PoolOptions } from '../../lib/env/breakout-pool';
import type { Env, StepResult } from '../../lib/env/env';
import { SIGNAL } from '../../lib/env/pool-memory';
import { Mt19937 } from '../../lib/random';
import { ensureEngines } from '../helpers/native-engine';

beforeAll(ensureEngines);

const options = { fireReset: true, fireAfterLifeLoss: true, repeatActionProbability: 0.25 };

function createPool(given: PoolOptions): BreakoutPool {
  const pool = new BreakoutPool(given);
  onTestFinished(() => pool.dispose());
  return pool;
}

/** A copy, since environments reuse their memory. */
const kept = ({ observation, ...rest }: StepResult<Uint8Array>) => ({
  ...structuredClone(rest),
  observation: Buffer.from(observation).toString('base64'),
});

describe.each([1, 2, 3])('%d threads', (threads) => {
  test('steps, resets and information are those of plain environments', () => {
    const { envs } = createPool({ numEnvs: 5, options, threads });
    const plain = envs.map(() => makeBreakout(options));
    const random = new Mt19937(1);
    const reset = (i: number, seed?: number) => {
      const given = seed === undefined ? {} : { seed };
      const [ours, theirs] = [envs[i]!.reset(given), plain[i]!.reset(given)];
      expect(ours.info).toEqual(theirs.info);
      expect(Buffer.compare(ours.observation, theirs.observation)).toBe(0);
    };
    plain.forEach((_, i) => void reset(i, 10 + i));
    let ended = 0;
    for (let step = 0; step < 250; step++) {
      const actions = plain.map(() => Math.floor(random.nextDouble() * 4));
      actions.forEach((action, i) => void envs[i]!.send(action));
      for (const [i, env] of plain.entries()) {
        const theirs = kept(env.step(actions[i]!));
        expect(kept(envs[i]!.receive())).toEqual(theirs);
        if (!theirs.terminated) continue;
        ended++;
        reset(i); // without a seed the generators go on
      }
    }
    expect(ended).toBeGreaterThan(2);
    expect(kept(envs[4]!.step(2))).toEqual(kept(plain[4]!.step(2))); // one game alone
  });

  test('a training has the same weights as with plain environments', () => {
    const config = createConfig('fast', {
      ...{ numEnvs: 5, rolloutSteps: 8, batchSize: 20, networkWidth: 0.125 },
    });
    const trained = (envs: Iterable<Env>) => {
      const next = envs[Symbol.iterator]();
      const createEnv = () => next.next().value as Env;
      const training = new PqnTraining({ createEnv, config, seed: 2 });
      for (let step = 0; step < 40; step++) training.step();
      return training.learner.state().weights;
    };
    const fire = { fireReset: true, fireAfterLifeLoss: true };
    const { envs } = createPool({ numEnvs: 5, options: fire, threads });
    expect(trained(envs)).toEqual(trained(envs.map(() => makeBreakout(fire))));
  });
});

/**
 * A thread that is held between its change and its wake-up call wakes the other one late: out of the wait
 * after the next. On a loaded machine a training died of it once in an hour.
 */
test('wake-up calls that come too late change nothing', () => {
  const { envs } = createPool({ numEnvs: 2, threads: 2 });
  const [plain, other] = [makeBreakout(), envs[1]!];
  const wake = vi.spyOn(Atomics, 'notify');
  expect(other.reset({ seed: 1 }).info).toEqual(plain.reset({ seed: 1 }).info);
  const [signals] = wake.mock.calls[0] as unknown as [Int32Array];
  wake.mockRestore();
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let step = 0; step < 20; step++) {
    Atomics.wait(nothing, 0, 0, 5); // the other thread is asleep by now
    Atomics.notify(signals, SIGNAL.asked);
    other.send(step % 4);
    const wait = vi.spyOn(Atomics, 'wait').mockReturnValueOnce('ok');
    const ours = kept(other.receive());
    wait.mockRestore();
    expect(ours).toEqual(kept(plain.step(step % 4)));
  }
});

test('a game of another thread refuses what a plain one refuses, and goes on', () => {
  const { envs } = createPool({ numEnvs: 2, threads: 2 });
  const [plain, other] = [makeBreakout(), envs[1]!];
  const messageOf = (env: Env, call: (env: Env) => unknown) => {
    try {
      return call(env);
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const call of [
    (env: Env) => env.step(0),
    (env: Env) => env.reset({ seed: -1 }),
    (env: Env) => env.step(4),
    (env: Env) => env.step(Number.NaN),
  ]) {
    expect(messageOf(other, call)).toBe(messageOf(plain, call));
  }
  const [ours, theirs] = [other, plain].map((env) => {
    env.reset({ seed: 3 });
    return kept(env.step(1));
  });
  expect(ours).toEqual(theirs);
});

test.each<[string, PoolOptions, string]>([
  ['no games', { numEnvs: 0 }, 'numEnvs'],
  ['half a thread', { numEnvs: 2, threads: 0.5 }, 'threads'],
  ['a wrong option', { numEnvs: 2, options: { frameskip: 0 } }, 'frameskip'],
])('%s is refused', (_, given, name) => {
  expect(() => new BreakoutPool(given)).toThrow(name);
});
