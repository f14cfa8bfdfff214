import { DiskError, type Disk, type DiskFile } from '../../src/sim/etcd/disk.ts';

interface Content {
  bytes: Buffer;
  /** How much of it a crash leaves for certain. */
  synced: number;
}

/** A disk that may be full, fail, and lose what was not synced. */
export class MemoryDisk implements Disk {
  readonly path = '/state';
  readonly #files = new Map<string, Content>();
  /** Bytes that all files together may have. */
  capacity = Number.POSITIVE_INFINITY;
  isBroken = false;
  syncs = 0;
  /** Called before each sync: to hold it up. */
  beforeSync: () => Promise<void> = () => Promise.resolve();

  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.#files.keys()]);
  }

  read(name: string): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.bytes(name)));
  }

  append(name: string): Promise<DiskFile> {
    const file = this.#files.get(name) ?? { bytes: Buffer.alloc(0), synced: 0 };
    this.#files.set(name, file);
    return Promise.resolve({
      get length() {
        return file.bytes.length;
      },
      write: (bytes) => {
        const room = this.#room();
        file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, Math.max(0, room))]);
        return bytes.length > room ? Promise.reject(this.#noRoom()) : Promise.resolve();
      },
      sync: async () => {
        await this.beforeSync();
        if (this.isBroken) throw new DiskError('EIO: i/o error, fdatasync', false);
        this.syncs++;
        file.synced = file.bytes.length;
      },
      truncate: (length) => {
        file.bytes = file.bytes.subarray(0, length);
        file.synced = Math.min(file.synced, length);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  }

  replace(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#room()) return Promise.reject(this.#noRoom());
    this.#files.set(name, { bytes: Buffer.from(bytes), synced: bytes.length });
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.#files.delete(name);
    return Promise.resolve();
  }

  bytes(name: string): Buffer {
    return this.#files.get(name)?.bytes ?? Buffer.alloc(0);
  }

  names(): string[] {
    return [...this.#files.keys()].sort();
  }

  set(name: string, bytes: Uint8Array): void {
    this.#files.set(name, { bytes: Buffer.from(bytes), synced: bytes.length });
  }

  /** What is left after power was lost: what was synced, and so many bytes of what was not. */
  afterCrash(unsynced = 0): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [name, { bytes, synced }] of this.#files)
      disk.set(name, bytes.subarray(0, synced + unsynced));
    return disk;
  }

  #room(): number {
    let used = 0;
    for (const { bytes } of this.#files.values()) used += bytes.length;
    return this.capacity - used;
  }

  #noRoom(): DiskError {
    return new DiskError('ENOSPC: no space left on device, write', true);
  }
}
