import type { Message, MessageInitShape } from '@bufbuild/protobuf';
import type { IDisposable } from '../../base/disposable.ts';
import { EtcdError, errors, grpcCode } from '../../sim/etcd/errors.ts';
import { keyOfBytes, noEnd } from '../../sim/etcd/key.ts';
import type { WatchedChange, WatchRequest } from '../../sim/etcd/kv.ts';
import { rangeEnd } from './rangeEnd.ts';
import {
  WatchCreateRequest_FilterType as Filter,
  type Watch,
  type WatchCreateRequest,
  type WatchRequest as WireRequest,
  type WatchResponseSchema,
} from './gen/etcd_pb.js';
import type { Handlers, Stream } from './grpcAdapter.ts';
import { maxRequestBytes } from './kvService.ts';
import type { Etcd } from './services.ts';
import { watchAnswer } from './wire/responses.ts';

/** As plain values, of which the adapter makes messages. */
type Plain<T> = Exclude<T, Message>;
type Response = Plain<MessageInitShape<typeof WatchResponseSchema>>;

/** Stands for all watches of a stream, and for a watch that was never made. */
const noWatch = -1n;
const progressIntervalMs = 10 * 60 * 1000;

export const watchService = (etcd: Etcd): Handlers<typeof Watch> => ({
  watch: (stream) => {
    new WatchStream(etcd, stream).start();
  },
});

interface Watching {
  subscription: IDisposable | undefined;
  readonly wantsProgress: boolean;
  /** Whether nothing was sent since the last time that progress was due. */
  isQuiet: boolean;
}

/** The watches of one stream. Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc serverWatchStream. */
class WatchStream {
  readonly #etcd: Etcd;
  readonly #stream: Stream<WireRequest, Response>;
  readonly #watches = new Map<bigint, Watching>();
  #nextId = 0n;
  #progressTimer: NodeJS.Timeout | undefined;

  constructor(etcd: Etcd, stream: Stream<WireRequest, Response>) {
    this.#etcd = etcd;
    this.#stream = stream;
  }

  start(): void {
    const stream = this.#stream;
    stream.onMessage(({ requestUnion }) => {
      switch (requestUnion.case) {
        case 'createRequest':
          this.#create(requestUnion.value);
          break;
        case 'cancelRequest':
          if (this.#forget(requestUnion.value.watchId))
            this.#send({ watchId: requestUnion.value.watchId, canceled: true });
          break;
        case 'progressRequest':
          this.#etcd.store.afterDelivery(() => this.#send({ watchId: noWatch }));
          break;
        case undefined:
      }
    });
    const lost = this.#etcd.server().onLost(() => {
      if (stream.caller.requiresLeader) stream.end(errors.noLeader());
    });
    stream.onEnd(() => {
      lost.dispose();
      clearInterval(this.#progressTimer);
      for (const id of [...this.#watches.keys()]) this.#forget(id);
    });
  }

  #create(wire: WatchCreateRequest): void {
    const refusal = this.#refusalOf(wire);
    if (refusal !== undefined) {
      this.#send({ watchId: noWatch, created: true, canceled: true, cancelReason: refusal });
      return;
    }
    const id = wire.watchId || this.#freeId();
    const watching: Watching = {
      subscription: undefined,
      wantsProgress: wire.progressNotify,
      isQuiet: true,
    };
    this.#watches.set(id, watching);
    if (wire.progressNotify) this.#startProgress();
    // Before the subscription: what it delivers at once must come after.
    this.#send({ watchId: id, created: true });
    watching.subscription = this.#etcd.store.watch(requestOf(wire), {
      changes: (changes, revision) => {
        const told = changes.filter(({ type }) => !wire.filters.includes(filterOf[type]));
        if (!told.length) return;
        watching.isQuiet = false;
        const header = this.#etcd.member.wireHeader(revision);
        const parts = wire.fragment ? fragments(told, wire.prevKv) : [told];
        for (const [index, part] of parts.entries())
          this.#stream.send(
            watchAnswer(header, {
              watchId: id,
              changes: part,
              withPrevious: wire.prevKv,
              isFragment: index < parts.length - 1,
            }),
          );
      },
      compacted: (compactRevision) => {
        this.#watches.delete(id);
        this.#send({ watchId: id, canceled: true, compactRevision: BigInt(compactRevision) });
      },
    });
    // It was cancelled while it began.
    if (!this.#watches.has(id)) watching.subscription.dispose();
  }

  #refusalOf(wire: WatchCreateRequest): string | undefined {
    const { key, rangeEnd } = requestOf(wire);
    if (wire.startRevision < 0n) return errors.compacted().message;
    const { auth } = this.#etcd;
    try {
      auth.checkAccess(auth.userOf(this.#stream.caller.token), 'read', key, rangeEnd);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      return rpcErrorText(error);
    }
    if (rangeEnd !== undefined && rangeEnd !== noEnd && key >= rangeEnd)
      return 'mvcc: watcher range is empty';
    if (wire.watchId && this.#watches.has(wire.watchId))
      return 'mvcc: duplicate watch ID provided on the WatchStream';
    return undefined;
  }

  #freeId(): bigint {
    while (this.#watches.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #forget(id: bigint): boolean {
    this.#watches.get(id)?.subscription?.dispose();
    return this.#watches.delete(id);
  }

  #send(response: Response): void {
    this.#stream.send({ header: this.#etcd.member.header(), ...response });
  }

  #startProgress(): void {
    this.#progressTimer ??= setInterval(() => {
      this.#etcd.store.afterDelivery(() => {
        for (const [watchId, watching] of this.#watches) {
          if (watching.wantsProgress && watching.isQuiet) this.#send({ watchId });
          watching.isQuiet = true;
        }
      });
    }, progressIntervalMs).unref();
  }
}

/** An empty key means the smallest one. */
const requestOf = (wire: WatchCreateRequest): WatchRequest => ({
  key: keyOfBytes(wire.key) || '\0',
  ...rangeEnd(wire.rangeEnd),
  startRevision: Number(wire.startRevision),
});

const filterOf = { put: Filter.NOPUT, delete: Filter.NODELETE } as const;

/** Parts of what is to be told that are smaller than a request may be. */
function fragments(
  changes: readonly WatchedChange[],
  withPrevious: boolean,
): (readonly WatchedChange[])[] {
  const parts: WatchedChange[][] = [[]];
  let size = 0;
  for (const change of changes) {
    const bytes = sizeOf(change, withPrevious);
    if (size && size + bytes >= maxRequestBytes) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(change);
    size += bytes;
  }
  return parts;
}

function sizeOf({ kv, prevKv }: WatchedChange, withPrevious: boolean): number {
  let size = 16;
  for (const pair of [kv, withPrevious ? prevKv : undefined])
    size += (pair?.key.length ?? 0) + (pair?.value.length ?? 0) + 48;
  return size;
}

const codeNames: Readonly<Record<number, string>> = {
  [grpcCode.invalidArgument]: 'InvalidArgument',
  [grpcCode.permissionDenied]: 'PermissionDenied',
  [grpcCode.unauthenticated]: 'Unauthenticated',
};

/** As Go writes an error of gRPC. */
const rpcErrorText = ({ code, message }: EtcdError): string =>
  `rpc error: code = ${codeNames[code] ?? String(code)} desc = ${message}`;
