// @ts-check
/** Parts of a live game's output: the ladder of scores, the bars of Q, the curve of V. */

/** @typedef {import('../../../../display/messages').ScoreRow} ScoreRow */
/** @typedef {import('../../../../display/messages').StepShown} StepShown */

/**
 * An element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/**
 * A row of a table of bars: name, bar, value.
 * @param {string} name
 * @param {string} [mark]
 */
function barRow(name, mark = '') {
  const fill = element('div', {});
  const label = element('span', { className: `name ${mark}`, textContent: name });
  const track = element('div', { className: `track ${mark}` }, fill);
  const value = element('span', { className: `value ${mark}` });
  return { label, track, value, fill, nodes: [label, track, value] };
}

/** Your score among those of others; the bars' lengths go with the square root of the points. */
export class ScoreLadder {
  constructor() {
    this.rows = element('div', { className: 'rows' });
    this.node = element(
      'div',
      {},
      element('h4', { textContent: 'Points, and mean points of others' }),
      this.rows,
    );
    /** @type {readonly ScoreRow[]} */
    this.others = [];
    this.yours = 0;
  }

  /** @param {readonly ScoreRow[]} scores */
  set(scores) {
    this.others = scores;
    this.draw();
  }

  /** @param {number} score */
  you(score) {
    this.yours = score;
    this.draw();
  }

  draw() {
    const you = { name: 'you, now', score: this.yours, mark: 'is-you' };
    const all = [...this.others.map((row) => ({ ...row, mark: '' })), you];
    all.sort((a, b) => b.score - a.score);
    const most = Math.max(1, ...all.map(({ score }) => score));
    const nodes = all.flatMap(({ name, score, mark }) => {
      const { value, fill, nodes } = barRow(name, mark);
      value.textContent = mark === '' ? score.toFixed(1) : String(score);
      fill.style.width = `${100 * Math.sqrt(Math.max(0, score) / most)}%`;
      return nodes;
    });
    this.rows.replaceChildren(...nodes);
  }
}

/** Q of each action; what is chosen is set off. */
export class ValueBars {
  constructor() {
    this.rows = element('div', { className: 'rows' });
    this.who = element('span', { className: 'muted' });
    this.title = element('h4', { textContent: 'Q: expected return of each action ' }, this.who);
    this.node = element('div', {}, this.title, this.rows);
    /** @type {ReturnType<typeof barRow>[]} */
    this.bars = [];
    /** The range of the bars: that of the last seconds. */
    this.least = 0;
    this.most = 0;
  }

  /** @param {readonly string[]} names */
  setActions(names) {
    this.bars = names.map((name) => barRow(name));
    this.rows.replaceChildren(...this.bars.flatMap(({ nodes }) => nodes));
  }

  /**
   * Values differ little between actions, so the bars do not begin at zero.
   * @param {readonly number[]} q
   */
  fit(q) {
    const [least, most] = [Math.min(...q), Math.max(...q)];
    if (this.most === 0) [this.least, this.most] = [least, most];
    this.least += 0.01 * (least - this.least);
    this.most += 0.01 * (most - this.most);
    this.most = Math.max(this.most, most, this.least + 0.01);
    this.least = Math.min(this.least, least - 0.1 * (this.most - least));
  }

  /** @param {StepShown | undefined} step */
  show(step) {
    if (!step) return;
    const values = step.q.filter((q) => q !== null);
    if (values.length > 0) this.fit(values);
    const best = step.q.indexOf(Math.max(...values));
    const who = { agent: '', chance: ', chance chose', you: ', you choose' }[step.chosenBy];
    const range = `${this.least.toFixed(1)} to ${this.most.toFixed(1)}`;
    this.who.textContent = `(bars: ${range}${who})`;
    for (const [i, { label, track, value, fill }] of this.bars.entries()) {
      const q = step.q[i] ?? null;
      value.textContent = q === null ? 'not finite' : q.toFixed(2);
      fill.style.width = `${(100 * ((q ?? this.least) - this.least)) / (this.most - this.least)}%`;
      for (const node of [track, value]) node.classList.toggle('is-best', i === best);
      label.classList.toggle('is-best', i === step.action);
    }
  }
}

/** V = max Q over time: bricks are dots below, lost balls red lines. A press goes to that moment. */
export class Curve {
  /** @param {(frame: number) => void} onSeek */
  constructor(onSeek) {
    this.canvas = element('canvas', { className: 'curve', title: 'Go to this moment' });
    const text = 'V = max Q over time; dots: bricks, red lines: lost balls';
    this.node = element('div', {}, element('h4', { textContent: text }), this.canvas);
    /** @type {StepShown[]} */
    this.steps = [];
    this.present = 0;
    this.isDue = false;
    this.looks = new MutationObserver(() => this.draw());
    this.looks.observe(document.body, { attributeFilter: ['data-jp-theme-name'] });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.canvas.addEventListener('pointerdown', (event) => {
      const { left, width } = this.canvas.getBoundingClientRect();
      const step = this.shown()[Math.floor(((event.clientX - left) / width) * Curve.SPAN)];
      if (step) onSeek(step.frame);
    });
  }

  /** Steps from the left edge to the right: 20 seconds. */
  static SPAN = 300;

