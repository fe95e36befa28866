// The source of 08-the-console.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # The console
//
// Breakout for the Atari 2600 is a program of 2,048 bytes for a machine of 1977 with 128 bytes of memory and
// **no memory for a picture**. This notebook opens the machine that the agent plays on: the beam that draws
// while the program races it, the registers, the memory and what Breakout keeps where, a program of our own,
// how the emulator is made fast, and how one proves that it is right.
//
// No knowledge of the other notebooks is needed.

// %% id="imports"
import { crc32 } from 'node:zlib';
import {
  assemble,
  assembleRom,
  Console,
  createAle,
  createCartridge,
  FIXTURES,
  findBall,
  Game,
  getTranslator,
  Mt19937,
  makeBreakout,
  PALETTE_RGB,
  REGISTERS,
  readFixture,
  showFigure,
  showGif,
  showPanels,
  showTable,
} from 'breakout-dqn';

// %% id="helpers"
/** Palette indices [210, 160] as a picture to show. */
const screen = (data: Uint8Array) => ({
  data: data.slice(),
  shape: [210, 160],
  palette: PALETTE_RGB,
});

// %% [markdown] id="parts-text"
// ## 1 Three chips
//
// | chip | what it does |
// | --- | --- |
// | **6507** | the processor: three registers A, X, Y, 1.19 million cycles a second |
// | **TIA** | makes the picture, pixel by pixel, from some forty registers; makes the sound; reads how far a paddle is turned |
// | **RIOT** | 128 bytes of memory, a timer, the ports of the joystick's directions and the paddle's button |
//
// The registers of all of them, while a game goes on:

// %% id="registers"
const env = makeBreakout({ noopMax: 0, fireReset: true });
env.reset({ seed: 1 });
for (let i = 0; i < 12; i++) env.step(0);
const view = env.inspect();
const some = (chip: 'cpu' | 'tia' | 'riot', names: string[]) =>
  names.map((name) => ({ chip, register: name, value: view[chip][name] }));
showTable([
  ...some('cpu', ['A', 'X', 'Y', 'PC', 'cycles']),
  ...some('tia', ['COLUBK', 'COLUPF', 'POSP0', 'POSBL', 'ENABL']),
  ...some('riot', ['timer', 'SWCHA']),
]);

// %% [markdown] id="beam-text"
// ## 2 Racing the beam
//
// A television draws 262 lines, 60 times a second, and the TIA knows of **one line** at most: a background
// colour, two small players, two missiles, a ball, and twenty bits of playfield. The program must change
// these registers *while the beam moves*, line after line: 76 cycles for each, some twenty instructions.
//
// Let us stop the machine in the middle of a frame, 250 instructions at a time. What the beam has not
// reached still shows the frame before.

// %% id="beam"
const machine = env.unwrapped.ale.console;
const whole = machine.picture.slice();
let parts = 0;
for (let ended = false; !ended; parts++) ended = machine.part(250);
console.log(`${parts} parts of 250 instructions make a frame`);
const differing = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, pixel, i) => sum + Number(pixel !== b[i]), 0);
console.log(`${differing(whole, machine.picture)} of 33,600 pixels are new in it`);

// %% [markdown] id="beam-draw-text"
// In a game little changes from frame to frame, so a picture from the middle of a frame looks like any other. We
// therefore begin with a black screen, and see the beam at work.

// %% id="beam-draw"
machine.setPicture(new Uint8Array(210 * 160));
machine.frame();
machine.setPicture(new Uint8Array(210 * 160));
const drawn: ReturnType<typeof screen>[] = [];
for (let ended = false; !ended; ) {
  ended = machine.part(100);
  drawn.push(screen(machine.picture));
}
// the whole picture first, for viewers that do not move
const film = [drawn.at(-1)!, ...drawn];
await showGif(film, { delayMs: 200, scale: 2, maxBytes: 100_000 });

// %% [markdown] id="beam-see"
// **What you should see.** The picture grows line by line. In the bricks the program is busiest: six rows of
// eighteen bricks have to come from twenty bits, so it writes the playfield's registers **twice in each
// line**, for the left half before the beam gets there, and for the right half after the left one is drawn.

// %% [markdown] id="changes-text"
// When does a register change? Every change is an instruction in time with the beam, whose place we know: the cycles
// since the frame's beginning, 76 to a line.

