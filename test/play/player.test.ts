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

const network = createQNetwork({
  observationShape: [4, 84, 84],
  actions: 4,
  width: 0.125,
  seed: 1,
});

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
      expect([chosenBy, action]).toEqual(['agent', q.indexOf(Math.max(...q))]);
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
    const before = reader.steps.at(-1)!;
    for (const what of ['ball', 'paddle']) {
      const overlays = () => reader.messages.filter(({ type }) => type === 'overlay').length;
      const count = overlays();
      await reader.say('move', { what, x: 30, y: 120 });
      const { frame, q } = reader.steps.at(-1)!;
      expect(frame).toBe(reader.status.frame);
      expect(q).not.toEqual(before.q);
      expect(overlays()).toBe(count + 1);
    }
    reader.game.close();
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses the epsilon %d', async (epsilon) => {
    await expect(watch(network, { ...new Reader(), epsilon })).rejects.toThrow(
      `epsilon must be from 0 to 1, got ${epsilon}`,
    );
  });
});
