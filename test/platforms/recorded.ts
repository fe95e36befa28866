/** Numbers that `compute` of program.ts gave on Linux x64 with AVX2 and Node 20. */
import { expect } from 'vitest';
import type { Computed } from './program';

const RECORDED: Omit<Computed, 'instructionSet'> = {
  qValues: [
    -0.02008385770022869, -0.035583872348070145, -0.006408012472093105, 0.04901990666985512,
    -0.1448298990726471, 0.02379959635436535, -0.00881094392389059, -0.00008548967889510095,
  ],
  gradientNorm: 0.5644811202127383,
  qValuesAfter: [
    0.05997321382164955, 0.02426108717918396, -0.03066449612379074, -0.01124506164342165,
    -0.0337098203599453, 0.01933991350233555, -0.03748301416635513, 0.0058749099262058735,
  ],
  mismatches: 0,
};
/** Processors round the sums of layer normalization and Adam differently. */
const DIGITS = { qValues: 5, qValuesAfter: 3 } as const;

export function expectRecorded(computed: Computed): void {
  expect(computed.mismatches).toBe(RECORDED.mismatches);
  expect(computed.gradientNorm).toBeCloseTo(RECORDED.gradientNorm, 5);
  for (const [name, digits] of Object.entries(DIGITS) as [keyof typeof DIGITS, number][]) {
    expect(computed[name]).toHaveLength(RECORDED[name].length);
    for (const [i, value] of RECORDED[name].entries()) {
      expect(computed[name][i]).toBeCloseTo(value, digits);
    }
  }
}
