// The source of 07-inside-the-agent.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # Inside the agent
//
// The agent that comes with this project plays Breakout better than most people: 331 points on average.
// It was given pictures and bricks; a lost ball ended what counts, and FIRE was pressed for it. What has it made
// of that? This notebook opens it: what its filters see, what excites a unit, what it expects while it plays, on
// which pixels that depends, and what it does **not** understand.
//
// You should have read sections 1 to 8 of [notebook 2](02-breakout.ipynb). Nothing is trained
// here but an imitator at the end; each cell takes seconds.

// %% id="imports"
import {
  argmax,
  createQNetwork,
  findBall,
  findPaddle,
  Game,
  gradientSaliency,
  keep,
  type Line,
  lineFigure,
  loadAgent,
  Mt19937,
  observationTensor,
  occlusionSaliency,
  Pilot,
  play,
  showFigure,
  showPanels,
  showPlay,
  showTable,
  tf,
  unstack,
  watch,
} from 'breakout-dqn';
import { PCA } from 'ml-pca';

// %% id="agents"
const agent = await loadAgent();
keep('agent', agent.network);
/** An early one: the same method and a smaller network, 4 % of the play. */
const early = await loadAgent('early-agent');
keep('early', early.network);
const [pilot, beginner] = [agent, early].map((each, i) =>
  keep(`pilot ${i}`, new Pilot(each, { epsilon: 0.05 })),
) as [Pilot, Pilot];
console.log(`${agent.info.agentStep} and ${early.info.agentStep} agent steps of play`);

// %% [markdown] id="watch-text"
// ## 1 Watch it
//
// The bars are $Q(o, a)$: how many bricks the agent expects until it loses the ball, each less by 1 % for each step
// that it is away. (Bricks, not points: in training rewards were clipped to 1.) The curve is
// $V(o) = \max_a Q(o, a)$ over time: dots are bricks, red lines lost balls. Use it as an instrument:
//
// - **step** (`+4`) through the moment before a brick, and see V rise until the ball is there;
// - press an arrow key: **you** play now, and V says what the agent thinks of it. Hand back;
// - pause, and **drag the ball** elsewhere: what would it do?
// - turn **ε** up, and see how much chance it can bear.

// %% id="watch"
await watch(agent, { seed: 1 });

// %% [markdown] id="beginner-text"
// The early agent beside it, as a recording: for outputs that are stored, and for viewers without the
// live channel, `showPlay` draws game and values as a GIF (its bars begin at 0).

// %% id="beginner"
await showPlay(early, { seed: 1, steps: 90 });

// %% [markdown] id="filters-text"
// ## 2 What the first layer's filters see
//
// The first layer slides filters of 8 x 8 pixels over four pictures at once. Each row below is one filter:
// its weights for the oldest picture on the left, for the newest on the right. White is a positive weight,
// black a negative one. A filter that is **white on the right and black on the left** answers to
// something that *comes*, and its reverse to something that *goes*. A filter whose four squares are equal
// does not look at time at all.

// %% id="filters"
type Filter = readonly (readonly number[])[]; // [picture][pixel], -1 ... 1
/** The filters of a network's first layer. */
function filtersOf(network: tf.LayersModel): Filter[] {
  const first = network.layers.find(({ name }) => name.startsWith('conv'))!;
  const [weights] = first.getWeights() as [tf.Tensor4D]; // [8, 8, 4, filters]
  return tf.tidy(() => {
    const scaled = weights.div(weights.abs().max([0, 1, 2], true));
    const [count] = [weights.shape[3]];
    const filters = scaled.transpose([3, 2, 0, 1]).reshape([count, 4, 64]);
    return (filters as tf.Tensor3D).arraySync();
  });
}

// %% id="draw-filters"
/** Filters as pictures: rows of a filter for four times, side by side with a gap. */
function drawFilters(filters: readonly Filter[]) {
  const [width, height] = [4 * 9 - 1, filters.length * 9 - 1];
  const data = new Uint8Array(width * height).fill(60);
  for (const [row, filter] of filters.entries()) {
    for (const [time, weights] of filter.entries()) {
      for (const [i, weight] of weights.entries()) {
        const [x, y] = [time * 9 + (i % 8), row * 9 + Math.floor(i / 8)];
        data[y * width + x] = Math.round(127.5 + 127.5 * weight);
      }
    }
  }
  return { data, shape: [height, width] };
}
await showPanels(
  Object.entries({ 'the agent': agent, early }).map(([name, { network }]) => ({
    picture: drawFilters(filtersOf(network)),
    caption: `${name}\nold → new`,
    scale: 4,
  })),
);

