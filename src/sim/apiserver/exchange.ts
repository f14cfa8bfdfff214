import { uuid } from '../../base/random.ts';
import type { Micros } from '../../base/time.ts';
import type { JsonObject } from '../../api/meta.ts';
import { StatusError } from '../../api/status.ts';
import type { ApiRequest } from '../../api/wire.ts';
import type { Change, EventId, Stage, StageVerdict } from '../../trace/event.ts';
import type { RequestInfo, UserInfo } from './attributes.ts';
import { responseMicros, stageMicros } from './latency.ts';
import { parseTarget, type Query } from './query.ts';
import { requestInfoOf } from './requestInfo.ts';
import type { ServerParts } from './serverParts.ts';

/** What a stage has to say about itself when it is done. */
export interface StageNote {
  verdict: StageVerdict;
  summary: string;
  facts?: Record<string, string>;
  changes?: readonly Change[];
  /** Keeps the stage out of the record: it had nothing to do with the request. */
  silent?: boolean;
}

const NOBODY: UserInfo = { name: '', uid: '', groups: [], extra: {} };

/**
 * One request on its way through the stages: who asks, what for, what was warned of, and the cursor of modelled time.
 *
 * Invariant: events of a stage may be dated a little ahead of the clock, but whatever they cause is not: before anything
 * is written or answered, `settle` lets the clock catch up with the cursor.
 */
export class Exchange {
  readonly server: ServerParts;
  readonly request: ApiRequest;
  readonly path: string;
  readonly query: Query;
  readonly info: RequestInfo;
  readonly event: EventId;
  readonly dryRun: boolean;
  /** The user whose rights count: after impersonation, the impersonated one. */
  user: UserInfo = NOBODY;
  impersonator: UserInfo | undefined;
  /** Headers of the response besides those of its body. */
  readonly headers: Record<string, string> = {};
  readonly auditAnnotations: Record<string, string> = {};
  /** The decoded body and the object sent back, for the audit. */
  requestObject: JsonObject | undefined;
  responseObject: JsonObject | undefined;
  /** Set when its time is over: no stage begins any more. */
  over: StatusError | undefined;
  /** The Status of a refusal. */
  failed: JsonObject | undefined;
  readonly received: Micros;
  readonly auditId: string;
  readonly #warnings: string[] = [];
  #cursor: Micros;

  constructor(server: ServerParts, request: ApiRequest) {
    this.server = server;
    this.request = request;
    const { path, query } = parseTarget(request.url);
    this.path = path;
    this.query = query;
    this.info = requestInfoOf(request.method, path, query);
    this.dryRun = query.all('dryRun').includes('All');
    this.received = server.clock.now();
    this.auditId = this.header('audit-id') ?? uuid(server.random);
    this.#cursor = this.received;
    this.event = server.trace.emit('apiserver', request.cause, {
      type: 'request',
      method: request.method,
      url: request.url,
      verb: this.info.verb,
      ...(this.info.isResourceRequest && { object: this.#ref() }),
      userAgent: this.userAgent,
      dryRun: this.dryRun,
    });
  }

  get userAgent(): string {
    return this.header('user-agent') ?? '';
  }

  get now(): Micros {
    return this.#cursor;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  }

  headerValues(name: string): readonly string[] {
    const value = this.request.headers[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  }

  warn(text: string): void {
    if (text && !this.#warnings.includes(text)) this.#warnings.push(text);
  }

  /** Runs a stage and records it; a refusal is recorded as one and thrown on. */
  async stage<T>(stage: Stage, work: (note: StageNote) => T | Promise<T>): Promise<T> {
    if (this.over) throw this.over;
    const note: StageNote = { verdict: 'passed', summary: '' };
    const started = this.#cursor;
    if (this.server.latency) this.#cursor += stageMicros[stage];
    try {
      const result = await work(note);
      if (!note.silent) this.record(stage, note, started);
      return result;
    } catch (error) {
      if (error instanceof StatusError)
        this.record(stage, { ...note, verdict: 'rejected', summary: error.message }, started);
      throw error;
    }
  }

  /** Records a stage, or one plugin of it, that is finished. */
  record(stage: Stage, note: StageNote, started: Micros = this.#cursor, plugin?: string): EventId {
    const { verdict, summary, facts, changes } = note;
    return this.server.trace.emit(
      'apiserver',
      this.event,
      {
        type: 'stage',
        stage,
        ...(plugin !== undefined && { plugin }),
        started,
        verdict,
        summary,
        ...(changes?.length && { changes }),
        ...(facts && Object.keys(facts).length && { facts }),
      },
      this.#cursor,
    );
  }

  /** Lets the clock catch up with what the stages took. */
  async settle(): Promise<void> {
    const behind = this.#cursor - this.server.clock.now();
    if (behind > 0) await this.server.clock.sleep(behind);
    else this.#cursor = this.server.clock.now();
  }

  /** The same before the answer leaves. */
  async settleResponse(): Promise<void> {
    this.#cursor = Math.max(this.#cursor, this.server.clock.now());
    if (!this.server.latency) return;
    this.#cursor += responseMicros;
    await this.settle();
  }

  #ref(): {
    group: string;
    version: string;
    resource: string;
    namespace?: string;
    name?: string;
    subresource?: string;
  } {
    const { group, version, resource, namespace, name, subresource } = this.info;
    return {
      group,
      version,
      resource,
      ...(namespace && { namespace }),
      ...(name && { name }),
      ...(subresource && { subresource }),
    };
  }
}
