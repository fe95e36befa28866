/** The two ways in which the literature evaluates an agent of Breakout. */
import type { BreakoutOptions } from '../../env/breakout';

/** What the protocols have in common: no loss of a life ends a game, four actions, no FIRE from us. */
const COMMON = 'whole games of at most half an hour, in which the agent must press FIRE itself';

export interface Protocol {
  /** Options for `makeBreakout`. */
  readonly environment: Pick<BreakoutOptions, 'repeatActionProbability' | 'noopMax'>;
  /** What the protocol asks for, in words. */
  readonly meaning: string;
  /** Who evaluates so, and where that differs. */
  readonly source: string;
}

export const PROTOCOLS = {
  classic: {
    environment: { repeatActionProbability: 0, noopMax: 30 },
    meaning: `up to 30 no-ops at the start, no sticky actions, ${COMMON}`,
    source: 'Mnih et al. 2015, Methods, "Evaluation procedure", where a game ends after 5 minutes',
  },
  machado: {
    environment: { repeatActionProbability: 0.25, noopMax: 0 },
    meaning: `sticky actions 0.25, no no-ops at the start, ${COMMON}`,
    source: 'Machado et al. 2018, who report returns while training, and with 18 actions',
  },
} as const satisfies Readonly<Record<string, Protocol>>;

export type ProtocolName = keyof typeof PROTOCOLS;
