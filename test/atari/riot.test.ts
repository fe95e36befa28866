/** RIOT's timer and ports and the paddles' capacitors give values worked out by hand, cycle by cycle. */
import { describe, expect, it } from 'vitest';
import { Paddles } from '../../lib/atari/paddle';
import { Riot } from '../../lib/atari/riot';

const INTIM = 4;
const INSTAT = 5;
const TIM1T = 0x294;
const TIM64T = 0x296;

function createRiot(): Riot {
  const riot = new Riot();
  riot.reset(0);
  return riot;
}

describe("RIOT's timer", () => {
  // Set to 35 at cycle 100: the first cycle after takes a step, then one every 64 cycles.
  it.each([
    [101, 34],
    [164, 34],
    [165, 33],
    [165 + 32 * 64, 1],
    [165 + 33 * 64, 0],
    [165 + 33 * 64 + 63, 0],
  ])('set to 35 by TIM64T at cycle 100 reads, at cycle %i, %i', (cycle, value) => {
    const riot = createRiot();
    riot.write(TIM64T, 35, 100);
    expect(riot.read(INTIM, cycle)).toBe(value);
    expect(riot.read(INSTAT, cycle)).toBe(0);
  });

  it('shows $FF and the flag once it has expired', () => {
    const riot = createRiot();
    riot.write(TIM1T, 2, 0);
    expect(riot.read(INSTAT, 3)).toBe(0x80);
    expect(riot.read(INTIM, 3)).toBe(0xff);
  });

  it('keeps counting across the end of a frame', () => {
    const riot = createRiot();
    riot.write(TIM64T, 35, 19_900);
    riot.rebase(19_912);
    expect(riot.read(INTIM, 52)).toBe(34);
    expect(riot.read(INTIM, 53)).toBe(33); // 65 cycles after the write
  });
});

describe("RIOT's ports", () => {
  it('show what controllers and switches do, whatever the direction registers say', () => {
    const riot = createRiot();
    riot.write(0x281, 0xff, 0);
    expect(riot.read(0, 0)).toBe(0xff);
    expect(riot.read(1, 0)).toBe(0xff);
    expect(riot.read(2, 0)).toBe(0x3f);
  });
});

describe('paddles', () => {
  function createPaddles(resistance: number): Paddles {
    const paddles = new Paddles();
    paddles.resistance[0] = resistance;
    paddles.dump(true, 0);
    paddles.dump(false, 1000);
    return paddles;
  }

  // 1.6 time constants of r ohms and 0.01 uF at 1.19 MHz: 0.01904 cycles an ohm
  it.each([
    [27_450, 522],
    [408_823, 7783],
    [790_196, 15_045],
  ])('of %i ohms read high after %i cycles', (resistance, cycles) => {
    const paddles = createPaddles(resistance);
    expect(paddles.read(0, 1000 + cycles)).toBe(0);
    expect(paddles.read(0, 1000 + cycles + 1)).toBe(0x80);
  });

  it('read low while the capacitors are grounded', () => {
    const paddles = createPaddles(27_450);
    paddles.dump(true, 2000);
    expect(paddles.read(0, 19_000)).toBe(0);
  });

  it('without resistance are charged at once', () => {
    expect(createPaddles(0).read(0, 1001)).toBe(0x80);
  });
});
