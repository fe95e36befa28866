/** Saves and restores the number fields of a chip, the same way for all chips. */

/** The mask of a field that may hold any 32-bit number. */
export const ANY = -1;

/** What `createStateFields` makes; `save` and `restore` return where the next chip goes on. */
export interface StateFields<Chip> {
  save(chip: Chip, words: Int32Array, at: number): number;
  restore(chip: Chip, words: Int32Array, at: number): number;
  /** Sets all fields to 0. */
  clear(chip: Chip): void;
}

/**
 * Compiles the functions for some fields of a chip, in the order in which they are saved.
 *
 * They are compiled because a loop over names takes a hundred times as long, and the console saves its
 * state before every frame whose picture is not drawn.
 *
 * @param masks the bits that each field can have; `restore` drops others, which no chip has saved
 */
export function createStateFields<Chip>(
  masks: Partial<Record<keyof Chip & string, number>>,
): StateFields<Chip> {
  const entries = Object.entries(masks);
  const compile = (write: (field: string, word: string, mask: unknown) => string) => {
    const lines = entries.map(([field, mask], i) =>
      write(`chip.${field}`, `words[at + ${i}]`, mask),
    );
    const code = `${lines.join('\n')} return at + ${entries.length};`;
    return new Function('chip', 'words', 'at', code) as StateFields<Chip>['save'];
  };
  return {
    save: compile((field, word) => `${word} = ${field};`),
    restore: compile((field, word, mask) => `${field} = ${word} & ${mask};`),
    clear: new Function(
      'chip',
      entries.map(([field]) => `chip.${field} = 0;`).join('\n'),
    ) as StateFields<Chip>['clear'],
  };
}
