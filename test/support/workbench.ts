import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { defined } from '../../src/base/assert.ts';
import {
  isCodeServerInstalled,
  startCodeServer,
  type CodeServer,
} from '../../src/host/cli/codeServer.ts';

const root = path.join(import.meta.dirname, '../..');

export interface WorkbenchOptions {
  readonly folder: string;
  /** A colour theme by its id: `Default Dark Modern`. */
  readonly theme?: string;
  readonly size?: { width: number; height: number };
  /** An extension under development; this project unless given, none when undefined is given. */
  readonly extension?: string | undefined;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly flags?: readonly string[];
  /** A packaged extension to install. */
  readonly vsix?: string;
}

/** The Chromium of this machine, or undefined. */
function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const files = ['chromium', 'google-chrome'].flatMap((name) =>
    folders.map((folder) => path.join(folder, name)),
  );
  return files.find((file) => fs.existsSync(file));
}

/** Whether this machine has what a Workbench needs: Chromium, and the code-server that npm start installs. */
export const canOpenWorkbench = (): boolean =>
  findChromium() !== undefined && isCodeServerInstalled();

/** A real VS Code with the extension, in a Chromium without a window. */
export class Workbench {
  readonly page: Page;
  readonly #server: CodeServer;
  readonly #browser: Browser;
  readonly #state: string;
  readonly #options: WorkbenchOptions;

  private constructor(
    page: Page,
    server: CodeServer,
    browser: Browser,
    state: string,
    options: WorkbenchOptions,
  ) {
    this.page = page;
    this.#server = server;
    this.#browser = browser;
    this.#state = state;
    this.#options = options;
  }

  /** Runs a module's run() in the extension host, with `vscode` to import; its exit code, and what it printed. */
  static async runInHost(
    options: WorkbenchOptions & { readonly tests: string },
  ): Promise<{ code: number; log: string[] }> {
    const workbench = await Workbench.#launch(options);
    const { page } = workbench;
    try {
      const log: string[] = [];
      const code = new Promise<number>((resolve, reject) => {
        page.exposeFunction('codeAutomationExit', resolve).catch(reject);
        const gone = (): void => reject(new Error('Chromium went away before the tests ended'));
        page.once('crash', gone);
        page.once('close', gone);
        workbench.#browser.once('disconnected', gone);
      });
      await page.exposeFunction('codeAutomationLog', (_: string, args: unknown[]) =>
        log.push(args.map(String).join(' ')),
      );
      await page.goto(workbench.#url(options.tests));
      return { code: await code, log };
    } finally {
      await workbench.close();
    }
  }

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const workbench = await Workbench.#launch(options);
    await workbench.load();
    return workbench;
  }

