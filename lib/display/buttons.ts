/** Buttons below a cell that call back into the kernel, also while a cell is running. */
import { findKernelHost, type KernelHost } from '../kernel/host';
import type { Output } from './bundle';
import { Channel, type ChannelHost } from './channel';

/** The labextension draws this type. */
const BUTTONS_MIME = 'application/vnd.breakout-dqn.buttons+json';

export interface Button {
  readonly label: string;
  /** Shown when the pointer rests on the button. */
  readonly title?: string;
  /** Called for each press. What it throws is shown beside the buttons. */
  onPress(): void | Promise<void>;
}

export interface ButtonsOptions {
  /** The running notebook kernel by default. */
  readonly host?: ChannelHost;
}

/** A row of buttons, shown by its constructor. They work in JupyterLab with this project's extension. */
export class Buttons {
  private readonly id: string;
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
    const channel = new Channel({
      host,
      onMessage: (message) => (message.type === 'press' ? this.press(message.button) : undefined),
    });
    this.id = channel.id;
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
