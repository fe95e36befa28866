/** A notebook open in JupyterLab, with what a reader does and sees. */
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';

/** How JupyterLab marks the output of a cell that failed. */
export const ERROR = '[data-mime-type="application/vnd.jupyter.stderr"]';

/** Long enough for a kernel that compiles its first cell on a busy machine. */
const PATIENCE = 90_000;

export class NotebookPage {
  readonly page: Page;
  /** What the browser's console reported as errors. */
  readonly consoleErrors: string[] = [];
  /** Addresses asked for outside this machine. */
  readonly foreignRequests: string[] = [];

  private readonly ids: readonly string[];

  private constructor(page: Page, ids: readonly string[]) {
    this.page = page;
    this.ids = ids;
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.consoleErrors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.consoleErrors.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isOurs = hostname === '127.0.0.1' || hostname === 'localhost';
      if (!isOurs && protocol !== 'data:' && protocol !== 'blob:') {
        this.foreignRequests.push(request.url());
      }
    });
  }

  /** Opens a notebook whose cells have these ids and waits until its kernel is idle. */
  static async open(
    browser: Browser,
    notebook: { readonly url: string; readonly ids: readonly string[] },
  ): Promise<NotebookPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    const opened = new NotebookPage(page, notebook.ids);
    await page.goto(notebook.url);
    await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
    // the circle in the toolbar says idle before there is a kernel, the status bar does not
    await page.locator('.jp-StatusBar-Widget', { hasText: '| Idle' }).waitFor();
    return opened;
  }

  /** A cell by its id in the source, scrolled to: JupyterLab does not draw those out of sight. */
  async cell(id: string): Promise<Locator> {
    const n = this.ids.indexOf(id);
    if (n < 0) throw new Error(`the notebook has no cell ${id}, only ${this.ids.join(', ')}`);
    const cell = this.page.locator('.jp-Notebook .jp-Cell').nth(n);
    await cell.scrollIntoViewIfNeeded();
    return cell;
  }

  /** What a cell has put out, scrolled to. */
  async outputs(id: string): Promise<Locator> {
    return (await this.cell(id)).locator('.jp-OutputArea-output');
  }

  /** Chooses an entry of a menu by their names. */
  async choose(menu: string, entry: string): Promise<void> {
    await this.page.locator('.lm-MenuBar-item', { hasText: new RegExp(`^${menu}$`) }).click();
    await this.page.locator('.lm-Menu-itemLabel').getByText(entry, { exact: true }).click();
  }

  async runAll(): Promise<void> {
    await this.choose('Run', 'Run All Cells');
  }

  /** Runs one cell the way a reader does, by Shift+Enter in it. */
  async run(id: string): Promise<void> {
    const cell = await this.cell(id);
    await cell.locator('.cm-content').click();
    await this.page.keyboard.press('Shift+Enter');
  }

  /** What all failed cells say; a cell that failed is seen before those behind it are waited for. */
  errors(): Promise<string[]> {
    return this.page.locator(`.jp-Notebook ${ERROR}`).allTextContents();
  }

  /** Presses the toolbar's square. */
  async interrupt(): Promise<void> {
    await this.page.locator('[data-jp-item-name="interrupt"]').click();
  }

  /** Replaces the whole text of a cell. */
  async type(id: string, text: string): Promise<void> {
    const cell = await this.cell(id);
    await cell.locator('.cm-content').click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.press('Delete'); // no text would replace nothing
    await this.page.keyboard.insertText(text);
  }

  /** Waits until no cell is running or queued. */
  async whenIdle(timeout = PATIENCE): Promise<void> {
    const busy = this.page.locator('.jp-InputPrompt', { hasText: '[*]:' });
    await busy.first().waitFor({ state: 'detached', timeout });
    await this.page
      .locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
      .waitFor({ timeout });
  }

  /** '[3]:' beside a cell that ran, '[ ]:' beside one that did not. */
  async prompt(id: string): Promise<string> {
    return (await (await this.cell(id)).locator('.jp-InputPrompt').textContent()) ?? '';
  }

  async save(): Promise<void> {
    await this.choose('File', 'Save Notebook');
    await this.page.locator('.jp-mod-current.jp-mod-dirty').waitFor({ state: 'detached' });
  }

  /** Keeps a picture of the window in the folder that BROWSER_SCREENSHOTS names, if it does. */
  async keepPicture(name: string): Promise<void> {
    const folder = process.env.BROWSER_SCREENSHOTS;
    if (!folder) return;
    const file = `${name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60)}.png`;
    await this.page.screenshot({ path: join(folder, file) });
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
