/** Progress lines show work, speed and time left as written out by hand, at any width. */
import { describe, expect, it } from 'vitest';
import { formatDuration, formatProgress, LiveProgress } from '../../lib/display/progress';
import { FakeClock, FakeHost } from './fake-host';

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3599.7, '1 h 00 min'],
    [11_220, '3 h 07 min'],
    [360_000, '100 h 00 min'],
  ])('of %d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('formatProgress', () => {
  const state = {
    done: 2500,
    total: 10_000,
    unit: 'agent steps',
    seconds: 10,
    rate: 250,
    notes: {},
  };

  it('shows how far, how fast and how long', () => {
    expect(formatProgress(state)).toBe(
      '██████░░░░░░░░░░░░░░░░░░  2,500 / 10,000 agent steps · 25% · 250 /s · 30 s left',
    );
  });

  it('shows the whole time at the end, and what was noted', () => {
    const end = { ...state, done: 10_000, rate: 9.75, notes: { 'mean return': '1.20' } };
    expect(formatProgress(end)).toMatch(
      / 10,000 \/ 10,000 agent steps · 100% · 9\.8 \/s · 10 s in all · mean return 1\.20$/,
    );
  });

  it('puts what matters first, and leaves out last what does not fit', () => {
    const noted = { ...state, headline: 'now paused', notes: { 'mean return': '1.20' } };
    expect(formatProgress(noted, { columns: 80 })).toBe(
      '██░░░░░░  now paused · 2,500 / 10,000 agent steps · 25% · 250 /s · 30 s left',
    );
    expect(formatProgress(noted, { columns: 60 })).toBe(
      '██░░░░░░  now paused · 2,500 / 10,000 agent steps · 25%',
    );
    expect(formatProgress(noted, { columns: 63 })).toMatch(/ 25%$/);
    expect(formatProgress(noted, { columns: 64 })).toMatch(/ · 250 \/s$/); // 64 columns in all
    expect(formatProgress(noted, { columns: 5 })).toBe('██░░░░░░  now paused');
    expect(formatProgress(noted, { columns: 100 })).toBe(
      '██████░░░░░░░░░░░░░░░░░░  now paused · 2,500 / 10,000 agent steps · 25% · 250 /s · 30 s left',
    );
  });

  it('does not guess the time left while nothing is done', () => {
    expect(formatProgress({ ...state, done: 0, rate: 0 })).not.toContain('left');
  });
});

describe('LiveProgress', () => {
  it('follows the present speed, and shows the mean speed at the end', async () => {
    const host = new FakeHost();
    const clock = new FakeClock();
    const progress = new LiveProgress({ total: 2200, host, clock });
    // 1,000 random steps in one second, then 50 a second
    progress.update(1000);
    await clock.advance(1000);
    for (let second = 0; second <= 23; second++) {
      progress.update(1000 + 50 * second);
      await clock.advance(1000);
    }
    expect(host.texts().at(-1)).toMatch(/ 2,150 \/ 2,200 agent steps · 97% · 50 \/s · 1 s left$/);
    progress.update(2200, { loss: 0.5 });
    await progress.finish();
    expect(host.texts().at(-1)).toMatch(/ 88 \/s · 25 s in all · loss 0\.5$/);
  });

  it('that is finished before its end says so, and no time that is left', async () => {
    const host = new FakeHost();
    const clock = new FakeClock();
    const progress = new LiveProgress({ total: 50_000, host, clock });
    await progress.finish(); // nothing was shown yet
    expect(host.shown).toEqual([]);
    await clock.advance(2000);
    progress.update(532, { loss: 0.5 });
    await clock.advance(1000);
    await progress.finish();
    expect(host.texts().at(-1)).toMatch(
      / 532 \/ 50,000 agent steps · 1% · 266 \/s · stopped after 3 s · loss 0\.5$/,
    );
  });
});