  static async #launch(options: WorkbenchOptions): Promise<Workbench> {
    const state = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-workbench-'));
    writeSettings(state, options);
    const server = await startCodeServer({
      state,
      flags: options.flags ?? ['--disable-workspace-trust'],
      ...(options.vsix !== undefined && { vsix: options.vsix }),
    });
    const browser = await chromium.launch({
      executablePath: findChromium() ?? 'chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    const page = await browser.newPage({ viewport: options.size ?? { width: 1400, height: 900 } });
    return new Workbench(page, server, browser, state, options);
  }

  #url(tests?: string): string {
    const { folder, ...others } = this.#options;
    const extension = 'extension' in others ? others.extension : root;
    return this.#server.url({
      folder,
      ...(extension !== undefined && { extension }),
      ...(tests !== undefined && { tests }),
    });
  }

  /** Opens the page (again) and waits for the workbench. */
  async load(): Promise<void> {
    await this.page.goto(this.#url());
    await this.page
      .locator('.monaco-workbench .explorer-folders-view .monaco-list-row')
      .first()
      .waitFor();
  }

  /** Runs a command by its title, as a person does with F1. */
  async command(title: string): Promise<void> {
    await this.#pick('F1', `>${title}`, title);
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    const label = path.basename(name);
    await this.#pick('Control+P', name, label);
    await this.page.locator('.tab.active', { hasText: label }).first().waitFor();
  }

  /**
   * Opens the quick input by a key, types into it and takes the row with `label`. A quick input that is just closing
   * swallows the key; then it is pressed again.
   */
  async #pick(key: string, text: string, label: string): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    const input = widget.locator('input[type=text]').first();
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();
    for (let tries = 1; ; tries++) {
      await widget.waitFor({ state: 'hidden' });
      await this.page.keyboard.press(key);
      try {
        await input.fill(text, { timeout: 3000 });
        await row.waitFor({ timeout: 3000 });
        await row.click({ timeout: 3000 });
        return;
      } catch (error) {
        if (tries === 5) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** The frame that holds a webview's own HTML: the one in which `selector` appears. */
  async webview(selector: string, timeout = 20_000): Promise<Frame> {
    const find = async (): Promise<Frame | undefined> => {
      for (const frame of this.page.frames()) {
        if (frame === this.page.mainFrame()) continue;
        // A frame may go away while it is asked.
        const count = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (count > 0) return frame;
      }
      return undefined;
    };
    const found = await until(
      find,
      (frame) => frame !== undefined,
      `a webview with ${selector}`,
      timeout,
    );
    return defined(found, 'the frame was found');
  }

  /** Opens the extension's own view container. */
  async openViews(): Promise<void> {
    await this.page.locator('.action-label[aria-label*="Kubernetes Internals"]').first().click();
    await this.row('Cluster', '').first().waitFor();
  }

  /** Rows of a view of the side bar, by a text in them. */
  row(view: string, text: string | RegExp): Locator {
    const pane = this.page.locator('.pane', {
      has: this.page.locator(`.pane-header[aria-label^="${view}"]`),
    });
    return pane.locator(text === '' ? '.pane-body' : '.monaco-list-row', {
      ...(text !== '' && { hasText: text }),
    });
  }

  /** What the lenses of the active editor say. */
  async lenses(): Promise<string[]> {
    const texts = await this.page
      .locator('.editor-instance .codelens-decoration a')
      .allInnerTexts();
    return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
  }

  /** The rows of the Problems view, in one line each. */
  async problems(): Promise<string[]> {
    const rows = await this.page.locator('.markers-panel .monaco-list-row').allInnerTexts();
    return rows.map((text) => text.replaceAll(/\s+/g, ' ').trim());
  }

  /** Types a line into the terminal that is open, and waits until its output matches. */
  async terminal(line: string, output: RegExp, timeout = 30_000): Promise<string> {
    await this.page.locator('.terminal.xterm').last().click();
    await this.page.keyboard.type(`${line}\n`);
    const rows = this.page.locator('.terminal.xterm .xterm-rows').last();
    return until(
      () => rows.innerText().then((text) => text.replaceAll('\u00a0', ' ')),
      (text) => output.test(text),
      `the terminal to show ${String(output)}`,
      timeout,
    );
  }

  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.dispose();
    fs.rmSync(this.#state, { recursive: true, force: true, maxRetries: 5 });
  }
}

function writeSettings(state: string, options: WorkbenchOptions): void {
  const folder = path.join(state, 'user', 'Machine');
  const settings = {
    'workbench.colorTheme': options.theme ?? 'Default Dark Modern',
    'workbench.startupEditor': 'none',
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'chat.commandCenter.enabled': false,
    'chat.disableAIFeatures': true,
    'security.workspace.trust.startupPrompt': 'never',
    'workbench.enableExperiments': false,
    // Text in the page, not in a canvas.
    'terminal.integrated.gpuAcceleration': 'off',
    'extensions.ignoreRecommendations': true,
    ...options.settings,
  };
  for (const place of [folder, path.join(state, 'server', 'data', 'Machine')]) {
    fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, 'settings.json'), JSON.stringify(settings));
  }
}

/** Asks again and again until the answer is the wanted one. */
export async function until<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  what: string,
  timeout = 20_000,
): Promise<T> {
  const end = performance.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() > end)
      throw new Error(
        `waited ${timeout} ms for ${what}; the last answer: ${JSON.stringify(answer)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
