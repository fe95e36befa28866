/** What a still chart is made of: traces in their places, and the marks that show them. */
import type { ChartAxis } from './chart-axis';
import type { Plain } from './plotly-figure';

/** Places on the two axes; null is a gap. */
export type Point = readonly [x: number, y: number] | null;

/** Something drawn, in places of the axes. */
export type Mark =
  | {
      readonly kind: 'line';
      readonly points: readonly Point[];
      readonly colour: string;
      readonly width: number;
      readonly dash: string;
    }
  | {
      readonly kind: 'area';
      readonly points: readonly Point[];
      readonly colour: string;
      readonly opacity: number;
    }
  | {
      readonly kind: 'points';
      readonly points: readonly Point[];
      readonly colours: readonly string[];
      readonly sizes: readonly number[];
    }
  | { readonly kind: 'boxes'; readonly boxes: readonly Box[]; readonly colours: readonly string[] };

/** Two corners; an infinite coordinate stands for the end of the axis. */
export interface Box {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export type Rgb = readonly [number, number, number];

export interface HeatMap {
  readonly y: ChartAxis;
  /** Cell i lies between edges i and i + 1. */
  readonly edges: { readonly x: readonly number[]; readonly y: readonly number[] };
  /** A value for each cell, row by row; NaN is left out. */
  readonly rows: readonly (readonly number[])[];
  /** Values of the first and last colour. */
  readonly range: readonly [number, number];
  readonly hasScale: boolean;
  /** The colour at 0 ... 1 of the range. */
  colourAt(share: number): Rgb;
}

/** What one trace shows. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly opacity: number;
  readonly isInLegend: boolean;
  readonly y: ChartAxis;
  readonly marks: readonly Mark[];
}

export interface Chart {
  readonly title: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  /** The second vertical axis, on the right. */
  readonly right: ChartAxis | undefined;
  readonly heats: readonly HeatMap[];
  readonly series: readonly Series[];
  readonly hasLegend: boolean;
}

/** A trace with all that is derived from its place among the others. */
export interface PlacedTrace {
  readonly trace: Plain;
  readonly type: string;
  readonly xs: readonly unknown[];
  readonly ys: readonly unknown[];
  readonly isHorizontal: boolean;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly colour: string;
}

/** The list without its gaps. */
export function withoutGaps<T>(list: readonly (T | null)[]): T[] {
  return list.flatMap((each) => (each === null ? [] : [each]));
}

export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

const COLOUR = /^(#[\da-f]{3,8}|[a-z]+|(rgb|hsl)a?\([\d., %]+\))$/i;

/** The colour, or `otherwise` when SVG does not know it, such as a number on a scale. */
export function colourOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' && COLOUR.test(value) ? value : otherwise;
}