// %% id="changes"
const names = ['PF0', 'PF1', 'PF2', 'COLUPF', 'ENABL', 'GRP0', 'COLUP0'] as const;
const writes: { register: string; line: number; cycle: number }[] = [];
let last = env.inspect().tia;
for (let ended = false; !ended; ) {
  ended = machine.part(1); // a single instruction
  const { tia, cpu } = env.inspect();
  const [line, cycle] = [Math.floor(cpu.cycles! / 76), cpu.cycles! % 76];
  for (const register of names) {
    if (tia[register] !== last[register]) writes.push({ register, line, cycle });
  }
  last = tia;
}
const of = (name: string) => writes.filter(({ register }) => register === name);
showTable(names.map((register) => ({ register, changes: of(register).length })));

// %% id="race"
await showFigure({
  data: names.map((name) => ({
    ...{ type: 'scatter', mode: 'markers', name, marker: { size: 5 } },
    x: of(name).map(({ cycle }) => cycle),
    y: of(name).map(({ line }) => line),
  })),
  layout: {
    title: { text: 'Where the beam is when a register changes' },
    xaxis: { title: { text: 'cycle of the line' }, range: [0, 76] },
    yaxis: { title: { text: 'line' }, autorange: 'reversed' },
  },
});

// %% [markdown] id="race-see"
// **What you should see.** A picture of the program at work, with the screen's lines from top to bottom. Lines 39 to 48
// are the digits at the top: four changes in each line, PF1 and PF2 for the left half and again for the right. Lines 91
// to 126 are the six rows of bricks: a new colour (COLUPF) every six lines. PF1 stands still there, because the wall is
// whole: its bits are the same on both sides, and writing the same once more is no change. Below them the
// beam passes the ball (ENABL) and the paddle (GRP0, COLUP0), and the program has time to compute.

// %% [markdown] id="memory-text"
// ## 3 128 bytes
//
// All that Breakout knows of a game is in 128 bytes, the stack among them. What is where? Nobody tells us, so we
// **experiment**: play, and see what changes. First: which bytes change how often in ten seconds?

// %% id="memory"
const game = new Game({ pressFire: true });
const random = new Mt19937(3);
const changes = new Array<number>(128).fill(0);
/** Columns, and the ball's row; -1 where there is nothing to see. */
interface Moment {
  readonly ram: Uint8Array;
  readonly ball: number;
  readonly ballRow: number;
  readonly paddle: number;
}
const history: Moment[] = [];
/** The first column of a row, within the walls, that is not black; else -1. */
function firstColumn(picture: Uint8Array, row: number): number {
  for (let x = 8; x < 152; x++) if (picture[row * 160 + x] !== 0) return x;
  return -1;
}

// %% id="experiment"
let action = 0;
for (let i = 0; i < 600 && !game.over; i++) {
  if (i % 20 === 0) action = [0, 2, 3][Math.floor(random.nextDouble() * 3)]!;
  const before = game.ale.getRam().slice();
  game.next({ action });
  const [ram, picture] = [game.ale.getRam().slice(), game.ale.getScreen()];
  for (let at = 0; at < 128; at++) changes[at]! += Number(ram[at] !== before[at]);
  // below the bricks and above the paddle only the ball is not black
  let row = 95;
  while (row < 188 && firstColumn(picture, row) < 0) row++;
  const [ball, paddle] = [firstColumn(picture, row), firstColumn(picture, 190)];
  history.push(
    row < 188
      ? { ram, ball, ballRow: row, paddle }
      : { ram, ball: -1, ballRow: -1, paddle },
  );
}

// %% id="draw-memory"
const rowsOf16 = Array.from({ length: 8 }, (_, row) =>
  changes.slice(16 * row, 16 * row + 16),
);
await showFigure({
  data: [
    {
      type: 'heatmap',
      x: Array.from({ length: 16 }, (_, i) => i),
      y: Array.from({ length: 8 }, (_, i) => 16 * i),
      z: rowsOf16,
      name: 'changes',
    },
  ],
  layout: {
    title: { text: 'How often each byte changed in 600 frames' },
    xaxis: { title: { text: 'byte in its row' } },
    yaxis: {
      title: { text: 'first byte of the row' },
      dtick: 16,
      autorange: 'reversed',
    },
  },
});

// %% [markdown] id="find-text"
// **What you should see.** Most bytes hardly ever change. Three change in four frames of five, byte 90 = 80 + 10 among
// them: counters and places of what moves.
//
// Which byte is **the ball's column**? We know where the ball is, from the picture. If a byte holds it, byte
// and column differ by a constant. So: which distance between byte and column is the commonest, and in which share of
// the frames does it hold?

