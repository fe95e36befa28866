/** Runs the CPU: a translated region of the program where there is one, else the next instruction. */

import type { Bus } from './bus';
import type { Cpu } from './cpu';
import { step } from './interpreter';
import type { Translator } from './translator';

export class Processor {
  private readonly cpu: Cpu;
  private readonly bus: Bus;
  private readonly translator: Translator | null;
  private readonly hot: number;

  /**
   * @param translator speeds up programs in the cartridge; null to interpret everything
   * @param hot how often the program must get to a place to be translated (see `Translator.getRegion`)
   */
  constructor(cpu: Cpu, translator: Translator | null, hot: number) {
    this.cpu = cpu;
    this.bus = cpu.bus;
    this.translator = translator;
    this.hot = hot;
  }

  /**
   * Executes instructions until a chip asks for a stop or the limit is reached.
   *
   * @returns the number of instructions executed.
   * @throws UndocumentedOpcodeError
   */
  run(limit: number): number {
    const { cpu, bus, translator, hot } = this;
    bus.stopped = false;
    let executed = 0;
    while (executed < limit && !bus.stopped) {
      const usable = translator !== null && cpu.D === 0;
      const region = usable ? translator.getRegion(cpu.PC, hot) : null;
      const room = region === null ? -1 : limit - executed - region.longest;
      if (region === null || room < 0 || bus.cycles >= region.latest) {
        step(cpu);
        executed++;
      } else {
        executed += region.execute(cpu, bus, room);
      }
    }
    return executed;
  }
}
