/** The wires between the CPU and the other chips. */

import type { Cartridge } from './cartridge';
import type { Riot } from './riot';
import type { Tia } from './tia';

/**
 * The 6507's 13 address lines, and the clock that all chips share.
 *
 * | address | chip |
 * | --- | --- |
 * | bit 12 set | cartridge |
 * | bits 12 and 7 clear | TIA |
 * | bit 7 set, bit 9 clear | RIOT's memory (the stack page lands here) |
 * | bits 7 and 9 set | RIOT's ports and timer |
 */
export class Bus {
  /** CPU cycles since the start of the frame. */
  cycles = 0;
  /** Whether the TIA has asked to end the frame after this instruction. */
  stopped = false;
  /** The cartridge as the CPU sees it: 4,096 bytes. */
  readonly rom: Uint8Array;
  /** RIOT's 128 bytes. */
  readonly ram: Uint8Array;
  readonly tia: Tia;
  private readonly riot: Riot;

  constructor(cartridge: Cartridge, riot: Riot, tia: Tia) {
    this.rom = cartridge.rom;
    this.ram = riot.ram;
    this.riot = riot;
    this.tia = tia;
  }

  /** @param dataBus the last byte on the data bus, of which the TIA changes only bits 6 and 7 */
  read(address: number, dataBus: number): number {
    if ((address & 0x1000) !== 0) return this.rom[address & 0xfff]!;
    if ((address & 0x80) === 0) {
      return (this.tia.read(address & 0x0f, this.cycles) & 0xc0) | (dataBus & 0x3f);
    }
    if ((address & 0x200) === 0) return this.ram[address & 0x7f]!;
    return this.riot.read(address & 7, this.cycles);
  }

  /** @param afterWrite whether the CPU's access before this one was a write, too */
  write(address: number, value: number, afterWrite: boolean): void {
    if ((address & 0x1000) !== 0) return;
    if ((address & 0x80) === 0) {
      this.cycles = this.tia.write(address & 0x3f, value, this.cycles, afterWrite);
      this.stopped = this.tia.frameEnded;
    } else if ((address & 0x200) === 0) {
      this.ram[address & 0x7f] = value;
    } else {
      this.riot.write(address, value, this.cycles);
    }
  }

  /** How many passes of a loop that waits for INTIM to become zero can be skipped (see `Riot`). */
  countIdleReads(readAt: number, period: number): number {
    return this.riot.countIdleReads(readAt, period);
  }
}