// %% [markdown] id="motion-text"
// How many look at motion? For each filter: the share of its weights' variance that lies *between* the
// four times. Of weights that know nothing it is 3/4: the mean of four independent numbers keeps a quarter of their
// variance. So an untrained network stands beside the two agents.

// %% id="motion"
/** The share of each filter of the first layer. */
function motionOf(network: tf.LayersModel): number[] {
  const first = network.layers.find(({ name }) => name.startsWith('conv'))!;
  const [weights] = first.getWeights() as [tf.Tensor4D]; // [8, 8, 4, filters]
  return tf.tidy(() => {
    const changing = weights.sub(weights.mean(2, true)).square().sum([0, 1, 2]);
    return Array.from(changing.div(weights.square().sum([0, 1, 2])).dataSync());
  });
}
const shape = { observationShape: [4, 84, 84], actions: 4 };
const untrained = keep('untrained', createQNetwork({ ...shape, seed: 1 }));
const compared = { untrained, early: early.network, 'the agent': agent.network };
showTable(
  Object.entries(compared).map(([network, each]) => {
    const shares = motionOf(each);
    const mean = shares.reduce((sum, each) => sum + each / shares.length, 0);
    const [lowest, highest] = [Math.min(...shares), Math.max(...shares)];
    const text = (value: number) => value.toFixed(2);
    return {
      ...{ network, mean: text(mean), lowest: text(lowest), highest: text(highest) },
    };
  }),
);

// %% [markdown] id="motion-see"
// **What you should see.** The early agent has no more than chance gives. Of the agent's filters some have become
// detectors of change, with a share near 1, and others still look like noise. What stands still, walls and bricks, is
// in all four pictures alike; what decides is where the ball *goes*, and that is in no single one of them.

// %% [markdown] id="game-text"
// ## 3 A game to look at
//
// The agent plays, and we keep every stack that it saw, with Q, lives and score. The `Game` goes frame by frame and
// can go back to any of them; four frames are one agent step.

// %% id="game"
interface Moment {
  readonly observation: Uint8Array;
  readonly q: Float32Array;
  readonly frame: number;
  readonly lives: number;
  readonly score: number;
  /** Row of the ball; null while none is in play. */
  readonly ballRow: number | null;
}
const game = new Game({ seed: 7, noopMax: 30, pressFire: true });
const moments: Moment[] = [];
while (moments.length < 3000 && !game.over) {
  const { observation, frame, score, livesLeft: lives } = game;
  const q = pilot.values(observation);
  const ballRow = findBall(game.ale.getRam())?.y ?? null;
  moments.push({ observation: observation.slice(), q, frame, lives, score, ballRow });
  const { action } = pilot.choose(q);
  do game.next({ action });
  while (!game.isStepStart && !game.over);
}
console.log(`${moments.length} agent steps, ${game.score} points`);

// %% [markdown] id="curve-text"
// $V$ along the game, of the agent and of the early one **on the same pictures**. The early one does not
// play here, it only says what it expects.

// %% id="curve"
const maxOf = (q: ArrayLike<number>) => Math.max(...Array.from(q));
const steps = moments.map((_, i) => i);
const valueLine = (name: string, y: number[]): Line => ({ name, x: steps, y });
await showFigure(
  lineFigure(
    [
      valueLine(
        'the agent',
        moments.map(({ q }) => maxOf(q)),
      ),
      valueLine(
        'the early agent',
        moments.map((m) => maxOf(beginner.values(m.observation))),
      ),
    ],
    { title: 'What they expect', xTitle: 'agent step', yTitle: 'V = max Q' },
  ),
);

