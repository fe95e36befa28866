// @ts-check
/** The outputs that talk with the kernel: rows of buttons, and live games. */

/** @typedef {import('../../../../display/messages').ToPage} ToPage */
/** @typedef {{ data: Record<string, unknown>, metadata: Record<string, unknown> }} MimeModel */
/** @typedef {{ id: string, label: string, title?: string, disabled?: boolean }} ButtonModel */

/**
 * What is on the page and hears the kernel.
 * @typedef {object} LiveView
 * @property {(message: ToPage, buffers: Uint8Array[]) => void} receive
 * @property {() => void} refuse the kernel does not know the output
 */

/**
 * The extension's end of the channel.
 * @typedef {object} Link
 * @property {(node: Element, message: { id: string, type: string }) => Promise<void>} say
 * @property {(id: string, node: Element, view: LiveView | undefined) => void} setView
 * @property {(output: Element, error: unknown) => void} complain
 */

const BUTTONS_MIME = 'application/vnd.breakout-dqn.buttons+json';
const PLAYER_MIME = 'application/vnd.breakout-dqn.player+json';

/** Loads what shows a live game, when the first one is shown. */
async function loadPlayer() {
  const style = new URL('player.css', import.meta.url).href;
  if (!document.querySelector(`link[href="${style}"]`)) {
    const link = document.createElement('link');
    Object.assign(link, { rel: 'stylesheet', href: style });
    document.head.append(link);
  }
  return import('./player.js');
}

/**
 * @param {any} Widget JupyterLab's own class
 * @param {Link} link
 */
export function liveOutputs(Widget, { say, setView, complain }) {
  class ButtonsOutput extends Widget {
    /** @type {string | undefined} */
    id;

    constructor() {
      super();
      this.addClass('breakout-buttons');
    }

    /** @param {MimeModel} model */
    async renderModel(model) {
      const { id, buttons } = /** @type {{ id?: unknown, buttons?: (ButtonModel | null)[] }} */ (
        model.data[BUTTONS_MIME] ?? {}
      );
      if (typeof id !== 'string' || !Array.isArray(buttons)) {
        complain(this.node, 'This output is no row of buttons: it needs an id and buttons');
        return;
      }
      const elements = buttons
        .filter((button) => button instanceof Object)
        .map((button) => {
          const element = document.createElement('button');
          element.type = 'button';
          element.textContent = button.label;
          element.title = button.title ?? '';
          element.disabled = button.disabled ?? false;
          element.className = 'jp-mod-styled jp-mod-minimal';
          element.style.margin = '0 8px 4px 0';
          element.style.opacity = element.disabled ? '0.45' : '1';
          element.addEventListener('click', () => this.press({ id, button: button.id }));
          return element;
        });
      this.node.replaceChildren(...elements);
      this.listen(id);
    }

    /** @param {string} id */
    listen(id) {
      if (this.id) setView(this.id, this.node, undefined);
      this.id = id;
      setView(id, this.node, {
        receive: (message) => message.type === 'error' && complain(this.node, message.error),
        refuse: () => complain(this.node, 'The kernel was restarted: run this cell again'),
      });
    }

    /** @param {{ id: string, button: string }} press */
    async press(press) {
      try {
        await say(this.node, { type: 'press', ...press });
      } catch (error) {
        complain(this.node, error);
      }
    }

    dispose() {
      if (this.id) setView(this.id, this.node, undefined);
      super.dispose();
    }
  }

  class PlayerOutput extends Widget {
    /** @type {string | undefined} */
    id;
    /** @type {import('./player.js').PlayerView | undefined} */
    view;

    /** @param {MimeModel} model */
    async renderModel(model) {
      const { id, kind } = /** @type {{ id?: unknown, kind?: unknown }} */ (
        model.data[PLAYER_MIME] ?? {}
      );
      if (typeof id !== 'string' || (kind !== 'play' && kind !== 'watch')) {
        complain(
          this.node,
          'This output is no game: it needs an id, and play or watch as its kind',
        );
        return;
      }
      if (this.id === id) return; // only its still picture is another
      this.forget();
      this.id = id;
      const still = /** @type {string | undefined} */ (model.data['image/png']);
      const { PlayerView } = await loadPlayer();
      if (this.isDisposed) return;
      const send = (/** @type {{ type: string }} */ message) => say(this.node, { id, ...message });
      this.view = new PlayerView(this.node, { kind, still, send });
      setView(id, this.node, this.view);
      if (this.isAttached) this.view.attach();
    }

    /** JupyterLab has put the output into the page: from now on its kernel can be found. */
    onAfterAttach() {
      this.view?.attach();
    }

    forget() {
      if (this.id) setView(this.id, this.node, undefined);
      this.view?.dispose();
    }

    dispose() {
      if (this.isDisposed) return;
      this.forget();
      super.dispose();
    }
  }

  return { ButtonsOutput, PlayerOutput };
}
