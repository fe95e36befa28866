/** Copies a chip's number fields to and from a saved state; both return where the next chip goes on. */
export interface FieldCopier<Chip> {
  save(chip: Chip, words: Int32Array, at: number): number;
  restore(chip: Chip, words: Int32Array, at: number): number;
}

/**
 * Makes the copier of so many fields, all of which hold 32-bit numbers.
 *
 * `masks` are the bits that a field can have: others, which no chip has saved, are not taken over.
 *
 * The code is put together here because a loop over names takes a hundred times as long, and the
 * console saves its state before every frame whose picture is not drawn.
 */
export function createFieldCopier<Chip>(
  fields: readonly (keyof Chip & string)[],
  masks: Partial<Record<keyof Chip, number>> = {},
): FieldCopier<Chip> {
  const save = fields.map((field, i) => `words[at + ${i}] = chip.${field};`);
  const restore = fields.map(
    (field, i) => `chip.${field} = words[at + ${i}] & ${masks[field] ?? -1};`,
  );
  const end = `return at + ${fields.length};`;
  return {
    save: new Function(
      'chip',
      'words',
      'at',
      [...save, end].join('\n'),
    ) as FieldCopier<Chip>['save'],
    restore: new Function(
      'chip',
      'words',
      'at',
      [...restore, end].join('\n'),
    ) as FieldCopier<Chip>['restore'],
  };
}
