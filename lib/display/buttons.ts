/** Buttons below a cell that call back into the kernel, also while a cell is running. */
import { randomUUID } from 'node:crypto';
import { type Comm, findKernelHost, type KernelHost } from '../kernel/host';
import { messageOf } from '../text';
import type { Output } from './bundle';

/** Both names are the labextension's: it draws the type and opens the comm. */
const BUTTONS_MIME = 'application/vnd.breakout-dqn.buttons+json';
const COMM_TARGET = 'breakout-display';

export interface Button {
  readonly label: string;
  /** Shown when the pointer rests on the button. */
  readonly title?: string;
  /** Called for each press. What it throws is shown beside the buttons. */
  onPress(): void | Promise<void>;
}

export interface ButtonsOptions {
  /** The running notebook kernel by default. */
  readonly host?: Pick<KernelHost, 'display' | 'onCommOpen'>;
}

/** What the labextension sends for a press, and what it is answered when the press failed. */
interface Press {
  readonly id: string;
  readonly button: string;
}

type PressHandler = (button: string) => void | Promise<void>;

/**
 * The latest rows, oldest first. The kernel is not told when a row's cell runs again: kept for ever,
 * each run would keep its panel and all that the panel holds.
 */
const rows = new Map<string, PressHandler>();
const MAX_ROWS = 20;
const listening = new WeakSet<object>();

/** A row of buttons, shown by its constructor. They work in JupyterLab with this project's extension. */
export class Buttons {
  private readonly id: string = randomUUID();
  private readonly buttons: Readonly<Record<string, Button>>;
  private readonly host: Pick<KernelHost, 'display'>;
  private readonly disabled = new Set<string>();

  /** @throws Error outside a notebook, unless a host is passed. */
  constructor(buttons: Readonly<Record<string, Button>>, options: ButtonsOptions = {}) {
    const host = options.host ?? findKernelHost();
    if (!host) {
      throw new Error('Buttons are shown in a notebook, and no notebook kernel runs here');
    }
    this.buttons = buttons;
    this.host = host;
    rows.set(this.id, (name) => this.press(name));
    const [oldest] = rows.keys();
    if (rows.size > MAX_ROWS) rows.delete(oldest!);
    if (!listening.has(host)) {
      listening.add(host);
      host.onCommOpen(COMM_TARGET, answerPresses);
    }
    host.display(this.output().bundle, { displayId: this.id });
  }

  /** Makes buttons pressable or not. @throws RangeError for a name that is not one of the buttons. */
  setEnabled(name: string, isEnabled: boolean): void {
    if (!this.buttons[name]) {
      const names = Object.keys(this.buttons).join(', ');
      throw new RangeError(`the buttons are ${names}, got '${name}'`);
    }
    if (isEnabled) this.disabled.delete(name);
    else this.disabled.add(name);
    this.host.display(this.output().bundle, { displayId: this.id, update: true });
  }

  private press(name: string): void | Promise<void> {
    // a press may be on its way while its button is switched off
    if (!this.disabled.has(name)) return this.buttons[name]?.onPress();
  }

  private output(): Output {
    const entries = Object.entries(this.buttons);
    const buttons = entries.map(([id, { label, title }]) => ({
      id,
      label,
      title,
      disabled: this.disabled.has(id),
    }));
    const text = entries.map(([, { label }]) => `[${label}]`).join(' ');
    return {
      bundle: {
        [BUTTONS_MIME]: { id: this.id, buttons },
        'text/plain': `${text} (buttons need the JupyterLab that npm start opens)`,
      },
    };
  }
}

function answerPresses(comm: Comm): void {
  comm.onMessage(async (data) => {
    const { id, button } = data as Press;
    try {
      const press = rows.get(id);
      if (!press) throw new Error('These buttons are too old: run their cell again');
      await press(button);
    } catch (error) {
      comm.send({ id, error: messageOf(error) });
    }
  });
}