// %% id="find"
/** Bytes that go with a place: their distances to it are nearly always the same. */
function bytesThatFollow(placeOf: (moment: Moment) => number) {
  const seen = history.filter((moment) => placeOf(moment) >= 0);
  return changes
    .map((_, byte) => {
      const distances = new Map<number, number>();
      for (const moment of seen) {
        const distance = moment.ram[byte]! - placeOf(moment);
        distances.set(distance, (distances.get(distance) ?? 0) + 1);
      }
      const [distance, times] = [...distances].sort((a, b) => b[1] - a[1])[0]!;
      return { byte, distance, share: times / seen.length };
    })
    .filter(({ byte }) => changes[byte]! > 100)
    .sort((a, b) => b.share - a.share);
}

// %% id="found"
const found = {
  'the ball’s column': bytesThatFollow(({ ball }) => ball),
  'the ball’s row': bytesThatFollow(({ ballRow }) => ballRow),
  'the paddle’s column': bytesThatFollow(({ paddle }) => paddle),
};
showTable(
  Object.entries(found).flatMap(([place, bytes]) =>
    bytes.slice(0, 3).map(({ share, ...row }) => {
      return { place, ...row, 'share of the frames': `${(100 * share).toFixed(0)} %` };
    }),
  ),
);

// %% [markdown] id="find-see"
// **What you should see.** One byte goes with each: 99 with the ball's column, 101 with its row, 72 with the paddle.
// A guess is not a proof: the proof is to **write** to it. Below the ball is put elsewhere by two assignments, with the
// distances that we found, and the picture follows.

// %% id="poke"
game.seek(100);
const pokes = [{ picture: screen(game.ale.getScreen()), caption: 'as it was' }];
const [column, row] = [found['the ball’s column'][0]!, found['the ball’s row'][0]!];
for (const x of [20, 80, 140]) {
  const bytes = game.ale.getRam();
  bytes[column.byte] = x + column.distance;
  bytes[row.byte] = 150 + row.distance;
  game.next({ action: 0 });
  const at = findBall(game.ale.getRam())!;
  const caption = `ball at ${at.x}, ${at.y}`;
  pokes.push({ picture: screen(game.ale.getScreen()), caption });
}
await showPanels(pokes.map((panel) => ({ ...panel, scale: 1 })));

// %% [markdown] id="wall-text"
// The bricks: 36 bytes at the beginning, six for each row. A bit is a pixel of the playfield, four columns wide, so a
// brick takes two. (Some bits are not used.) Where a bit is 0, half a brick is gone. With that one can build walls of
// one's own:

// %% id="wall"
const ram = game.ale.getRam();
for (let byte = 0; byte < 36; byte++) {
  const row = byte % 6;
  ram[byte]! &= row % 2 === 0 ? 0b10101010 : 0b01010101;
}
game.next({ action: 0 });
await showPanels([
  { picture: screen(game.ale.getScreen()), caption: 'every second bit', scale: 2 },
]);

// %% [markdown] id="memory-exercise"
// **Exercises.** (1) Which byte is the number of lives? Play until a ball is lost and compare. *Criterion:* it goes down
// by one at each lost ball, and a number that you write to it is shown. (2) Where is the score? It is written so that
// each half of a byte is a decimal digit. *Criterion:* you set it to 123, and the screen says so. (3) Two bytes hold the
// ball's speed: find them, and double one. *Criterion:* the ball crosses the field in half the frames. (4) Which bytes
// make the wall's leftmost column? *Criterion:* you take only that column away.

// %% [markdown] id="program-text"
// ## 4 A program of our own
//
// Seventeen instructions, and a picture. `VSYNC` tells the television that a frame begins; `WSYNC` stops
// the processor until the beam starts the next line; between them the program gives each line a colour.
// Change it and run both cells again: `DEX` for `INX`, `INX` twice, another number of lines.
// (Our frame has 233 lines, not 262: the emulator does not mind, on a television the picture would roll. The memory's 128
// bytes have the addresses $80 to $FF, so byte 99 above is `$E3`.)

// %% id="program"
const source = `
frame   LDA #2
        STA VSYNC       ; three lines with the sync signal
        STA WSYNC
        STA WSYNC
        STA WSYNC
        LDA #0
        STA VSYNC
        STA VBLANK      ; the beam is on
        INC $80         ; a byte of memory: the frame's number
        LDX $80
        LDY #230
line    STA WSYNC       ; wait for the next line
        STX COLUBK      ; its colour
        INX
        DEY
        BNE line
        JMP frame
`;

// %% id="run-program"
const start = new Mt19937(1);
const own = new Console(createCartridge(assembleRom(source)), start);
own.reset(start);
const frames: ReturnType<typeof screen>[] = [];
for (let i = 0; i < 130; i++) {
  own.frame();
  if (i >= 2 && i % 8 === 2) frames.push(screen(own.picture));
}
await showGif(frames, { delayMs: 130, scale: 1 });