// %% [markdown] id="tunnel-text"
// **What you should see.** Teeth: V climbs while the ball flies towards the bricks and falls when a brick is
// paid out. Then look for the steep climb: there the ball is on its way **into the tunnel**, behind the
// bricks, where it will collect many without the agent's doing. No line of code says that tunnels are
// good. When only single bricks are left, hard to hit, V stays low. The early agent tells all these moments hardly
// apart. Here are the moments of the highest and the lowest V:

// %% id="extremes"
const byValue = [...moments].sort((a, b) => maxOf(a.q) - maxOf(b.q));
const newest = (stack: Uint8Array) => unstack({ data: stack, shape: [4, 84, 84] })[3]!;
const extremes = [0, 1, 2].map(
  (third) => byValue[Math.floor((third * (byValue.length - 1)) / 2)]!,
);
await showPanels(
  extremes.map(({ observation, q }, i) => ({
    picture: newest(observation),
    caption: `${['lowest', 'median', 'highest'][i]}\nV = ${maxOf(q).toFixed(2)}`,
    scale: 2,
  })),
);

// %% [markdown] id="lost-text"
// ## 4 The moment before a lost ball
//
// When does it know? Below, the last two seconds before each lost ball, one line for each. A lost ball
// ended the return in training, so V should go to what can still be had: nothing.

// %% id="lost"
const losses = moments.flatMap(({ lives }, i) => {
  const before = moments[i - 1];
  return before && before.lives > lives ? [i] : [];
});
const span = Array.from({ length: 31 }, (_, i) => i - 30);
const lostLines = losses.slice(0, 6).map(
  (at, i): Line => ({
    name: `ball ${i + 1}`,
    x: span,
    y: span.map((t) => maxOf(moments[Math.max(0, at + t)]!.q)),
  }),
);
await showFigure(
  lineFigure(
    lostLines.length > 0
      ? lostLines
      : [{ name: 'none was lost', x: span, y: span.map(() => 0) }],
    {
      title: 'V before a ball is lost',
      xTitle: 'agent steps before the loss',
      yTitle: 'V',
    },
  ),
);

// %% [markdown] id="lost-see"
// **What you should see.** Before most losses V holds until the last third of a second and then falls to about 0 (or
// a little below: a network's error): the agent sees that it will miss when the paddle can no longer get there. At 0
// the next ball counts already. There are others, too: a line that stays up to the end is a loss that the agent did
// not see coming. (A dip further left is the loss before it.)
//
// **Try it.** How many are lost by chance? `pilot.choose(q)` says `chosenBy`. *Criterion:* you count the random
// actions in the last ten steps before each loss, and know how many to expect in any ten.

// %% [markdown] id="saliency-text"
// ## 5 What a value depends on
//
// Two ways to ask. The **gradient** $|\partial V / \partial s|$: by how much would V change if this pixel
// were a little brighter? And **occlusion**: paint a square black and see how much the values change.
// The gradient asks about small changes, occlusion about large ones, and they need not agree.

// %% id="saliency"
/** The newest picture, and over it in white what counts. */
function overlay(stack: Uint8Array, saliency: Float32Array) {
  const most = saliency.reduce((max, value) => Math.max(max, value), 1e-9);
  const picture = newest(stack).data;
  const data = new Uint8Array(3 * 84 * 84);
  for (let i = 0; i < 84 * 84; i++) {
    const heat = saliency[i]! / most;
    const gray = 0.6 * picture[i]!;
    data[3 * i] = Math.min(255, gray + 255 * heat);
    data[3 * i + 1] = Math.min(255, gray + 150 * heat ** 2);
    data[3 * i + 2] = gray;
  }
  return { data, shape: [84, 84, 3] };
}

// %% id="saliency-shown"
/** Both ways on one picture, for one agent. */
function maps(name: string, stack: Uint8Array, of: typeof agent, by: Pilot) {
  const qValues = (some: Uint8Array) => by.values(some);
  const gradient = gradientSaliency({ network: of.network, observation: stack });
  const hidden = occlusionSaliency({ qValues, observation: stack });
  return [
    { picture: overlay(stack, gradient), caption: `${name}\ngradient`, scale: 2 },
    { picture: overlay(stack, hidden), caption: `${name}\nocclusion`, scale: 2 },
  ];
}
const exciting = extremes[2]!.observation;
await showPanels([
  ...maps('the agent', exciting, agent, pilot),
  ...maps('early', exciting, early, beginner),
]);

