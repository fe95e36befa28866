// @ts-check
/**
 * A prebuilt JupyterLab extension, written by hand: no build step, no package of its own.
 *
 * JupyterLab loads this file as a module federation container: it calls `init` with the packages it
 * shares and `get` for the two modules that package.json names.
 */
(() => {
  const NAME = 'breakout-display';
  const PLOTLY_MIME = 'application/vnd.plotly.v1+json';
  const BUTTONS_MIME = 'application/vnd.breakout-dqn.buttons+json';
  const PLAYER_MIME = 'application/vnd.breakout-dqn.player+json';
  /** @type {import('../../../../display/messages').ChannelVersion} */
  const CHANNEL_VERSION = 3;

  /** @typedef {{ data: Record<string, unknown>, metadata: Record<string, unknown>, trusted: boolean }} MimeModel */
  /** @typedef {import('./figure.js').PlotlyFigure} PlotlyFigure */
  /** @typedef {import('../../../../display/messages').ToPage} ToPage */
  /** @typedef {import('./live-outputs.js').LiveView} LiveView */

  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  /** @type {Record<string, Record<string, { get(): Promise<() => any> }>>} */
  let shared = {};
  /** @type {Promise<any> | undefined} */
  let plotly;
  /**
   * Sends data to the kernel of the notebook that an element stands in; set by the plugin.
   * @type {((element: Element, data: unknown) => Promise<void>) | undefined}
   */
  let sendToKernel;
  /**
   * What is on the page and hears the kernel, by the output's id; a notebook may show an output twice.
   * @type {Map<string, Map<Element, LiveView>>}
   */
  const views = new Map();

  /**
   * @param {string} id
   * @param {Element} node
   * @param {LiveView | undefined} view none when the output goes away
   */
  function setView(id, node, view) {
    const all = views.get(id) ?? new Map();
    if (view) all.set(node, view);
    else all.delete(node);
    if (all.size > 0) views.set(id, all);
    else views.delete(id);
  }

  /**
   * Sends a message of an output to the kernel of its notebook.
   * @param {Element} node
   * @param {{ id: string, type: string }} message
   */
  async function say(node, message) {
    if (!sendToKernel) throw new Error('The link to the kernel is missing: reload the page');
    await sendToKernel(node, { version: CHANNEL_VERSION, ...message });
  }

  /**
   * A package of JupyterLab's own, the one copy that the whole page uses.
   * @param {string} name
   */
  async function jupyterPackage(name) {
    const [version] = Object.values(shared[name] ?? {});
    if (!version) throw new Error(`${NAME}: this JupyterLab does not share ${name}`);
    return (await version.get())();
  }

  /** Loads plotly.js once, from this extension's own folder, when the first figure is shown. */
  function loadPlotly() {
    plotly ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL('plotly.js', here).href;
      script.onload = () => resolve(/** @type {any} */ (window).Plotly);
      script.onerror = () => {
        plotly = undefined; // the next figure tries again
        script.remove();
        reject(new Error('plotly.js is not there: stop JupyterLab and run npm start again'));
      };
      document.head.append(script);
    });
    return plotly;
  }

  /**
   * JupyterLab's present colours for what the figure leaves open.
   * @param {PlotlyFigure} layout
   */
  function themed(layout) {
    const style = getComputedStyle(document.body);
    const ink = style.getPropertyValue('--jp-content-font-color1').trim() || '#333';
    const grid = style.getPropertyValue('--jp-border-color2').trim() || '#ddd';
    const ground = style.getPropertyValue('--jp-layout-color0').trim() || '#fff';
    /** @type {PlotlyFigure} */
    const result = {
      paper_bgcolor: ground,
      plot_bgcolor: ground,
      ...layout,
      autosize: !layout.width,
    };
    result.font = { color: ink, ...layout.font };
    result.hoverlabel = { bgcolor: ground, font: { color: ink }, ...layout.hoverlabel };
    for (const key of Object.keys({ xaxis: 0, yaxis: 0, ...layout })) {
      if (!/^[xy]axis\d*$/.test(key)) continue;
      result[key] = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, ...layout[key] };
    }
    return result;
  }

  /** The kinds of output that this extension draws. */
  async function renderers() {
    const { Widget } = await jupyterPackage('@lumino/widgets');
    const { drawable } = await import(new URL('figure.js', here).href);

    class PlotlyOutput extends Widget {
      constructor() {
        super();
        this.addClass('breakout-plot');
        this.node.style.overflow = 'hidden';
        this.plot = document.createElement('div');
        this.node.append(this.plot);
        /** @type {MimeModel | undefined} */
        this.model = undefined;
        /** Whether the figure has a width of its own. */
        this.hasWidth = false;
        this.drawing = Promise.resolve();
        this.resizes = new ResizeObserver(() => this.resize());
        this.themes = new MutationObserver(() => requestAnimationFrame(() => this.draw()));
        this.themes.observe(document.body, { attributeFilter: ['data-jp-theme-name'] });
        this.resizes.observe(this.node);
      }

      /**
       * Called for the first picture and, on the same widget, for each that replaces it.
       * @param {MimeModel} model
       */
      async renderModel(model) {
        this.model = model;
        await this.draw();
      }

      draw() {
        this.drawing = this.drawing.then(() => this.react());
        return this.drawing;
      }

      async react() {
        if (!this.model || this.isDisposed) return;
        try {
          const { data: bundle, trusted } = this.model;
          // plotly writes into what it is given, and the notebook would save that: this is a copy
          const { data, layout, config, frames } = drawable(bundle[PLOTLY_MIME], { trusted });
          this.hasWidth = layout.width !== undefined;
          this.node.style.minHeight = `${layout.height}px`;
          const library = await loadPlotly();
          if (this.isDisposed) return;
          const options = {
            displaylogo: false,
            responsive: false,
            modeBarButtonsToRemove: ['select2d', 'lasso2d'],
            ...config,
            // plotly.js 4 offers by default to upload the figure to its maker
            showSendToCloud: false,
            plotlyServerURL: '',
          };
          this.node.querySelector('.breakout-complaint')?.remove();
          const figure = { data, layout: themed(layout), config: options, frames };
          await library.react(this.plot, figure);
          this.resize();
        } catch (error) {
          complain(this.node, error);
        }
      }

      /** Follows the width of the cell, unless the figure has its own; an output out of sight has none and waits. */
      resize() {
        if (this.hasWidth) return;
        const library = /** @type {any} */ (window).Plotly;
        const drawn = /** @type {any} */ (this.plot)._fullLayout;
        const width = this.node.clientWidth;
        if (library && drawn && width > 0 && Math.abs(drawn.width - width) > 1) {
          library.Plots.resize(this.plot);
        }
      }

      dispose() {
        if (this.isDisposed) return;
        this.resizes.disconnect();
        this.themes.disconnect();
        /** @type {any} */ (window).Plotly?.purge(this.plot);
        super.dispose();
      }
    }

    const { liveOutputs } = await import(new URL('live-outputs.js', here).href);
    const { ButtonsOutput, PlayerOutput } = liveOutputs(Widget, { say, setView, complain });

    const factory = (/** @type {string} */ mime, /** @type {new () => object} */ output) => ({
      id: `${NAME}:${mime}`,
      dataType: 'json',
      rank: 0, // before the PNG of the same output
      // drawn from data alone, so also in notebooks that the reader has not run
      rendererFactory: { safe: true, mimeTypes: [mime], createRenderer: () => new output() },
    });
    const list = [
      factory(PLOTLY_MIME, PlotlyOutput),
      factory(BUTTONS_MIME, ButtonsOutput),
      factory(PLAYER_MIME, PlayerOutput),
    ];
    return { __esModule: true, default: list };
  }

  /**
   * Shows an error in an output as JupyterLab shows those of a cell, in place of the last one.
   * @param {Element} output
   * @param {unknown} error
   */
  function complain(output, error) {
    output.querySelector('.breakout-complaint')?.remove();
    const box = document.createElement('div');
    box.className = 'breakout-complaint jp-RenderedText';
    box.dataset.mimeType = 'application/vnd.jupyter.stderr';
    const text = document.createElement('pre');
    text.textContent = error instanceof Error ? error.message : String(error);
    box.append(text);
    output.append(box);
  }

  /** @param {ArrayBuffer | ArrayBufferView} buffer */
  function bytesOf(buffer) {
    if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  /** The plugin that carries messages to the kernel by one comm for each kernel. */
  async function link() {
    const { INotebookTracker } = await jupyterPackage('@jupyterlab/notebook');
    /** @type {WeakMap<object, Promise<any>>} */
    const comms = new WeakMap();

    /** @type {any} */
    let notebooks;

    /**
     * A kernel that closes the comm has not run the cells of these outputs, but was restarted.
     * @param {any} kernel
     */
    function refuse(kernel) {
      const panel = notebooks.find(
        (/** @type {any} */ each) => each.sessionContext.session?.kernel?.id === kernel.id,
      );
      for (const all of views.values()) {
        for (const [node, view] of all) if (panel?.node.contains(node)) view.refuse();
      }
    }

    /**
     * A restarted kernel knows nothing of the comms of the one before.
     * @param {any} kernel
     * @param {string} status
     */
    function forgetComm(kernel, status) {
      if (status === 'restarting' || status === 'autorestarting') comms.delete(kernel);
    }

    /** @param {any} kernel */
    function openComm(kernel) {
      let opening = comms.get(kernel);
      if (!opening) {
        opening = (async () => {
          const comm = kernel.createComm(NAME);
          comm.onClose = () => {
            comms.delete(kernel);
            refuse(kernel);
          };
          comm.onMsg = (/** @type {any} */ message) => {
            const data = /** @type {ToPage} */ (message.content.data);
            const buffers = (message.buffers ?? []).map(bytesOf);
            for (const view of views.get(data.id)?.values() ?? []) view.receive(data, buffers);
          };
          await comm.open({});
          return comm;
        })();
        comms.set(kernel, opening);
        opening.catch(() => comms.delete(kernel));
        kernel.statusChanged.connect(forgetComm); // once, however often a comm is opened
      }
      return opening;
    }

    const plugin = {
      id: `${NAME}:link`,
      autoStart: true,
      requires: [INotebookTracker],
      activate: (/** @type {any} */ _app, /** @type {any} */ tracker) => {
        notebooks = tracker;
        sendToKernel = async (element, data) => {
          const panel = tracker.find((/** @type {any} */ each) => each.node.contains(element));
          const kernel = panel?.sessionContext.session?.kernel;
          if (!kernel) throw new Error('This notebook has no running kernel: run a cell first');
          const comm = await openComm(kernel);
          await comm.send(data).done;
        };
      },
    };
    return { __esModule: true, default: [plugin] };
  }

  /** @type {Record<string, () => Promise<object>>} */
  const modules = { './renderers': renderers, './link': link };
  const page = /** @type {any} */ (window);
  page._JUPYTERLAB ??= {};
  page._JUPYTERLAB[NAME] = {
    init: async (/** @type {typeof shared} */ scope) => {
      shared = scope;
    },
    get: async (/** @type {string} */ name) => {
      const make = modules[name];
      if (!make) throw new Error(`${NAME} has no module ${name}`);
      const module = await make();
      return () => module;
    },
  };
})();
