/** Each of the ten silent mistakes is there, and the notebook's test for it sees it. */
import { beforeAll, expect, it } from 'vitest';
import * as catching from '../../lib/course/q-learning';
import * as lib from '../../lib/index';
import { runCells } from './cells';
import { SILENT } from './silent';

type Test = (parts: object) => void;
interface Cells {
  readonly right: object;
  readonly patients: ReadonlyMap<number, object>;
  readonly [test: `test${number}`]: Test;
}

const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const IDS = [
  'imports',
  'parts',
  'right-parts',
  'examine',
  'signs',
  'patients',
  'test-helpers',
  ...numbers.flatMap((n) => [`patient-${n}`, `define-test-${n}`]),
  'solve-eleven',
];

let cells: Cells;
beforeAll(async () => {
  const modules = {
    'breakout-dqn': { ...lib, ...SILENT },
    'breakout-dqn/q-learning': catching,
  };
  const names = ['right', 'patients', ...numbers.map((n) => `test${n}`)];
  const options = { notebook: '05-find-the-bug', ids: IDS, names, modules };
  cells = (await runCells(options)) as unknown as Cells;
});

const run = (n: number, parts: object) => () => lib.tf.tidy(() => cells[`test${n}`]!(parts));

it.each(numbers)(
  'test %i passes the right program and fails its patient',
  { timeout: 300_000 },
  (n) => {
    expect(run(n, cells.right)).not.toThrow();
    expect(run(n, { ...cells.right, ...cells.patients.get(n) })).toThrow(/./);
  },
);