// %% [markdown] id="saliency-see"
// **What you should see.** Occlusion: parts of the wall count most, the ball's square somewhat. The empty field is
// black because painting black on black changes nothing: that says nothing of what the field is worth. The
// gradient is strongest in that field: a small bright spot there would be a ball. The early agent's occlusion map has
// hot squares on wall and border that nobody would have guessed.
// A hot spot says *where* a value comes from, not *why*: do not read
// thoughts into it. In the live view above switch the overlay on and drag the ball.

// %% [markdown] id="units-text"
// ## 6 What excites a unit
//
// Before the values there is a layer of 256 units. A **feature** is what one of them answers
// to. We ask for the pictures of the game at which a unit is most active: where ball, paddle and bricks
// are alike in all of them, the unit has found a word for it.

// %% id="features"
/** Every third moment will do. */
const sample = moments.filter((_, i) => i % 3 === 0);
/** Activations of the last layer before the values, [n][units]. */
function featuresOf({ inputs, layers }: tf.LayersModel): number[][] {
  const names = layers.map(({ name }) => name.split('_')[0]);
  const before = layers[names.lastIndexOf('dense') - 1]!; // the values' layer
  const outputs = before.output as tf.SymbolicTensor;
  const inner = tf.model({ inputs, outputs });
  const features: number[][] = [];
  for (let i = 0; i < sample.length; i += 100) {
    const some = sample.slice(i, i + 100);
    const bytes = new Uint8Array(some.length * 4 * 84 * 84);
    for (const [j, m] of some.entries())
      bytes.set(m.observation, j * m.observation.length);
    const shape = [some.length, 4, 84, 84] as const;
    const rows = tf.tidy(() => {
      const input = observationTensor({ observations: bytes, shape: [...shape] });
      return (inner.predict(input) as tf.Tensor2D).arraySync();
    });
    features.push(...rows);
  }
  return features;
}

// %% id="units"
const features = featuresOf(agent.network);
const ofEarly = featuresOf(early.network);
/** The activations of each unit, [units][n]. */
const unitsOf = (rows: readonly number[][]) =>
  rows[0]!.map((_, unit) => rows.map((row) => row[unit]!));
const activityOf = (values: readonly number[]) =>
  values.filter((value) => value > 0).length / values.length;
showTable(
  Object.entries({ 'the agent': features, early: ofEarly }).map(([network, rows]) => {
    const activities = unitsOf(rows).map(activityOf);
    const rare = activities.filter((activity) => activity < 0.1);
    const never = activities.filter((activity) => activity === 0);
    return {
      ...{ network, moments: rows.length, units: activities.length },
      ...{ 'active in less than a tenth': rare.length, 'never active': never.length },
    };
  }),
);

// %% id="choosy"
/** The units that are choosy: rarely active, and then strongly. */
function choosyOf(units: readonly number[][], count: number): number[] {
  const strength = (unit: number) => maxOf(units[unit]!) / activityOf(units[unit]!);
  return units
    .flatMap((values, unit) => (activityOf(values) * values.length > 60 ? [unit] : []))
    .sort((a, b) => strength(b) - strength(a))
    .slice(0, count);
}
for (const [name, rows] of [
  ['', features],
  ['early, ', ofEarly],
] as const) {
  const units = unitsOf(rows);
  for (const unit of choosyOf(units, name === '' ? 3 : 2)) {
    const values = units[unit]!;
    const order = sample.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
    const panels = [0, 2, 4].map((rank) => ({
      picture: newest(sample[order[rank]!]!.observation),
      caption: `${name}unit ${unit}\n${values[order[rank]!]!.toFixed(1)}`,
      scale: 2,
    }));
    await showPanels(panels);
  }
}

// %% [markdown] id="units-see"
// **What you should see.** The three pictures of a unit resemble each other more or less: in where the ball is, or in
// which bricks are gone. (Its way cannot be seen in one picture.) A quarter of the units are active in less than a tenth
// of the moments. Knowledge is spread over all of them, and few have a meaning that can be named. Of the early agent's
// 128 units nearly a quarter are never active, and its choosy ones answer weakly.

