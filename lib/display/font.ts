/**
 * A 5 x 7 pixel font as SVG paths.
 *
 * Text in an SVG is drawn with the fonts of the machine: a slim container has none and shows boxes.
 * Paths look alike everywhere, so pictures with captions can be compared byte by byte.
 */

/** Columns from the left, bit 0 on top; bits 7 and 8 lie below the base line. */
// biome-ignore format: a table
const GLYPHS = `
! 00 00 5F 00 00|" 00 07 00 07 00|# 14 7F 14 7F 14|$ 24 2A 7F 2A 12|% 23 13 08 64 62|& 36 49 55 22 50
' 00 00 07 00 00|( 00 1C 22 41 00|) 00 41 22 1C 00|* 14 08 3E 08 14|+ 08 08 3E 08 08|, 00 A0 60 00 00
- 08 08 08 08 08|. 00 60 60 00 00|/ 20 10 08 04 02|0 3E 51 49 45 3E|1 00 42 7F 40 00|2 42 61 51 49 46
3 21 41 45 4B 31|4 18 14 12 7F 10|5 27 45 45 45 39|6 3C 4A 49 49 30|7 01 71 09 05 03|8 36 49 49 49 36
9 06 49 49 29 1E|: 00 36 36 00 00|; 00 B6 76 00 00|< 08 14 22 41 00|= 14 14 14 14 14|> 00 41 22 14 08
? 02 01 51 09 06|@ 3E 41 5D 55 1E|A 7E 11 11 11 7E|B 7F 49 49 49 36|C 3E 41 41 41 22|D 7F 41 41 22 1C
E 7F 49 49 49 41|F 7F 09 09 09 01|G 3E 41 49 49 7A|H 7F 08 08 08 7F|I 00 41 7F 41 00|J 20 40 41 3F 01
K 7F 08 14 22 41|L 7F 40 40 40 40|M 7F 02 0C 02 7F|N 7F 04 08 10 7F|O 3E 41 41 41 3E|P 7F 09 09 09 06
Q 3E 41 51 21 5E|R 7F 09 19 29 46|S 46 49 49 49 31|T 01 01 7F 01 01|U 3F 40 40 40 3F|V 1F 20 40 20 1F
W 3F 40 38 40 3F|X 63 14 08 14 63|Y 07 08 70 08 07|Z 61 51 49 45 43|[ 00 7F 41 41 00|\\ 02 04 08 10 20
] 00 41 41 7F 00|^ 04 02 01 02 04|_ 40 40 40 40 40|\` 00 01 02 04 00|a 20 54 54 54 78|b 7F 48 44 44 38
c 38 44 44 44 28|d 38 44 44 48 7F|e 38 54 54 54 18|f 08 7E 09 01 02|g 38 144 144 144 FC|h 7F 08 04 04 78
i 00 44 7D 40 00|j 00 80 100 104 FD|k 7F 10 28 44 00|l 00 41 7F 40 00|m 7C 04 18 04 78|n 7C 08 04 04 78
o 38 44 44 44 38|p 1FC 44 44 44 38|q 38 44 44 44 1FC|r 7C 08 04 04 08|s 48 54 54 54 24|t 04 3F 44 40 20
u 3C 40 40 20 7C|v 1C 20 40 20 1C|w 3C 40 30 40 3C|x 44 28 10 28 44|y 3C 140 140 140 FC|z 44 64 54 4C 44
{ 00 08 36 41 00|} 00 41 36 08 00|~ 08 04 08 10 08|× 22 14 08 14 22|± 44 44 5F 44 44|− 08 08 08 08 08
– 08 08 08 08 08|… 40 00 40 00 40|· 00 00 08 00 00|→ 08 08 2A 1C 08|ε 28 54 54 54 44|γ 04 18 160 18 04
≤ 50 68 68 64 44|≥ 44 64 68 68 50|≈ 24 12 36 24 12
`;

const COLUMNS = 5;
const ADVANCE = COLUMNS + 1;
const ROWS = 9;
/** Drawn for a character that the font lacks. */
const MISSING = [0x7f, 0x41, 0x41, 0x41, 0x7f];

const glyphs = new Map<string, number[]>([
  [' ', [0, 0, 0, 0, 0]],
  ['|', [0, 0, 0x7f, 0, 0]],
]);
for (const entry of GLYPHS.split(/[|\n]/)) {
  const [character, ...columns] = entry.split(' ');
  if (character)
    glyphs.set(
      character,
      columns.map((column) => Number.parseInt(column, 16)),
    );
}

/** Width of a text in pixels, `scale` pixels of picture per pixel of the font. */
export function textWidth(text: string, scale: number): number {
  return Math.max(0, [...text].length * ADVANCE - 1) * scale;
}

/** Height of a line in pixels, from the top of capitals to the lowest descender. */
export function textHeight(scale: number): number {
  return ROWS * scale;
}

/** Where and how `textPath` writes. */
export interface TextPlace {
  /** Pixels; the left end, middle or right end of the text, as `anchor` says. */
  readonly x: number;
  /** Pixels; the top of capitals. */
  readonly y: number;
  readonly scale: number;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** The `d` attribute of an SVG path that draws one line of text. */
export function textPath(text: string, { x, y, scale, anchor = 'start' }: TextPlace): string {
  const width = textWidth(text, scale);
  const left = Math.round(x - (anchor === 'start' ? 0 : anchor === 'end' ? width : width / 2));
  let path = '';
  [...text].forEach((character, i) => {
    const glyph = glyphs.get(character) ?? MISSING;
    glyph.forEach((bits, column) => {
      const at = left + (i * ADVANCE + column) * scale;
      for (let row = 0; row < ROWS; row++) {
        if (!((bits >> row) & 1)) continue;
        let end = row + 1;
        while ((bits >> end) & 1) end++; // one rectangle for each vertical run
        path += `M${at} ${y + row * scale}h${scale}v${(end - row) * scale}h${-scale}z`;
        row = end;
      }
    });
  });
  return path;
}
