/** What a reader sees in a notebook, asked of the browser. */
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';

declare function getComputedStyle(element: unknown): { getPropertyValue(name: string): string };

/** Points that the browser shows for each run: plotly draws one path for each. */
export async function drawnPoints(cell: Locator): Promise<number[]> {
  const traces = await cell.locator('.js-plotly-plot .scatterlayer .trace').all();
  const counts = await Promise.all(traces.map((trace) => trace.locator('path.point').count()));
  return counts.filter((count) => count > 0); // a running mean has a line and no points
}

/** Waits until what is asked gives true, for what no locator can express. */
export async function until(isSo: () => Promise<boolean>, timeout = 60_000): Promise<void> {
  await expect.poll(isSo, { timeout, interval: 200 }).toBe(true);
}

/** A computed colour as its three channels. */
export async function rgbOf(locator: Locator, property = 'background-color'): Promise<number[]> {
  const colour = await locator
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  return (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}