// %% [markdown] id="map-text"
// ## 7 A map of its world
//
// Each moment is a point in as many dimensions as there are units. Principal component analysis finds
// the plane in which the points are spread out most; there we draw them, coloured by V. Mnih et al.
// (2015, figure 4) drew such a map of Space Invaders with t-SNE, which keeps neighbours together; the
// plane here is a plain projection: what lies far apart in it is far apart; what lies near need not be near, since the
// plane carries only a part of the variance.

// %% id="map"
/** Mean square distance from the mean. */
function variance(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return (
    values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length
  );
}
/** The plane in which the moments are spread out most: a point for each. */
function planeOf(name: string, rows: number[][]): number[][] {
  const pca = new PCA(rows, { method: 'NIPALS', nCompNIPALS: 2, scale: false });
  const plane = pca.predict(rows, { nComponents: 2 }).to2DArray();
  const total = unitsOf(rows).reduce((sum, values) => sum + variance(values), 0);
  const parts = [0, 1].map((d) => variance(plane.map((point) => point[d]!)) / total);
  const percent = parts.map((part) => `${(100 * part).toFixed(0)} %`).join(' and ');
  console.log(`${name}: the two directions carry ${percent} of the variance`);
  return plane;
}
const points = planeOf('the agent', features);
const pointsOfEarly = planeOf('the early agent', ofEarly);

// %% id="bands"
const viridis = ['#440154', '#3b528b', '#21918c', '#5ec962', '#d9c81f'];
/** Points in five bands of V, each with as many as the others. */
function bandsOf(plane: readonly number[][], values: readonly number[]) {
  const ordered = [...values].sort((a, b) => a - b);
  const limits = [0, 1, 2, 3, 4, 5].map(
    (fifth) => ordered[Math.round((fifth / 5) * (ordered.length - 1))]!,
  );
  return viridis.map((color, band) => {
    const [low, high] = [limits[band]!, limits[band + 1]!];
    const inBand = plane.filter((_, i) => {
      return values[i]! >= low && (values[i]! < high || band === 4);
    });
    const [x, y] = [0, 1].map((d) => inBand.map((p) => Number(p[d]!.toFixed(2))));
    const name = `V ${low.toFixed(1)} to ${high.toFixed(1)}`;
    const marker = { size: 5, color };
    return { type: 'scatter', mode: 'markers', name, x: x!, y: y!, marker };
  });
}

// %% id="draw-map"
const axis = (d: number) => ({ title: { text: `direction ${d + 1}` } });
for (const [whose, plane, by] of [
  ['the agent’s', points, pilot],
  ['the early agent’s', pointsOfEarly, beginner],
] as const) {
  const values = sample.map(({ observation }) => maxOf(by.values(observation)));
  await showFigure({
    data: bandsOf(plane, values),
    layout: {
      title: { text: `The moments of the game in ${whose} own terms` },
      ...{ xaxis: axis(0), yaxis: axis(1) },
    },
  });
}

// %% id="map-ends"
const ends = [0, 1].flatMap((direction) => {
  const placeOf = (i: number) => points[i]![direction]!;
  const order = points.map((_, i) => i).sort((a, b) => placeOf(a) - placeOf(b));
  const worthOf = (i: number) => maxOf(sample[i]!.q).toFixed(1);
  return [order[0]!, order.at(-1)!].map((at) => ({
    picture: newest(sample[at]!.observation),
    caption: `end of direction ${direction + 1}\nV = ${worthOf(at)}`,
    scale: 2,
  }));
});
await showPanels(ends);

// %% [markdown] id="map-see"
// **What you should see.** V is read off these units by one linear layer, so that V changes smoothly is no wonder. The
// game runs along a bow, from the whole wall over the tunnel, where V is highest, to the last few bricks. The lowest
// values lie at both ends of it: equal V, different pictures, different places. The early agent's plane has clumps and
// less order, and all of its values lie within two points.

// %% [markdown] id="limits-text"
// ## 8 What it does not understand
//
// All pictures that it learned from came from its own play. What does it say of others? We take one
// moment, move the ball by hand to a grid of places (`Game.moveBall` writes the console's memory as it was up to
// 16 frames ago and plays on from there, so that the ball comes to the place in flight), and ask for V at each.

