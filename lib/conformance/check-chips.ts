/** Compares the chips after the console is switched on, and the states in which games start. */
import type { Console } from '../atari/console';
import { inspectConsole } from '../atari/inspect';
import { REVERSED } from '../atari/playfield';
import type { Ale } from '../env/ale';
import { createConsole, detectTvFormat, PADDLE } from '../env/boot';
import { readRom } from '../env/rom';
import { createAle } from './check-raw';
import { Comparison, RAM, type Report, SCREEN, WIDTH } from './comparison';
import type { Fixture } from './fixture';

const DETECTION_FRAMES = 60;

/** Bits of ALE's collision latch, from bit 0 up, as bits of ours (twice the register, + 1 for bit 7). */
const COLLISION_ORDER = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 15, 14];

/** A byte in all four bytes of a word, as ALE keeps colours. */
const replicate = (byte: number) => Math.imul(byte, 0x01010101) >>> 0;

/** A byte of graphics as REFP shows it. */
const mirror = (byte: number, reflected: number) => (reflected === 0 ? byte : REVERSED[byte]!);

/**
 * The chips' state under ALE's names of its saved fields (columns of the fixtures). Four columns have
 * no counterpart and are not compared: IR, status, and the line counters linesLast and curLine. The
 * rule of Cosmic Ark, which the README names as left out, is never in force here.
 */
export function describeChips(console: Console): Record<string, number> {
  const { cpu, riot, tia, beam, paddles } = inspectConsole(console);
  const flag = (bit: number) => (cpu.P! >> bit) & 1;
  const set = (value: number | undefined) => (value !== 0 ? 1 : 0);
  const ball = tia.VDELBL !== 0 ? tia.oldENABL! : tia.ENABL!;
  const shown0 = mirror(tia.VDELP0 !== 0 ? tia.oldGRP0! : tia.GRP0!, tia.REFP0!);
  const shown1 = mirror(tia.VDELP1 !== 0 ? tia.oldGRP1! : tia.GRP1!, tia.REFP1!);
  const playfield = (tia.PF0! >> 4) | (tia.PF1! << 4) | (tia.PF2! << 12);
  const missile0 = tia.ENAM0 !== 0 && tia.RESMP0 === 0;
  const missile1 = tia.ENAM1 !== 0 && tia.RESMP1 === 0;
  const enabled = [shown0, missile0, shown1, missile1, ball, playfield];
  const { collisions } = tia;
  // biome-ignore format: a table
  return {
    padL: paddles.resistance0!, padR: paddles.resistance1!, cycles: cpu.cycles!,
    A: cpu.A!, X: cpu.X!, Y: cpu.Y!, SP: cpu.SP!, PC: cpu.PC!,
    N: flag(7), V: flag(6), B: flag(4), D: flag(3), I: flag(2), notZ: 1 - flag(1), C: flag(0),
    T: riot.timer!, k: riot.shift!, t0: riot.setAt!, t1: riot.readAt!, F: riot.expiryRead!,
    DDRA: riot.DDRA!, DDRB: riot.DDRB!,
    frameStart: beam.frameStart!, S: beam.windowStart!, E: beam.windowEnd!,
    L: beam.cursor!, r: beam.remaining!, vsyncFin: tia.vsyncEnd!,
    enabled: enabled.reduce((bits: number, on, i) => bits | (Number(on) !== 0 ? 1 << i : 0), 0),
    VSYNC: tia.VSYNC!, VBLANK: tia.VBLANK!, NUSIZ0: tia.NUSIZ0!, NUSIZ1: tia.NUSIZ1!,
    COLUP0: replicate(tia.COLUP0!), COLUP1: replicate(tia.COLUP1!),
    COLUPF: replicate(tia.COLUPF!), COLUBK: replicate(tia.COLUBK!),
    CTRLPF: tia.CTRLPF!, PFprio: (tia.CTRLPF! & 6) << 5, REFP0: set(tia.REFP0), REFP1: set(tia.REFP1),
    PF: playfield, GRP0: tia.GRP0!, GRP1: tia.GRP1!, oldGRP0: tia.oldGRP0!, oldGRP1: tia.oldGRP1!,
    ENAM0: set(tia.ENAM0), ENAM1: set(tia.ENAM1), ENABL: set(tia.ENABL), oldENABL: set(tia.oldENABL),
    HMP0: tia.HMP0!, HMP1: tia.HMP1!, HMM0: tia.HMM0!, HMM1: tia.HMM1!, HMBL: tia.HMBL!,
    VDELP0: tia.VDELP0!, VDELP1: tia.VDELP1!, VDELBL: tia.VDELBL!,
    RESMP0: set(tia.RESMP0), RESMP1: set(tia.RESMP1),
    coll: COLLISION_ORDER.reduce((bits, ours, i) => bits | (((collisions! >> ours) & 1) << i), 0),
    POSP0: tia.POSP0!, POSP1: tia.POSP1!, POSM0: tia.POSM0!, POSM1: tia.POSM1!, POSBL: tia.POSBL!,
    shGRP0: shown0, shGRP1: shown1, lastHMOVE: tia.lastHMOVE!, blankArmed: tia.hmoveBlank!,
    cosmic: 0, cosmicCtr: 0, dump: paddles.dumping!, dumpOff: paddles.dumpOff!,
  };
}

function compareRow(
  comparison: Comparison,
  fixture: Fixture,
  row: number,
  console: Console,
  state: Readonly<Record<string, number>>,
): void {
  const fields = fixture.get<readonly string[]>('fields');
  const recorded = fixture.array('state').subarray(row * fields.length, (row + 1) * fields.length);
  fields.forEach((field, column) => {
    const actual = state[field];
    if (actual !== undefined) comparison.number(field, actual >>> 0, recorded[column]!);
  });
  comparison.ram(console.ram, fixture.array('ram').subarray(row * RAM, (row + 1) * RAM));
  const screen = fixture.array('screen').subarray(row * SCREEN, (row + 1) * SCREEN);
  comparison.pixels(console.picture, screen, WIDTH);
}

/** All chips after each hidden frame: TV-format detection, then the no-ops of a reset. */
export function checkBoot(fixture: Fixture): Report {
  const comparison = new Comparison('frames');
  const { console, random } = createConsole(readRom());
  let row = 0;
  const compare = () => {
    comparison.begin(`frame ${row}`);
    compareRow(comparison, fixture, row++, console, describeChips(console));
  };
  detectTvFormat(console, random, compare);
  console.paddles.resistance.fill(PADDLE.centre);
  console.reset(random);
  for (let i = 0; i < DETECTION_FRAMES; i++) {
    console.frame();
    compare();
  }
  return comparison.report();
}

/** All chips after loading the ROM and after each of the first frames of play. */
export function checkStart(fixture: Fixture): Report {
  const comparison = new Comparison('frames');
  const ale = createAle(fixture.get('settings'));
  const compare = (row: number, where: string) => {
    comparison.begin(where);
    const state = { ...describeChips(ale.console), ...describeGame(ale) };
    compareRow(comparison, fixture, row, ale.console, state);
  };
  compare(0, 'start');
  fixture.array('action').forEach((action, i) => {
    ale.act(action);
    compare(i + 1, `frame ${i}`);
  });
  return comparison.report();
}

function describeGame(ale: Ale): Record<string, number> {
  const { score, lives, started, terminal } = ale.cloneState();
  return {
    frameNo: ale.getFrameNumber(),
    epFrameNo: ale.getEpisodeFrameNumber(),
    score,
    lives,
    started: started ? 1 : 0,
    terminal: terminal ? 1 : 0,
  };
}
