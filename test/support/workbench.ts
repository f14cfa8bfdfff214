import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Frame, type Page } from 'playwright-core';
import { startCodeServer, type CodeServer } from '../../src/host/cli/codeServer.ts';

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
}

/** The Chromium of this machine, or undefined. */
export function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const files = ['chromium', 'google-chrome'].flatMap((name) =>
    folders.map((folder) => path.join(folder, name)),
  );
  return files.find((file) => fs.existsSync(file));
}

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

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const state = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-workbench-'));
    writeSettings(state, options);
    const server = await startCodeServer({
      state,
      flags: options.flags ?? ['--disable-workspace-trust'],
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
    const workbench = new Workbench(page, server, browser, state, options);
    await workbench.load();
    return workbench;
  }

  /** Opens the page (again) and waits for the workbench. */
  async load(): Promise<void> {
    const extension = 'extension' in this.#options ? this.#options.extension : root;
    await this.page.goto(
      this.#server.url({
        folder: this.#options.folder,
        ...(extension === undefined ? {} : { extension }),
      }),
    );
    await this.page
      .locator('.monaco-workbench .explorer-folders-view .monaco-list-row')
      .first()
      .waitFor();
  }

  /** Runs a command by its title, as a person does with F1. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[type=text]').first();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page
      .locator('.quick-input-list .monaco-list-row', { hasText: title })
      .first()
      .waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    const input = this.page.locator('.quick-input-widget input[type=text]').first();
    await input.waitFor();
    await input.fill(name);
    await this.page
      .locator('.quick-input-list .monaco-list-row', { hasText: path.basename(name) })
      .first()
      .waitFor();
    await this.page.keyboard.press('Enter');
    await this.page
      .locator('.tab', { hasText: path.basename(name) })
      .first()
      .waitFor();
  }

  /** The frame that holds a webview's own HTML: the one in which `selector` appears. */
  async webview(selector: string, timeout = 20_000): Promise<Frame> {
    const end = performance.now() + timeout;
    for (;;) {
      for (const frame of this.page.frames()) {
        const found = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (found > 0 && frame !== this.page.mainFrame()) return frame;
      }
      if (performance.now() > end) throw new Error(`no webview shows ${selector}`);
      await this.page.waitForTimeout(50);
    }
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
    'extensions.ignoreRecommendations': true,
    ...options.settings,
  };
  for (const place of [folder, path.join(state, 'server', 'data', 'Machine')]) {
    fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, 'settings.json'), JSON.stringify(settings));
  }
}
