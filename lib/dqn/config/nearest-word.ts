/** Guesses which known word somebody meant, for messages about unknown ones. */

/** The word that begins with this one or is shortened to it, or else the one with the fewest differences. */
export function nearestOf({ word, words }: { word: string; words: readonly string[] }): string {
  const begun = words.find((each) => each.toLowerCase().startsWith(word.toLowerCase()));
  if (begun !== undefined) return begun;
  const letters = word.replace(/[^a-z]/gi, '').toLowerCase();
  const long = words.find((each) => abbreviates(letters, each.split(/(?=[A-Z])/)));
  if (long !== undefined) return long;
  return words.reduce((a, b) => (editDistance(word, b) < editDistance(word, a) ? b : a));
}

/** Whether letters are beginnings of all the parts put together: `lr` of `learning`, `Rate`. */
function abbreviates(letters: string, parts: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return letters === '';
  for (let n = 1; n <= part.length && letters.startsWith(part.slice(0, n).toLowerCase()); n++) {
    if (abbreviates(letters.slice(n), rest)) return true;
  }
  return false;
}

/** Levenshtein's distance: letters to insert, delete or change, upper and lower case alike. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1]!.toLowerCase() === b[j - 1]!.toLowerCase();
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (same ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
