import { describe, expect, it } from 'vitest';
import type { PlayerStatus, StepShown, ToPage } from '../../lib/display/messages';
import { createQNetwork } from '../../lib/dqn/learner/q-network';
import { ReplayBuffer } from '../../lib/dqn/replay/replay-buffer';
import { play } from '../../lib/play/play';
import { watch } from '../../lib/play/watch';
import { ButtonHost, FakeClock } from '../display/fake-host';

const MIME = 'application/vnd.breakout-dqn.player+json';
const NOTHING = { left: false, right: false, fire: false, target: null };

/** A reader before a game: what the page would send, and what it is sent. */
class Reader {
  readonly host = new ButtonHost();
  readonly clock = new FakeClock();
  private inputs = 0;

  get id(): string {
    return (this.host.latest(MIME) as { id: string }).id;
  }

  get messages(): ToPage[] {
    return this.host.replies as ToPage[];
  }

  get status(): PlayerStatus {
    const message = this.messages.findLast((each) => 'status' in each);
    return (message as { status: PlayerStatus }).status;
  }

  get steps(): StepShown[] {
    return this.messages.flatMap((each) =>
      each.type === 'picture' && each.step ? [each.step] : [],
    );
  }

  /** Values at moments that were gone to. */
  get looks(): StepShown[] {
    return this.messages.flatMap((each) =>
      each.type === 'picture' && each.look ? [each.look] : [],
    );
  }

  /** From which frames on steps are no longer. */
  get forgotten(): number[] {
    return this.messages.flatMap((each) =>
      each.type === 'picture' && each.forget !== undefined ? [each.forget] : [],
    );
  }

  say(type: string, more: object = {}): Promise<void> {
    return this.host.say({ id: this.id, type, ...more });
  }

  command(name: string, value?: number): Promise<void> {
    return this.say('command', { name, value });
  }

  hold(held: object): Promise<void> {
    return this.say('input', { held: { ...NOTHING, ...held }, number: ++this.inputs });
  }

  /** Lets frames pass; the page sees all that it is sent, unless it is asleep. */
  async watch(frames: number, { asleep = false } = {}): Promise<void> {
    for (let i = 0; i < frames; i++) {
      await this.clock.advance(1000 / 60 + 0.01);
      const shown = this.messages.findLastIndex(({ type }) => type === 'show');
      const seen = this.messages.slice(shown).filter(({ type }) => type === 'picture');
      if (!asleep) await this.say('seen', { pictures: seen.length });
    }
  }
}

async function begin(): Promise<Reader & { game: Awaited<ReturnType<typeof play>> }> {
  const reader = new Reader();
  const game = await play(reader);
  await reader.say('attach');
  return Object.assign(reader, { game });
}

const shape = { observationShape: [4, 84, 84], actions: 4, width: 0.125 };
const network = createQNetwork({ ...shape, seed: 1 });

async function beginWatching() {
  const reader = new Reader();
  const game = await watch(network, { ...reader, epsilon: 0 });
  await reader.say('attach');
  return Object.assign(reader, { game });
}

