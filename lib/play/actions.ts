/** What a player can do in a frame, as the environment numbers it. */

/** In the order of a network's values. */
export const ACTIONS = ['NOOP', 'FIRE', 'RIGHT', 'LEFT'] as const;
export const [NOOP, FIRE, RIGHT, LEFT] = [0, 1, 2, 3] as const;
