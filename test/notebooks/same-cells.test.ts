/** What a reader writes in the first notebook is what the Breakout notebook uses: to the letter, but for comments. */
import ts from '@tslab/typescript-for-tslab';
import { expect, it } from 'vitest';
import { cellSource } from './cells';

const printer = ts.createPrinter({ removeComments: true });

function functionOf(notebook: string, cell: string, name: string): ts.FunctionDeclaration {
  const source = cellSource(notebook, cell);
  const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ESNext, true);
  const found = file.statements
    .filter(ts.isFunctionDeclaration)
    .find((statement) => statement.name?.text === name);
  if (found === undefined) throw new RangeError(`expected ${name} in cell ${cell} of ${notebook}`);
  return found;
}

/** In one style, without comments. */
const textOf = (node: ts.Node) =>
  printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());

it.each([
  ['define-epsilon', 'epsilonAt'],
  ['define-q-values', 'toInput'],
  ['define-q-values', 'qValues'],
  ['define-select-action', 'selectAction'],
  ['define-td-targets', 'tdTargets'],
  ['define-train-step', 'trainStep'],
])('%s: %s is the same in both notebooks', (cell, name) => {
  const [small, large] = ['01-q-learning', '02-breakout'].map((notebook) =>
    textOf(functionOf(notebook, cell, name)),
  );
  expect(small).toBe(large);
});

it('train has the same parameters', () => {
  const [small, large] = ['01-q-learning', '02-breakout', '03-pqn'].map((notebook) => {
    const { parameters } = functionOf(notebook, 'training-loop', 'train');
    return parameters.map(({ name }) => name.getText());
  });
  expect(small).toEqual(['name', 'config', 'seed', 'agent']);
  expect(large).toEqual(small);
});
