/** Curves have the points, means and spreads worked out by hand, and stay small for long runs. */
import { describe, expect, it } from 'vitest';
import { epsilonCurve, learningCurve, lossCurve } from '../../lib/display/curves';
import { lineFigure } from '../../lib/display/figure';

const run = (name: string, values: number[]) => ({
  name,
  agentSteps: values.map((_, i) => 100 * i),
  values,
});

describe('learningCurve', () => {
  it('draws the returns as points and their running mean as a line of the same colour', () => {
    const { data, layout } = learningCurve(run('a', [0, 2, 4]), { window: 2 });
    const [points, line] = data;
    expect(points).toMatchObject({
      mode: 'markers',
      x: [0, 100, 200],
      y: [0, 2, 4],
      showlegend: false,
    });
    expect(line).toMatchObject({ mode: 'lines', name: 'a', x: [0, 100, 200], y: [0, 1, 3] });
    expect(line!.line!.color).toBe(points!.marker!.color);
    expect(layout.xaxis.title.text).toBe('agent steps');
    expect(layout.yaxis.title.text).toBe('points');
    expect(layout.showlegend).toBe(false);
  });

  it('shows the spread as an area around the mean', () => {
    const { data, layout } = learningCurve(run('a', [4, 0, 2]), { window: 2, spread: true });
    const [, area, line] = data;
    // there along mean - sd = 4, 0, 0, and back along mean + sd = 2, 4, 4
    expect(area).toMatchObject({
      fill: 'toself',
      x: [0, 100, 200, 200, 100, 0],
      y: [4, 0, 0, 2, 4, 4],
      showlegend: false,
    });
    expect(area!.fillcolor).toBe(line!.line!.color);
    expect(layout.showlegend).toBe(false);
    expect(layout.title.text).toBe('Points per game, line: mean of the last 2, area: ± 1 sd');
  });

  it('tells several runs apart by colour, dash and legend', () => {
    const { data, layout } = learningCurve([run('a', [1]), run('b', [2])]);
    const lines = data.filter(({ mode }) => mode === 'lines');
    expect(lines.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(new Set(lines.map(({ line }) => line!.color)).size).toBe(2);
    expect(new Set(lines.map(({ line }) => line!.dash)).size).toBe(2);
    expect(layout.showlegend).toBe(true);
  });

  it('draws a run that has no episode yet', () => {
    expect(learningCurve(run('a', [])).data.map(({ x }) => x)).toEqual([[], []]);
  });
});

describe('lineFigure', () => {
  const options = { title: 't', xTitle: 'x', yTitle: 'y' };

  it('thins long lines evenly and keeps both ends', () => {
    const x = Array.from({ length: 10_001 }, (_, i) => i);
    const [trace] = lineFigure([{ name: 'l', x, y: x }], { ...options, maxPoints: 101 }).data;
    expect(trace!.x).toEqual(Array.from({ length: 101 }, (_, i) => 100 * i));
  });

  it('leaves gaps for what is not a number, since JSON has none', () => {
    const y = [1, Number.NaN, Number.POSITIVE_INFINITY, 2];
    const figure = lineFigure([{ name: 'l', x: [0, 1, 2, 3], y }], options);
    expect(JSON.parse(JSON.stringify(figure)).data[0].y).toEqual([1, null, null, 2]);
  });

  it('keeps six digits', () => {
    const [trace] = lineFigure([{ name: 'l', x: [1_234_567], y: [1 / 3] }], options).data;
    expect(trace!.x).toEqual([1_234_567]);
    expect(trace!.y).toEqual([0.333333]);
  });

  it('refuses x and y of different lengths', () => {
    expect(() => lineFigure([{ name: 'l', x: [1], y: [] }], options)).toThrow("'l'");
  });

  it('keeps the zoom of the reader from one version to the next', () => {
    const [first, second] = [epsilonCurve(run('a', [1])), epsilonCurve(run('a', [1, 0.5]))];
    expect(first.layout.uirevision).toBe(second.layout.uirevision);
    expect(first.layout.uirevision).not.toBe('');
  });
});

it('curves take their own titles', () => {
  const figure = lossCurve(run('a', [1]), { title: 'Fitting one batch', xTitle: 'updates' });
  expect(figure.layout.title.text).toBe('Fitting one batch');
  expect(figure.layout.xaxis.title.text).toBe('updates');
});