// %% id="what-if"
const from = moments.find(({ frame }) => frame >= 400)!;
await showPanels([
  { picture: newest(from.observation), caption: 'the moment', scale: 2 },
]);
/** V with the ball at each of a grid's places, rows from the top. */
function valuesWithBallAt(
  by: Pilot,
  xs: readonly number[],
  ys: readonly number[],
): (number | null)[][] {
  const other = game.copy();
  return ys.map((y) =>
    xs.map((x) => {
      other.seek(from.frame);
      try {
        other.moveBall({ x, y });
        return maxOf(by.values(other.observation));
      } catch {
        return null; // it cannot be there: on its way it would have met a brick
      }
    }),
  );
}

// %% id="what-if-maps"
const xs = Array.from({ length: 13 }, (_, i) => 12 + 10 * i);
const ys = Array.from({ length: 9 }, (_, i) => 100 + 10 * i);
for (const [name, by] of [
  ['the agent', pilot],
  ['the early agent', beginner],
] as const) {
  const z = valuesWithBallAt(by, xs, ys);
  await showFigure({
    data: [{ type: 'heatmap', x: xs, y: ys, z, name: 'V' }],
    layout: {
      title: { text: `V with the ball elsewhere: ${name}` },
      xaxis: { title: { text: 'column of the ball' } },
      yaxis: { title: { text: 'row (down)' }, autorange: 'reversed' },
    },
  });
}

// %% [markdown] id="limits-see"
// **What you should see.** The agent's map makes sense where balls fly in play: V falls from the top, where
// a brick is about to be paid, to the bottom, and most where the ball is far from the paddle. It also has spots
// that no neighbour explains. Perhaps no ball of its games has been there with this flight: the map cannot say. The early
// agent's map is a patchwork (mind its own scale of colours): it knows that some pictures come before points, not what a ball is.
//
// A harder question: a ball that comes down, and the paddle elsewhere. Does the best action follow?

// %% id="paddle"
const falling = moments.find(({ ballRow }, i) => {
  const before = moments[i - 1]?.ballRow ?? 0;
  return (
    i > 100 && before > 145 && ballRow !== null && ballRow > before && ballRow < 175
  );
})!;
const there = game.copy();
there.seek(falling.frame);
const ball = findBall(there.ale.getRam())!;
console.log(`the ball is at column ${ball.x}, row ${ball.y}, on its way down`);
const rows = Array.from({ length: 8 }, (_, i) => 8 + 18 * i).map((column) => {
  const other = game.copy();
  other.seek(falling.frame);
  other.movePaddle(column);
  const decide = (by: Pilot) => {
    const q = by.values(other.observation);
    return `${['NOOP', 'FIRE', 'RIGHT', 'LEFT'][argmax(q)]} (V ${maxOf(q).toFixed(2)})`;
  };
  const paddle = findPaddle(other.ale.getRam()); // the knob is not exact to the pixel
  return { 'paddle at': paddle, 'the agent': decide(pilot), early: decide(beginner) };
});
showTable(rows);

// %% [markdown] id="noise-text"
// **What you should see.** Left of the ball's way the trained agent goes right, right of it left, and where the
// paddle stands well it stays (FIRE does nothing while a ball is in play). V is lowest where the paddle has
// the longest way. The early agent says the same wherever the paddle stands.
//
// And pictures that are no Breakout at all? A network has no word for "I do not know".

// %% id="noise"
const random = new Mt19937(1);
const strange: Record<string, Uint8Array> = {
  black: new Uint8Array(4 * 84 * 84),
  noise: Uint8Array.from({ length: 4 * 84 * 84 }, () =>
    Math.floor(256 * random.nextDouble()),
  ),
  'upside down': from.observation.map(
    (_, i) => from.observation[i - (i % 7056) + 7055 - (i % 7056)]!,
  ),
  'mirrored in time': Uint8Array.from(
    [3, 2, 1, 0].flatMap((t) => [
      ...from.observation.subarray(t * 7056, (t + 1) * 7056),
    ]),
  ),
};
showTable(
  Object.entries({ 'as it was': from.observation, ...strange }).map(
    ([picture, stack]) => ({
      picture,
      'V, the agent': maxOf(pilot.values(stack)).toFixed(2),
      'V, early': maxOf(beginner.values(stack)).toFixed(2),
    }),
  ),
);

