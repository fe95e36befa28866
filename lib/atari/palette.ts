/** The colours a TIA makes for NTSC television, as ALE shows them. */

/** RRGGBB of the even palette indices: one row per hue (high nibble), eight luminances each. */
// biome-ignore format: a table
const NTSC = [
  0x000000, 0x4a4a4a, 0x6f6f6f, 0x8e8e8e, 0xaaaaaa, 0xc0c0c0, 0xd6d6d6, 0xececec, // $00
  0x484800, 0x69690f, 0x86861d, 0xa2a22a, 0xbbbb35, 0xd2d240, 0xe8e84a, 0xfcfc54, // $10
  0x7c2c00, 0x904811, 0xa26221, 0xb47a30, 0xc3903d, 0xd2a44a, 0xdfb755, 0xecc860, // $20
  0x901c00, 0xa33915, 0xb55328, 0xc66c3a, 0xd5824a, 0xe39759, 0xf0aa67, 0xfcbc74, // $30
  0x940000, 0xa71a1a, 0xb83232, 0xc84848, 0xd65c5c, 0xe46f6f, 0xf08080, 0xfc9090, // $40
  0x840064, 0x97197a, 0xa8308f, 0xb846a2, 0xc659b3, 0xd46cc3, 0xe07cd2, 0xec8ce0, // $50
  0x500084, 0x68199a, 0x7d30ad, 0x9246c0, 0xa459d0, 0xb56ce0, 0xc57cee, 0xd48cfc, // $60
  0x140090, 0x331aa3, 0x4e32b5, 0x6848c6, 0x7f5cd5, 0x956fe3, 0xa980f0, 0xbc90fc, // $70
  0x000094, 0x181aa7, 0x2d32b8, 0x4248c8, 0x545cd6, 0x656fe4, 0x7580f0, 0x8490fc, // $80
  0x001c88, 0x183b9d, 0x2d57b0, 0x4272c2, 0x548ad2, 0x65a0e1, 0x75b5ef, 0x84c8fc, // $90
  0x003064, 0x185080, 0x2d6d98, 0x4288b0, 0x54a0c5, 0x65b7d9, 0x75cceb, 0x84e0fc, // $A0
  0x004030, 0x18624e, 0x2d8169, 0x429e82, 0x54b899, 0x65d1ae, 0x75e7c2, 0x84fcd4, // $B0
  0x004400, 0x1a661a, 0x328432, 0x48a048, 0x5cba5c, 0x6fd26f, 0x80e880, 0x90fc90, // $C0
  0x143c00, 0x355f18, 0x527e2d, 0x6e9c42, 0x87b754, 0x9ed065, 0xb4e775, 0xc8fc84, // $D0
  0x303800, 0x505916, 0x6d762b, 0x88923e, 0xa0ab4f, 0xb7c25f, 0xccd86e, 0xe0ec7c, // $E0
  0x482c00, 0x694d14, 0x866a26, 0xa28638, 0xbb9f47, 0xd2b656, 0xe8cc63, 0xfce070, // $F0
];

/** Red, green, blue of each palette index (bit 0 of an index does not count), `[256 * 3]`. */
export const PALETTE_RGB = new Uint8Array(256 * 3);

/** Luminance of each palette index as ALE and OpenCV compute it, 0 to 255. */
export const PALETTE_GRAY = new Uint8Array(256);

for (let index = 0; index < 256; index++) {
  const colour = NTSC[index >> 1]!;
  const [red, green, blue] = [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
  PALETTE_RGB.set([red, green, blue], 3 * index);
  PALETTE_GRAY[index] = Math.floor(0.2989 * red + 0.587 * green + 0.114 * blue + 0.5);
}

/** Turns palette indices, uint8 of any shape, into red, green, blue, uint8 [..., 3]. */
export function paletteToRgb(
  indices: Uint8Array,
  rgb: Uint8Array = new Uint8Array(3 * indices.length),
): Uint8Array {
  const palette = PALETTE_RGB;
  for (let i = 0; i < indices.length; i++) {
    const colour = 3 * indices[i]!;
    rgb[3 * i] = palette[colour]!;
    rgb[3 * i + 1] = palette[colour + 1]!;
    rgb[3 * i + 2] = palette[colour + 2]!;
  }
  return rgb;
}

/** Turns palette indices, uint8 of any shape, into luminances, uint8 of the same shape. */
export function paletteToGray(
  indices: Uint8Array,
  gray: Uint8Array = new Uint8Array(indices.length),
): Uint8Array {
  const palette = PALETTE_GRAY;
  for (let i = 0; i < indices.length; i++) gray[i] = palette[indices[i]!]!;
  return gray;
}
