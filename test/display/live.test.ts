/** Live outputs send their first and last state and little between, by a clock turned by hand. */
import { describe, expect, it } from 'vitest';
import { learningCurve } from '../../lib/display/curves';
import { LiveFigure, LiveOutput, LivePicture } from '../../lib/display/live';
import { breakoutPicture } from './breakout-picture';
import { FakeClock, FakeHost, settle } from './fake-host';

function liveText(periodMs = 500) {
  const host = new FakeHost();
  const clock = new FakeClock();
  const encode = ({ text }: { text: string }) => ({ bundle: { 'text/plain': text } });
  const live = new LiveOutput(encode, { periodMs, host, clock });
  const update = async (text: string) => {
    live.update({ text });
    await settle();
  };
  return { host, clock, live, update };
}

describe('LiveOutput', () => {
  it('shows the first state at once and replaces it in place', async () => {
    const { host, clock, update } = liveText();
    await update('one');
    await clock.advance(500);
    await update('two');
    expect(host.texts()).toEqual(['one', 'two']);
    const options = host.shown.map(({ options: { update = false } }) => update);
    expect(options).toEqual([false, true, true]);
    expect(new Set(host.shown.map(({ options }) => options.displayId)).size).toBe(1);
  });

  it('takes its place among the outputs before it is encoded', () => {
    const host = new FakeHost();
    new LiveFigure({ host }).update(learningCurve([]));
    new LivePicture({ host }).update(breakoutPicture(0));
    const ids = host.shown.map(({ options }) => options.displayId);
    expect(ids.length).toBe(2);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('skips what comes faster than the period, but delivers the last of it', async () => {
    const { host, clock, update } = liveText();
    for (const text of ['1', '2', '3', '4']) await update(text);
    expect(host.texts()).toEqual(['1']);
    await clock.advance(499);
    expect(host.texts()).toEqual(['1']);
    await clock.advance(1);
    expect(host.texts()).toEqual(['1', '4']);
    await clock.advance(5000);
    expect(host.texts()).toEqual(['1', '4']);
    expect(clock.pending).toBe(0);
  });

  it('delivers at most once a period over a long loop', async () => {
    const { host, clock, update } = liveText();
    for (let i = 0; i < 1000; i++) {
      await update(String(i));
      await clock.advance(10);
    }
    await clock.advance(500);
    expect(host.texts().length).toBe(1 + 20);
    expect(host.texts().at(-1)).toBe('999');
  });

  it('finishes without waiting for the period', async () => {
    const { host, clock, live, update } = liveText();
    await update('first');
    await update('last');
    await live.finish();
    expect(host.texts()).toEqual(['first', 'last']);
    expect(clock.pending).toBe(0);
    await live.finish();
    expect(host.texts()).toEqual(['first', 'last']);
  });

  it('makes a state only when it is going to be shown', async () => {
    const { clock, live, host } = liveText();
    let made = 0;
    const source = () => ({ text: String(++made) });
    for (let i = 0; i < 100; i++) live.update(source);
    await settle();
    expect(made).toBe(1);
    await clock.advance(500);
    expect(host.texts()).toEqual(['1', '2']);
  });

  it('keeps the order when making an output takes longer than the period', async () => {
    const host = new FakeHost();
    const clock = new FakeClock();
    const gates: (() => void)[] = [];
    const encode = ({ text }: { text: string }) =>
      new Promise<{ bundle: { 'text/plain': string } }>((resolve) => {
        gates.push(() => resolve({ bundle: { 'text/plain': text } }));
      });
    const live = new LiveOutput(encode, { periodMs: 100, host, clock });
    live.update({ text: 'slow' });
    await clock.advance(1000);
    live.update({ text: 'next' });
    await settle();
    expect(gates.length).toBe(1); // the second waits for the first
    gates[0]!();
    await settle();
    gates[1]!();
    await settle();
    expect(host.texts()).toEqual(['slow', 'next']);
  });

  it('passes on what went wrong to the next call', async () => {
    const { live } = liveText();
    live.update(() => {
      throw new Error('the environment is closed');
    });
    await settle();
    expect(() => live.update({ text: 'x' })).toThrow('the environment is closed');
    await expect(live.finish()).resolves.toBeUndefined();
  });

  it('needs a notebook or a host', () => {
    expect(() => new LiveFigure()).toThrow(/no notebook kernel runs here/);
    expect(() => new LivePicture({ host: new FakeHost(), periodMs: -1 })).toThrow(RangeError);
  });
});

describe('LiveFigure and LivePicture', () => {
  it('show figures and pictures', async () => {
    const host = new FakeHost();
    const figure = new LiveFigure({ host });
    figure.update(learningCurve([]));
    await figure.finish();
    const picture = new LivePicture({ host, scale: 1 });
    picture.update(() => breakoutPicture(0));
    await picture.finish();
    expect(host.shown[1]!.bundle).toHaveProperty(['application/vnd.plotly.v1+json']);
    expect(host.shown[3]!.options.metadata).toEqual({ 'image/png': { width: 160, height: 210 } });
  });
});