describe('play', () => {
  it('waits for the reader, plays 60 frames a second and pauses', async () => {
    const reader = await begin();
    await reader.watch(5);
    expect(reader.status).toMatchObject({ frame: 0, paused: true, pilot: 'you' });
    await reader.command('resume');
    await reader.watch(60);
    expect(reader.status).toMatchObject({ frame: 60, paused: false });
    await reader.command('speed', 0.5);
    await reader.watch(60);
    expect(reader.status.frame).toBe(90);
    await reader.command('pause');
    await reader.watch(5);
    expect(reader.status).toMatchObject({ frame: 90, paused: true });
    reader.game.close();
  });

  it('moves the paddle while a key is held, and by a tap shorter than a frame', async () => {
    const reader = await begin();
    await reader.command('resume');
    await reader.hold({ right: true });
    await reader.watch(10);
    await reader.hold({});
    await reader.watch(2);
    await reader.hold({ left: true });
    await reader.hold({});
    await reader.watch(6);
    const actions = reader.game.transitions().map(({ action }) => action);
    expect(actions.slice(0, 4)).toEqual([2, 2, 2, 0]);
    expect(reader.status.input).toBe(4);
    reader.game.close();
  });

  it('goes back and on from there, and keeps what was played', async () => {
    const reader = await begin();
    await reader.command('resume');
    await reader.hold({ fire: true });
    await reader.watch(100);
    await reader.command('seek', 40);
    expect(reader.status).toMatchObject({ frame: 40, length: 100, paused: true });
    await reader.command('frame');
    expect(reader.status).toMatchObject({ frame: 41, length: 41 });
    await reader.command('step');
    expect(reader.status.frame).toBe(44);
    const buffer = new ReplayBuffer({
      capacity: 100,
      observationShape: [4, 84, 84],
      batchSize: 1,
    });
    expect(reader.game.remember(buffer)).toBe(11);
    expect(buffer.length).toBe(11);
    expect((await reader.game.gif()).frameCount).toBe(11);
    reader.game.close();
  });

  it('sends nothing to a page that sleeps, waits for it, and takes it for gone', async () => {
    const reader = await begin();
    await reader.command('resume');
    await reader.watch(60, { asleep: true });
    const sent = reader.messages.filter(({ type }) => type === 'picture').length;
    expect(sent).toBeLessThan(20);
    await reader.watch(3);
    expect(reader.status.frame).toBeLessThan(40);
    await reader.watch(300, { asleep: true });
    expect(reader.status.paused).toBe(true);
    reader.game.close();
  });

  it('is shown on one page at a time, whole on each that is used', async () => {
    const reader = await begin();
    const { id } = reader;
    await reader.command('resume');
    await reader.watch(10);
    const other = reader.host.openPage();
    await other.say({ id, type: 'attach' });
    const before = reader.messages.length;
    await reader.say('seen', { pictures: 10 }); // was on its way
    await reader.clock.advance(17);
    const types = () => (other.replies as ToPage[]).map(({ type }) => type);
    expect(types()).toEqual(['show', 'picture']);
    expect(reader.messages).toHaveLength(before);
    await reader.command('pause');
    expect(reader.messages.slice(before).map(({ type }) => type)).toEqual(['show', 'picture']);
    expect(types()).toHaveLength(2);
    reader.game.close();
  });

  it('leaves a picture and a sentence for the file, and says when a game is closed', async () => {
    const reader = await begin();
    const bundle = reader.host.shown[0]!.bundle as Record<string, string>;
    expect(Object.keys(bundle)).toEqual([MIME, 'text/html', 'image/png', 'text/plain']);
    expect(bundle['text/html']).toMatch(/npm start.*<img src="data:image\/gif;base64,/);
    expect(JSON.stringify(bundle).length).toBeLessThan(50_000);
    reader.game.close();
    await reader.command('resume');
    expect(reader.messages.at(-1)).toMatchObject({ type: 'error', error: /closed/ });
  });
});

describe('watch', () => {
  it('plays, and shows the values of each step', async () => {
    const reader = await beginWatching();
    await reader.watch(80);
    expect(reader.status).toMatchObject({ pilot: 'agent', paused: false });
    expect(reader.steps).toHaveLength(20);
    for (const { q, action, chosenBy } of reader.steps) {
      expect(q).toHaveLength(4);
      expect([chosenBy, action]).toEqual(['agent', q.indexOf(Math.max(...q.map(Number)))]);
    }
    await reader.command('epsilon', 1);
    await reader.watch(40);
    expect(reader.steps.at(-1)!.chosenBy).toBe('chance');
    expect(reader.status.epsilon).toBe(1);
    reader.game.close();
  });

  it('gives way to a key and goes on when handed back', async () => {
    const reader = await beginWatching();
    await reader.watch(20);
    await reader.hold({ left: true });
    await reader.watch(12);
    expect(reader.status.pilot).toBe('you');
    expect(reader.steps.at(-1)).toMatchObject({ chosenBy: 'you', action: 3 });
    await reader.hold({});
    await reader.command('hand-back');
    await reader.watch(12);
    expect(reader.steps.at(-1)!.chosenBy).toBe('agent');
    reader.game.close();
  });

  it('recomputes values and overlay when ball or paddle are moved by hand', async () => {
    const reader = await beginWatching();
    await reader.command('overlay', 1);
    await reader.watch(80);
    await reader.command('pause');
    let before = reader.steps.at(-1)!.q;
    for (const what of ['ball', 'paddle']) {
      const overlays = () => reader.messages.filter(({ type }) => type === 'overlay').length;
      const count = overlays();
      await reader.say('move', { what, x: 30, y: 120 });
      const { frame, q } = reader.looks.at(-1)!;
      expect(frame).toBe(reader.status.frame);
      expect(q).not.toEqual(before);
      before = q;
      expect(overlays()).toBe(count + 1);
    }
    reader.game.close();
  });

  it('says why the ball cannot be moved, and goes on', async () => {
    const reader = await beginWatching();
    await reader.watch(80);
    await reader.say('move', { what: 'ball', x: 80, y: 70 });
    expect(reader.messages.at(-1)).toMatchObject({
      type: 'error',
      error: /^The ball cannot be at/,
    });
    await reader.command('resume');
    await reader.watch(8);
    expect(reader.status.frame).toBe(88);
    reader.game.close();
  });

  it('keeps the steps behind the moment that is gone to, until another game is played there', async () => {
    const reader = await beginWatching();
    await reader.watch(80);
    await reader.command('seek', 42);
    expect(reader.forgotten).toEqual([]);
    expect(reader.looks.at(-1)!.frame).toBe(42);
    await reader.command('seek', 80);
    expect(reader.forgotten).toEqual([]);
    await reader.command('seek', 42);
    await reader.command('frame');
    expect(reader.forgotten).toEqual([43]);
    await reader.say('attach');
    const { steps } = reader.messages.findLast(({ type }) => type === 'show') as never as {
      steps: StepShown[];
    };
    expect(steps.at(-1)!.frame).toBe(40);
    reader.game.close();
  });

  it('pauses and tells the page when its network fails, in place of the kernel', async () => {
    const doomed = createQNetwork({ ...shape, seed: 2 });
    const reader = new Reader();
    const game = await watch(doomed, { ...reader, epsilon: 0 });
    await reader.say('attach');
    await reader.command('overlay', 1);
    await reader.watch(20);
    doomed.dispose();
    await reader.watch(20);
    expect(reader.messages.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(reader.status.paused).toBe(true);
    game.close();
  });

  it('says that values are not finite', async () => {
    const diverged = createQNetwork({ ...shape, seed: 2 });
    diverged.setWeights(diverged.getWeights().map((each) => each.mul(Number.NaN)));
    const reader = new Reader();
    const game = await watch(diverged, { ...reader, epsilon: 0 });
    await reader.say('attach');
    await reader.watch(8);
    expect(reader.steps.at(-1)!.q).toEqual([null, null, null, null]);
    await reader.command('pause');
    await reader.command('seek', 4);
    expect(reader.looks.at(-1)!.action).toBe(0);
    game.close();
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses the epsilon %d', async (epsilon) => {
    await expect(watch(network, { ...new Reader(), epsilon })).rejects.toThrow(
      `epsilon must be from 0 to 1, got ${epsilon}`,
    );
  });
});
