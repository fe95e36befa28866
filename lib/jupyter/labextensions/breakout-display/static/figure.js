// @ts-check
/** What of a figure is drawn: always of a bounded size, and without what fetches where nobody has trusted it. */

/** @typedef {Record<string, any>} PlotlyFigure data, layout, config and frames, all optional */

/** In pixels. */
const DEFAULT_HEIGHT = 380;
const SMALLEST = 50;
const LARGEST = 4000;
/** Settings that plotly.js takes from an untrusted figure: none of them names an address. */
const SAFE_CONFIG = [
  'displayModeBar',
  'doubleClick',
  'modeBarButtonsToRemove',
  'scrollZoom',
  'staticPlot',
];
/** Maps, whose tiles and borders are fetched, and controls, which change the figure to anything when used. */
const FETCHING = /^(geo|map|mapbox)\d*$|^(updatemenus|sliders)$/;
const FETCHING_TRACE = /^(scattergeo|choropleth|(scatter|density|choropleth)map(box)?)$/;
/** A picture in the figure itself. */
const OWN_PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,/;
/** A whole tag that plotly.js draws: its name, with the slash of its end. */
const TAG = /^<(\/?(?:a|b|br|em|i|s|span|sub|sup|u))(?:[\s/][^<>]*)?>$/i;
/** An address on the web, in quotes. */
const HREF = /\shref\s*=\s*["'](https?:\/\/[^\s"'{}]*)["']/i;

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A copy of a figure that plotly.js may write into.
 * @param {unknown} figure of any shape
 * @param {{ trusted: boolean }} options whether the reader has run the cell or trusts the notebook
 * @returns {{ data: object[], layout: PlotlyFigure, config: PlotlyFigure, frames: object[] }}
 * @throws Error when it is no figure
 */
export function drawable(figure, { trusted }) {
  if (!isObject(figure)) throw new Error('This output is no figure: it needs data and a layout');
  const copy = trusted ? structuredClone(figure) : withoutFetching(figure);
  const { data, layout, config, frames } = copy;
  const ownConfig = isObject(config) ? config : {};
  const safe = Object.entries(ownConfig).filter(([key]) => trusted || SAFE_CONFIG.includes(key));
  return {
    data: objectsOf(data),
    layout: bounded(isObject(layout) ? layout : {}),
    config: Object.fromEntries(safe),
    frames: trusted ? objectsOf(frames) : [],
  };
}

/** @param {unknown} list @returns {object[]} */
const objectsOf = (list) => (Array.isArray(list) ? list.filter(isObject) : []);

/**
 * The layout with a height, and with a width only where it has a sensible one.
 * @param {PlotlyFigure} layout
 */
function bounded(layout) {
  const { template } = layout;
  if (isObject(template) && isObject(template.layout)) {
    for (const key of ['width', 'height']) delete template.layout[key];
  }
  layout.height = withinBounds(layout.height) ?? DEFAULT_HEIGHT;
  layout.width = withinBounds(layout.width);
  if (layout.width === undefined) delete layout.width;
  return layout;
}

/** @param {unknown} pixels */
function withinBounds(pixels) {
  if (typeof pixels !== 'number' || !Number.isFinite(pixels)) return undefined;
  return Math.min(LARGEST, Math.max(SMALLEST, pixels));
}

/**
 * A copy of a part of a figure, at any depth, without what would make plotly.js ask for an address.
 * @param {any} value
 * @returns {any}
 */
function withoutFetching(value) {
  if (typeof value === 'string') return withoutStyles(value);
  if (Array.isArray(value)) return value.filter((each) => !isMap(each)).map(withoutFetching);
  if (!isObject(value)) return value;
  /** @type {[string, any][]} */
  const kept = [];
  for (const [key, part] of Object.entries(value)) {
    if (FETCHING.test(key)) continue;
    if (key === 'source' && !isOwnSource(part)) continue;
    if (!isMap(part)) kept.push([key, withoutFetching(part)]);
  }
  return Object.fromEntries(kept);
}

/**
 * Whether a trace is drawn on a map.
 * @param {unknown} trace
 */
function isMap(trace) {
  return isObject(trace) && FETCHING_TRACE.test(String(trace.type));
}

/**
 * Whether what is called a source is a picture in the figure itself, or numbers, as Sankey's are.
 * @param {unknown} source
 */
function isOwnSource(source) {
  return typeof source === 'string' ? OWN_PICTURE.test(source) : true;
}

/**
 * A text with no tags but those that plotly.js draws, without attributes: a style may fetch in many ways. A
 * link keeps an address that no template of plotly.js can add to, as nothing is fetched before it is opened.
 * Any other < becomes text, so that two texts that a template puts together make no tag either.
 * @param {string} text
 */
function withoutStyles(text) {
  const safe = text.replace(/<(?:[^<>]*>)?/g, (part) => {
    const [, tag] = TAG.exec(part) ?? [];
    if (tag === undefined) return `&lt;${part.slice(1)}`;
    const [, href] = HREF.exec(part) ?? [];
    return tag.toLowerCase() === 'a' && href !== undefined ? `<a href="${href}">` : `<${tag}>`;
  });
  return safe.replace(/\b(url|image-set)\s*\(/gi, '$1 ');
}