// %% [markdown] id="bytes-text"
// What the assembler made of it: an instruction is one to three bytes. For our own program we may print them.

// %% id="bytes"
const { lines } = assemble(` ORG $F000\n${source}`, {
  symbols: REGISTERS, // addresses of the TIA's and RIOT's registers by name
});
const hex = (value: number) => value.toString(16).toUpperCase().padStart(2, '0');
showTable(
  lines.map(({ address, bytes, text, comment }) => ({
    address: `$${hex(address)}`,
    bytes: bytes.map(hex).join(' '),
    instruction: text,
    comment,
  })),
);

// %% [markdown] id="fast-text"
// ## 5 How it is made fast
//
// An agent needs millions of frames. An **interpreter** reads an opcode, looks up what it means, does it, and
// begins again. A **translator** does the looking up once: it turns the program into JavaScript, which the
// engine below compiles to machine code. Here is what it makes of our program:

// %% id="translated"
const cartridge = createCartridge(assembleRom(source));
const region = getTranslator(cartridge).getRegion(0xf000, 1)!;
console.log(String(region.execute).split('\n').slice(0, 40).join('\n'));

// %% [markdown] id="speed-text"
// And what that is worth for our program, without painting. (It mostly waits for lines; other programs gain less or
// more.) The second thing that makes the emulator fast: a line that shows what it showed a frame ago is not painted
// again.

// %% id="speed"
for (const translate of [false, true]) {
  const console_ = new Console(cartridge, new Mt19937(1), { translate });
  console_.reset(new Mt19937(1));
  for (let i = 0; i < 100; i++) console_.frame(); // warms up
  const began = performance.now();
  for (let i = 0; i < 500; i++) console_.frame(false);
  const perSecond = Math.round(500_000 / (performance.now() - began));
  console.log(
    `${translate ? 'translated' : 'interpreted'}: ${perSecond} frames a second`,
  );
}

// %% [markdown] id="right-text"
// ## 6 How one proves that it is right
//
// An emulator that is nearly right is dangerous: the agent learns a game that does not exist. So this one was
// compared with ale-py, the reference of the field, over more than half a million recorded frames: the 128
// bytes, the picture, points and lives, **each frame, to the last bit**. The recordings hold checksums,
// so they contain nothing of the cartridge. A thousand frames of one:

// %% id="conformance"
const fixture = readFixture(`${FIXTURES}/raw-random-10k.bin.gz`);
/** The first frame that differs from ale-py's, or null. */
function firstDifference(harm?: (ram: Uint8Array, frame: number) => void) {
  const ale = createAle(fixture.get('settings'));
  const [actions, ramCrc, screenCrc] = ['action', 'ramCrc', 'screenCrc'].map((name) =>
    fixture.array(name),
  );
  const flags = fixture.array('flags');
  for (let frame = 0; frame < 1000; frame++) {
    if ((flags[frame]! & 4) !== 0) ale.resetGame();
    harm?.(ale.getRam(), frame);
    ale.act(actions![frame]!);
    const same = crc32(ale.getRam()) === ramCrc![frame];
    if (!same || crc32(ale.getScreen()) !== screenCrc![frame]) return frame;
  }
  return null;
}
console.log(`first frame that differs: ${firstDifference()}`);

// %% [markdown] id="wrong-text"
// Would it notice? We do harm once: a single bit, before frame 500. **Predict:** is each found, and when?

// %% id="wrong"
const noticed = [0, 72, 99, 127].map((byte) => ({
  'bit flipped in byte': byte,
  'noticed in frame': firstDifference((bytes, frame) => {
    if (frame === 500) bytes[byte]! ^= 1;
  }),
}));
showTable(noticed);

// %% [markdown] id="right-see"
// **What you should see.** No difference in the thousand frames. The bit in byte 0, of the wall, and that in byte 99,
// the ball's column, are found in their own frame. The others never are: the paddle's byte, 72, is made anew in each
// frame, and so is byte 127, the stack's first. Not every harm does harm, hence the comparison of many frames in many
// games. But that is the whole idea: not "it looks like Breakout", but a comparison that fails when a single bit is wrong.
// `npm run conformance` makes all of them.
//
// **Exercises.** (1) Write a program that draws two colours left and right of the middle: change `COLUBK`
// in the middle of a line, after some `NOP`. (2) Let the paddle's button change the colour: `SWCHA`, bit 7, is 0 while it
// is pressed. In the cell that runs the program press it from frame 60 on: `if (i === 60) own.setButton(0, true);`
// (3) Break the emulator in `lib/atari`, in a place of your choice, and run `npm run conformance`: how soon
// is it found?
