/** The drawings of the course: what meets whom, what is made of what, and which way values go. */
import { arrow, box, bracket, type Diagram, image, label } from './diagram';
import { type Picture, pictureSize } from './picture';

/** The loop of reinforcement learning: who sends what to whom. */
export function loopDiagram({
  agent = 'agent\nchooses',
  environment = 'environment\nthe game',
}: {
  readonly agent?: string;
  readonly environment?: string;
} = {}): Diagram {
  const size = { width: 150, height: 60 };
  return {
    width: 640,
    height: 190,
    parts: [
      box(agent, { x: 20, y: 65, ...size }),
      box(environment, { x: 470, y: 65, ...size, colour: 2 }),
      arrow([
        { x: 95, y: 65 },
        { x: 95, y: 30 },
        { x: 545, y: 30 },
        { x: 545, y: 63 },
      ]),
      label('action', { x: 320, y: 16 }),
      arrow([
        { x: 545, y: 125 },
        { x: 545, y: 160 },
        { x: 95, y: 160 },
        { x: 95, y: 127 },
      ]),
      label('observation, reward, is it over?', { x: 320, y: 176 }),
    ],
    text: 'agent -- action --> environment -- observation, reward, is it over? --> agent',
  };
}

/**
 * An observation and the next one as the pictures they are made of: they share all but one.
 * @param pictures one more than an observation has, oldest first
 */
export async function transitionDiagram(
  pictures: readonly Picture[],
  { side = 112 }: { /** Pixels that a picture is about high. */ readonly side?: number } = {},
): Promise<Diagram> {
  const { height, width } = pictureSize(pictures[0]!);
  const scale = Math.max(1, Math.round(side / height));
  const [w, h, gap, top] = [width * scale, height * scale, 14, 36];
  const left = (i: number) => 10 + i * (w + gap);
  const span = left(pictures.length - 1) - left(0) - gap;
  const drawn = await Promise.all(
    pictures.map((picture, i) => image(picture, { x: left(i), y: top, scale })),
  );
  return {
    width: left(pictures.length) - gap + 10,
    height: top + h + 36,
    parts: [
      ...drawn,
      bracket('o: what the agent sees', { x: left(0), y: top - 10, width: span, up: true }),
      bracket("o': what it sees one step later", { x: left(1), y: top + h + 10, width: span }),
    ],
    text: `o: pictures 1 to ${pictures.length - 1}; o': pictures 2 to ${pictures.length}`,
  };
}

/** What is drawn of a network; a model of TensorFlow.js is one. */
export interface LayeredModel {
  readonly layers: readonly {
    getClassName(): string;
    readonly outputShape: unknown;
    countParams(): number;
  }[];
}

/** A network as one box for each layer, with the shape of what comes out and the number of its weights. */
export function networkDiagram(
  model: LayeredModel,
  { input, outputs }: { readonly input: string; readonly outputs: readonly string[] },
): Diagram {
  const [w, h, gap, top] = [112, 56, 42, 40];
  const { layers } = model;
  const left = (i: number) => 146 + i * (w + gap);
  const middle = top + h / 2;
  const end = left(layers.length) - gap;
  const shapes = layers.map(({ outputShape }) => (outputShape as number[]).slice(1).join(' x '));
  const inside = layers.map((layer, i) => {
    const weights = layer.countParams();
    const count = weights === 0 ? 'no weights' : `${weights.toLocaleString('en')} weights`;
    return [
      arrow([
        { x: left(i) - gap + 2, y: middle },
        { x: left(i) - 2, y: middle },
      ]),
      box(`${layer.getClassName()}\n${shapes[i]}`, {
        x: left(i),
        y: top,
        width: w,
        height: h,
        colour: weights === 0 ? 3 : 0,
      }),
      label(count, { x: left(i) + w / 2, y: top + h + 16 }, { size: 13 }),
    ].join('');
  });
  const first = middle - ((outputs.length - 1) * 24) / 2;
  const ends = outputs.map((name, i) => {
    const y = first + 24 * i;
    const line = arrow([
      { x: end + 2, y: middle },
      { x: end + 38, y },
    ]);
    return line + label(name, { x: end + 44, y }, { anchor: 'start' });
  });
  return {
    width: end + 170,
    height: 2 * top + h,
    parts: [label(input, { x: 54, y: middle }), ...inside, ...ends],
    text: [input, ...shapes, outputs.join(', ')].join(' -> '),
  };
}

/** The network that learns and the copy that gives it its goals. */
export function twoNetworksDiagram({ every }: { readonly every: string }): Diagram {
  const size = { width: 190, height: 60 };
  return {
    width: 640,
    height: 210,
    parts: [
      box('Q-network\nlearns at each update', { x: 20, y: 20, ...size }),
      box('target network\nstands still', { x: 430, y: 20, ...size, colour: 1 }),
      arrow(
        [
          { x: 212, y: 50 },
          { x: 428, y: 50 },
        ],
        { dashed: true },
      ),
      label(`copied ${every}`, { x: 320, y: 34 }),
      box('error: y - Q(o, a)', { x: 225, y: 140, width: 190, height: 50, colour: 2 }),
      arrow([
        { x: 115, y: 80 },
        { x: 115, y: 165 },
        { x: 223, y: 165 },
      ]),
      label('Q(o, a)', { x: 165, y: 150 }),
      arrow([
        { x: 525, y: 80 },
        { x: 525, y: 165 },
        { x: 417, y: 165 },
      ]),
      label("y = r + γ max Q(o', a')", { x: 525, y: 184 }),
      arrow([
        { x: 320, y: 138 },
        { x: 320, y: 105 },
        { x: 160, y: 105 },
        { x: 160, y: 82 },
      ]),
      label('changes the weights', { x: 245, y: 94 }, { size: 13 }),
    ],
    text: "the Q-network learns towards y = r + γ max Q(o', a'), which its still copy, the target network, computes",
  };
}

/** A reward at the end of some steps, and what it is worth before: gamma less with each step. */
export function rewardDiagram({
  steps,
  gamma,
}: {
  readonly steps: number;
  readonly gamma: number;
}): Diagram {
  const [w, gap, top] = [74, 36, 50];
  const left = (i: number) => 10 + i * (w + gap);
  const worth = (i: number) => (gamma ** (steps - 1 - i)).toFixed(2);
  const parts = Array.from({ length: steps }, (_, i) => {
    const shape = { x: left(i), y: top, width: w, height: 40, colour: i === steps - 1 ? 2 : 0 };
    const drawn =
      box(worth(i), shape) + label(`step ${i + 1}`, { x: left(i) + w / 2, y: top + 56 });
    if (i === 0) return drawn;
    const y = top - 14;
    const back = arrow([
      { x: left(i) + w / 2 - 8, y },
      { x: left(i - 1) + w / 2 + 8, y },
    ]);
    return drawn + back + label(`× ${gamma}`, { x: left(i) - gap / 2, y: y - 14 }, { size: 13 });
  });
  const end = left(steps) - gap;
  return {
    width: end + 110,
    height: 130,
    parts: [...parts, label('reward 1', { x: end + 12, y: top + 20 }, { anchor: 'start' })],
    text: `worth: ${Array.from({ length: steps }, (_, i) => worth(i)).join(' <- ')} <- reward 1`,
  };
}
