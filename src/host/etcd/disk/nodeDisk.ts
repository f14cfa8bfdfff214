import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { DiskError, type Disk, type DiskFile } from '../../../sim/etcd/disk.ts';

const temporary = '.new';

/** A folder of this machine. It must be there. */
export class NodeDisk implements Disk {
  readonly path: string;

  constructor(folder: string) {
    this.path = folder;
  }

  list(): Promise<readonly string[]> {
    return attempt(async () => {
      const entries = await fs.readdir(this.path, { withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    });
  }

  read(name: string): Promise<Uint8Array> {
    return attempt(() => fs.readFile(this.#file(name)));
  }

  append(name: string): Promise<DiskFile> {
    return attempt(async () => {
      const handle = await fs.open(this.#file(name), 'a', 0o600);
      const { size } = await handle.stat();
      if (size === 0) await this.#syncFolder();
      return new NodeFile(handle, size);
    });
  }

  replace(name: string, bytes: Uint8Array): Promise<void> {
    const file = this.#file(name);
    return attempt(async () => {
      try {
        const handle = await fs.open(file + temporary, 'w', 0o600);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await fs.rename(file + temporary, file);
      } catch (error) {
        await fs.rm(file + temporary, { force: true });
        throw error;
      }
      await this.#syncFolder();
    });
  }

  remove(name: string): Promise<void> {
    return attempt(() => fs.rm(this.#file(name), { force: true }));
  }

  #file(name: string): string {
    return path.join(this.path, name);
  }

  /** Names are durable when their folder is. Windows has no such call and needs none. */
  async #syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const handle = await fs.open(this.path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;
  #length: number;

  constructor(handle: FileHandle, length: number) {
    this.#handle = handle;
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  write(bytes: Uint8Array): Promise<void> {
    return attempt(async () => {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, written);
        written += bytesWritten;
        this.#length += bytesWritten;
      }
    });
  }

  sync(): Promise<void> {
    return attempt(() => this.#handle.datasync());
  }

  truncate(length: number): Promise<void> {
    return attempt(async () => {
      await this.#handle.truncate(length);
      this.#length = length;
    });
  }

  close(): Promise<void> {
    return attempt(() => this.#handle.close());
  }
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

async function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new DiskError(
      error instanceof Error ? error.message : String(error),
      fullCodes.has(code),
      {
        cause: error,
      },
    );
  }
}
