/** The registers of all chips, for looking at them. */

import type { Console } from './console';

/** The chips' registers by the names of their manuals, as plain numbers; a copy. */
export interface ConsoleView {
  readonly cpu: Record<string, number>;
  readonly riot: Record<string, number>;
  readonly tia: Record<string, number>;
  /** Times of the beam in colour clocks since the start of the frame. */
  readonly beam: Record<string, number>;
  readonly paddles: Record<string, number>;
  /** RIOT's 128 bytes; index i is address $80 + i. */
  readonly ram: Uint8Array;
}

/** Reads all chips. Positions are pixels from 0 to 159, cycles those of the CPU in this frame. */
export function inspectConsole(console: Console): ConsoleView {
  const { cpu, riot, paddles, bus, tia } = console;
  const { beam, painter } = tia;
  const { p0, p1, m0, m1, bl, pf } = painter;
  return {
    cpu: {
      cycles: bus.cycles,
      A: cpu.A,
      X: cpu.X,
      Y: cpu.Y,
      SP: cpu.SP,
      PC: cpu.PC,
      P: cpu.status,
    },
    riot: {
      SWCHA: riot.SWCHA,
      SWCHB: riot.SWCHB,
      DDRA: riot.DDRA,
      DDRB: riot.DDRB,
      timer: riot.timer,
      shift: riot.shift,
      setAt: riot.setAt,
      readAt: riot.readAt,
      expiryRead: riot.expiryRead,
    },
    tia: {
      VSYNC: tia.VSYNC,
      VBLANK: painter.VBLANK,
      NUSIZ0: p0.NUSIZ,
      NUSIZ1: p1.NUSIZ,
      COLUP0: painter.COLUP0,
      COLUP1: painter.COLUP1,
      COLUPF: painter.COLUPF,
      COLUBK: painter.COLUBK,
      CTRLPF: painter.CTRLPF,
      REFP0: p0.REFP,
      REFP1: p1.REFP,
      PF0: pf.PF0,
      PF1: pf.PF1,
      PF2: pf.PF2,
      GRP0: p0.GRP,
      GRP1: p1.GRP,
      oldGRP0: p0.oldGRP,
      oldGRP1: p1.oldGRP,
      ENAM0: m0.ENAM,
      ENAM1: m1.ENAM,
      ENABL: bl.ENABL,
      oldENABL: bl.oldENABL,
      HMP0: tia.HMP0,
      HMP1: tia.HMP1,
      HMM0: tia.HMM0,
      HMM1: tia.HMM1,
      HMBL: tia.HMBL,
      VDELP0: p0.VDEL,
      VDELP1: p1.VDEL,
      VDELBL: bl.VDEL,
      RESMP0: m0.RESMP,
      RESMP1: m1.RESMP,
      POSP0: p0.position,
      POSP1: p1.position,
      POSM0: m0.position,
      POSM1: m1.position,
      POSBL: bl.position,
      collisions: painter.collisions,
      INPT4: tia.INPT4,
      INPT5: tia.INPT5,
      vsyncEnd: tia.vsyncEnd,
      lastHMOVE: tia.lastHMOVE,
      hmoveBlank: painter.hmoveBlank,
    },
    beam: {
      frameStart: beam.frameStart,
      windowStart: beam.windowStart,
      windowEnd: beam.windowEnd,
      cursor: beam.cursor,
      remaining: beam.remaining,
    },
    paddles: {
      resistance0: paddles.resistance[0],
      resistance1: paddles.resistance[1],
      dumping: paddles.dumping,
      dumpOff: paddles.dumpOff,
    },
    ram: riot.ram.slice(),
  };
}