// %% [markdown] id="noise-see"
// **What you should see.** Numbers, for everything, stated as firmly as for real pictures. Values are
// only worth something where the agent has been.

// %% [markdown] id="your-play-text"
// ## 9 Exercises
//
// 1. **You against it.** Play a game below, then draw V of the agent along *your* game
//    (`yours.transitions()` has the observations). Where does it think that you are lost, and are you? *Criterion:*
//    for each ball that you lost you say how long before V fell, if it did.
// 2. **Learn from your play.** The last cells put your game into a replay memory and teach a fresh network to
//    imitate it: value 1 for what you did, 0 for another action. Then learn from the same memory by TD targets, as
//    notebook 2 does: `imitator.update(memory.sample(chance))` in place of `fit`, and `imitator.syncTarget()` after
//    every 250 updates. *Criterion:* for both, the share of steps in which the best action is what was done, before
//    and after; and a sentence that says what a fixed game cannot tell a TD target.
// 3. **Blind it.** Paint the score black in all pictures. Does its play change? Then the bricks. *Criterion:* the means
//    of ten games with and without, with their standard errors, and whether they differ.
// 4. **Another plane.** Colour the map by the number of lives, and by the column of the ball. *Criterion:* you say
//    which of the two the plane tells apart.

// %% id="your-play"
const yours = await play();

// %% id="your-values"
const judged = yours.transitions().map((step) => maxOf(pilot.values(step.observation)));
const sum = judged.reduce((total, value) => total + value, 0);
const mean = (sum / judged.length).toFixed(2);
const verdict = `V of your moments is ${mean} on average`;
console.log(judged.length === 0 ? 'play first' : verdict);

// %% id="remember"
import { createConfig, createLearner, ReplayBuffer, remember } from 'breakout-dqn';

const isYours = yours.frame > 1200; // 20 seconds at least
const agents = [...game.steps()].slice(0, 1500);
const played = isYours ? yours.transitions() : agents;
const observationShape = [4, 84, 84];
const capacity = played.length + 1; // pictures: one more than steps
const memory = new ReplayBuffer({ capacity, observationShape, batchSize: 32 });
remember(played, memory);
const whose = isYours ? 'your game' : 'the agent’s game, as you have not played';
console.log(`${memory.length} agent steps of ${whose}`);

// %% id="imitate"
const forImitation = createConfig('dqn', { learningRate: 1e-3 });
const imitator = keep(
  'imitator',
  createLearner({ observationShape, actions: 4, config: forImitation, seed: 1 }),
);
/** How often the best action is what was done. FIRE counts as NOOP: in flight it is. */
function agreement(): string {
  const same = played.filter(({ observation, action }) => {
    const best = argmax(imitator.qValues(observation));
    return Math.max(best, 1) === Math.max(action, 1);
  });
  return `${((100 * same.length) / played.length).toFixed(0)} %`;
}

// %% id="imitation-batch"
const chance = new Mt19937(2);
/** A batch whose targets are 1 for what was done, and 0 for another action. */
function imitationBatch() {
  const { size, observations, actions: done } = memory.sample(chance);
  const others = Array.from(done, () => chance.nextDouble() < 0.5);
  const another = (action: number) =>
    (action + 1 + Math.floor(3 * chance.nextDouble())) % 4;
  const actions = done.map((action, i) => (others[i] ? another(action) : action));
  return {
    size,
    observations,
    actions,
    targets: Float32Array.from(others, (is) => (is ? 0 : 1)),
  };
}

// %% id="imitate-loop"
import { setImmediate } from 'node:timers/promises';

const updates = process.env.BREAKOUT_PROFILE === 'quick' ? 50 : 2000;
console.log(`before: it does in ${agreement()} of the steps what was done`);
for (let update = 1; update <= updates; update++) {
  imitator.fit(imitationBatch());
  if (update % 20 === 0) await setImmediate(); // lets an interrupt through
}
console.log(`after ${updates} updates: in ${agreement()}`);
