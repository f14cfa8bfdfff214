import fs from 'node:fs';
import path from 'node:path';
import type { IDisposable } from '../base/disposable.ts';
import type { JsonObject } from '../api/meta.ts';

/** Lines are gathered for so long: a busy cluster audits thousands of requests a second. */
const flushDelayMs = 50;

/** A log of audit.k8s.io/v1 events, one a line, readable by its owner only. Disposing of it writes the last ones. */
export class AuditFile implements IDisposable {
  readonly #file: number;
  #lines = '';
  #timer: NodeJS.Timeout | undefined;

  /** Begins the file anew; throws when it cannot be written. */
  constructor(file: string) {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    this.#file = fs.openSync(file, 'w', 0o600);
  }

  write(event: JsonObject): void {
    this.#lines += `${JSON.stringify(event)}\n`;
    this.#timer ??= setTimeout(() => this.#flush(), flushDelayMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#flush();
    fs.closeSync(this.#file);
  }

  #flush(): void {
    this.#timer = undefined;
    fs.writeSync(this.#file, this.#lines);
    this.#lines = '';
  }
}
