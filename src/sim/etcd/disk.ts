/**
 * Where etcd keeps its files: one folder without folders in it. Nothing is durable before `sync` has resolved, but what
 * `replace` and `append` say. Every call rejects with DiskError when the disk does not do as asked.
 */
export interface Disk {
  /** For sentences: the folder as its owner knows it. */
  readonly path: string;
  /** Names of the files, in any order. */
  list(): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array>;
  /** Opens a file to write at its end. One that is not there is made; that it is there is durable. */
  append(name: string): Promise<DiskFile>;
  /** Writes a file whole: after a crash it is there as it was or as it is now. Durable. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface DiskFile {
  /** How long the file is. */
  readonly length: number;
  write(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  /** Cuts the end off. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

export class DiskError extends Error {
  /** Whether there was no room; else it is broken, or not ours to write. */
  readonly isFull: boolean;

  constructor(message: string, isFull: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isFull = isFull;
  }
}
