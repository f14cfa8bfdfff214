import type { IDisposable } from '../base/disposable.ts';
import type { CauseId } from '../trace/event.ts';
import type { JsonObject } from './meta.ts';

/** Who a connection is, as the transport knows it: the subject of a verified client certificate, or nothing. */
export interface Peer {
  readonly certificate?: {
    readonly commonName: string;
    readonly organizations: readonly string[];
    /** The certificate's fingerprint in hexadecimal, which a user's extra information shows. */
    readonly sha256?: string;
  };
  readonly address?: string;
}

/**
 * A request to the API server. HTTPS doors and the clients of components in the same process make the same request;
 * the latter may give the body as an object (which the server may keep: it is not changed afterwards) and their cause.
 */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as on the request line: `/api/v1/pods?limit=500`. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Uint8Array | JsonObject;
  readonly peer: Peer;
  /** The trace event that made a component in this process send it; absent for requests from outside. */
  readonly cause?: CauseId;
}

/** A frame of a watch. `cause` is the etcd write that it tells of; doors do not send it. */
export interface WatchFrame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: JsonObject;
  readonly cause?: CauseId;
}

export interface FrameSink {
  frame(frame: WatchFrame): void;
  /** The server ends the stream (time-out, shut-down). */
  end(): void;
}

export type ApiBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'object'; readonly object: JsonObject }
  | { readonly kind: 'text'; readonly text: string; readonly contentType: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly contentType: string }
  /** Frames until disposed of. `start` is called at most once. */
  | { readonly kind: 'watch'; start(sink: FrameSink): IDisposable }
  /** Text in pieces (logs with follow). */
  | {
      readonly kind: 'stream';
      readonly contentType: string;
      start(sink: { chunk(bytes: Uint8Array): void; end(): void }): IDisposable;
    };

export interface ApiResponse {
  readonly code: number;
  /** Lower-case names; Content-Type follows from the body unless given. Warnings are here as on the wire. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: ApiBody;
}

/** The API server as everyone else sees it. Refusals are responses with a Status; it rejects only for a bug of ours. */
export interface Api {
  handle(request: ApiRequest): Promise<ApiResponse>;
}