  /** The last steps, or those from the present moment on where it is further back. */
  shown() {
    const present = this.steps.findLastIndex(({ frame }) => frame <= this.present);
    const last = this.steps.length - Curve.SPAN;
    const first = Math.max(0, Math.min(last, present));
    return this.steps.slice(first, first + Curve.SPAN);
  }

  /** @param {number} frame the present moment, which a line marks where later steps are known */
  mark(frame) {
    if (this.present === frame) return;
    this.present = frame;
    if ((this.steps.at(-1)?.frame ?? -1) >= frame) this.draw();
  }

  /** @param {readonly StepShown[]} steps */
  set(steps) {
    this.steps = [...steps];
    this.draw();
  }

  /** @param {StepShown} step */
  add(step) {
    this.steps.push(step);
    if (this.steps.length > 5 * Curve.SPAN) this.steps.shift();
    this.draw();
  }

  /** @param {number} frame from which steps are no longer */
  forget(frame) {
    while ((this.steps.at(-1)?.frame ?? -1) >= frame) this.steps.pop();
    this.draw();
  }

  draw() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.paint();
    });
  }

  dispose() {
    this.looks.disconnect();
  }

  paint() {
    const { canvas } = this;
    const scale = devicePixelRatio;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === 0) return;
    if (canvas.width !== width * scale)
      Object.assign(canvas, { width: width * scale, height: height * scale });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const style = getComputedStyle(canvas);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim() || '#888';
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const shown = this.shown();
    // a network that has diverged leaves a gap
    const values = shown.map(({ q }) => Math.max(...q.map((value) => value ?? Number.NaN)));
    const finite = values.filter(Number.isFinite);
    const most = Math.max(1, ...finite);
    const least = Math.min(0, ...finite);
    const x = (/** @type {number} */ i) => ((i + 0.5) / Curve.SPAN) * width;
    const y = (/** @type {number} */ v) => 6 + (1 - (v - least) / (most - least)) * (height - 22);
    context.lineWidth = 1;
    context.strokeStyle = colour('--jp-border-color2');
    context.fillStyle = colour('--jp-content-font-color2');
    context.font = '11px sans-serif';
    for (const mark of [0, most / 2, most]) {
      context.beginPath();
      context.moveTo(0, y(mark));
      context.lineTo(width, y(mark));
      context.stroke();
      context.fillText(mark.toFixed(1), 2, y(mark) + (mark === 0 ? -3 : 11));
    }
    for (const [i, { points, lost }] of shown.entries()) {
      if (lost > 0) {
        context.fillStyle = colour('--jp-error-color1');
        context.fillRect(x(i) - 1, 4, 2, height - 8);
      }
      if (points > 0) {
        context.fillStyle = colour('--jp-warn-color1');
        context.beginPath();
        context.arc(x(i), height - 6, Math.min(5, 1.5 + points / 2), 0, 2 * Math.PI);
        context.fill();
      }
    }
    context.strokeStyle = colour('--jp-brand-color1');
    context.lineWidth = 2;
    context.beginPath();
    for (const [i, value] of values.entries()) context.lineTo(x(i), y(value));
    context.stroke();
    const present = shown.findLastIndex(({ frame }) => frame <= this.present);
    if (present < shown.length - 1) {
      context.fillStyle = colour('--jp-content-font-color1');
      context.fillRect(x(Math.max(0, present)), 4, 1, height - 8);
    }
  }
}

/** What one can change about an agent at play. */
export class AgentSettings {
  /** @param {(name: 'epsilon' | 'overlay' | 'take-over' | 'hand-back', value?: number) => void} onChange */
  constructor(onChange) {
    this.isYours = false;
    this.hand = element('button', { type: 'button' });
    this.hand.addEventListener('click', () => onChange(this.isYours ? 'hand-back' : 'take-over'));
    this.epsilon = element('input', { type: 'range', min: '0', max: '1', step: '0.01' });
    this.epsilon.setAttribute('aria-label', 'epsilon');
    this.text = element('span', { className: 'value' });
    this.epsilon.addEventListener('change', () => onChange('epsilon', this.epsilon.valueAsNumber));
    this.epsilon.addEventListener('input', () => this.showEpsilon(this.epsilon.valueAsNumber));
    this.overlays = ['off', 'gradient', 'occlusion'].map((textContent, i) => {
      const button = element('button', { type: 'button', textContent });
      button.addEventListener('click', () => onChange('overlay', i));
      return button;
    });
    const label = element('span', { textContent: 'What V depends on:' });
    this.node = element(
      'div',
      { className: 'settings' },
      element('div', { className: 'setting' }, this.text, this.epsilon, this.hand),
      element('div', { className: 'setting' }, label, ...this.overlays),
    );
  }

  /** @param {import('../../../../display/messages').PlayerStatus} status */
  show({ pilot, overlay, epsilon }) {
    this.isYours = pilot === 'you';
    this.hand.textContent = this.isYours ? 'Hand back' : 'Take over';
    this.hand.setAttribute('aria-pressed', String(this.isYours));
    const names = ['none', 'gradient', 'occlusion'];
    for (const [i, button] of this.overlays.entries()) {
      button.setAttribute('aria-pressed', String(names[i] === overlay));
    }
    this.epsilon.valueAsNumber = epsilon;
    this.showEpsilon(epsilon);
  }

  /** @param {number} epsilon */
  showEpsilon(epsilon) {
    this.text.textContent = `ε = ${epsilon.toFixed(2)}`;
  }
}
