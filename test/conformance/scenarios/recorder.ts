import type { JsonObject, JsonValue } from '../../../src/api/meta.ts';
import { delta, isObject, normal, without } from './normal.ts';
import type { Item } from './scenario.ts';

/** What an audit event refers to. */
export interface Reference {
  resource: string;
  apiGroup?: string;
  apiVersion: string;
  namespace?: string;
  name?: string;
  subresource?: string;
}

interface AuditEvent {
  stage?: string;
  verb: string;
  user?: { username?: string };
  userAgent?: string;
  requestURI?: string;
  objectRef?: Reference;
  requestObject?: JsonObject;
  responseObject?: JsonObject;
  responseStatus?: { code?: number; message?: string };
}

const writingVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Who wrote, by the account's short name. */
export function author({ user, userAgent = '' }: AuditEvent): string {
  const name = user?.username ?? '';
  if (userAgent.startsWith('kubelet') || name.startsWith('system:node:')) return 'kubelet';
  if (userAgent.startsWith('user')) return 'user';
  const account = /^system:serviceaccount:kube-system:(.+)$/.exec(name)?.[1];
  if (account !== undefined) return account;
  if (name === 'system:kube-scheduler') return 'kube-scheduler';
  if (name === 'system:apiserver') return 'kube-apiserver';
  if (name !== 'system:kube-controller-manager') return 'user';
  const part = /\/([a-z-]+)$/.exec(userAgent)?.[1];
  return `kube-controller-manager${part === undefined ? '' : `/${part}`}`;
}

/** Reads the audit log for one scenario: who wrote what, with names and numbers that are the same in every run. */
export class Recorder {
  readonly #audit: () => readonly JsonObject[];
  readonly #namespace: string;
  /** Whether all that happens belongs to the scenario, also outside its namespace. */
  readonly #isExclusive: boolean;
  readonly #keepsNodes: boolean;
  readonly #takesNodeEvents: boolean;
  readonly #counters = new Map<string, number>();
  readonly #last = new Map<string, JsonObject>();
  #cursor: number;
  #writes: JsonObject[] = [];
  #events = new Map<string, JsonObject>();
  /** Real names of generated objects, and what they are called here. */
  readonly aliases = new Map<string, string>();
  /** Where writes went: a kind within the namespace, or one object outside. */
  readonly touched = new Map<string, Reference & { isList: boolean }>();

  constructor(options: {
    audit: () => readonly JsonObject[];
    namespace: string;
    isExclusive: boolean;
    keepsNodes: boolean;
    takesNodeEvents: boolean;
  }) {
    this.#audit = options.audit;
    this.#namespace = options.namespace;
    this.#isExclusive = options.isExclusive;
    this.#keepsNodes = options.keepsNodes;
    this.#takesNodeEvents = options.takesNodeEvents;
    this.#cursor = options.audit().length;
  }

  /** Takes in what was written since; returns how many writes that were. */
  pull(): number {
    const all = this.#audit();
    let fresh = 0;
    for (; this.#cursor < all.length; this.#cursor++) {
      const event = all[this.#cursor] as unknown as AuditEvent;
      if (!this.#isRelevant(event)) continue;
      fresh++;
      this.#take(event);
    }
    return fresh;
  }

  /** Forgets what was written so far, but not what objects look like. */
  forget(): void {
    this.#writes = [];
    this.#events.clear();
    this.touched.clear();
  }

  takeWrites(): Item[] {
    const writes = this.#writes.filter(({ by }) => by !== 'kubelet');
    this.#writes = [];
    return writes.map((write) => this.clean(write) as Item);
  }

  takeEvents(): Item[] {
    const events = [...this.#events.values()];
    this.#events = new Map();
    return events.map((event) => this.clean(event) as Item);
  }

  /** A value with this run's names replaced. */
  clean(value: JsonValue): JsonValue {
    let text = JSON.stringify(normal(value));
    for (const [name, alias] of this.#longestFirst())
      if (text.includes(name)) text = text.replaceAll(name, alias);
    text = text.replaceAll(this.#namespace, '$ns');
    if (!this.#keepsNodes)
      text = text.replace(/\bnode-\d\b/g, 'node-*').replace(/192\.168\.0\.\d+/g, '192.168.0.*');
    return JSON.parse(text) as JsonValue;
  }

  /** A text of the scenario with this run's names put in: `{web-…-#1}` is a real name. */
  fill(text: string): string {
    let out = text.replaceAll('$ns', this.#namespace);
    for (const [name, alias] of this.aliases) out = out.replaceAll(`{${this.#plain(alias)}}`, name);
    return out;
  }

  /** An alias whose own prefix is generated too, by that one's alias. */
  #plain(alias: string): string {
    for (const [name, other] of this.#longestFirst())
      if (other !== alias && alias.startsWith(name)) return other + alias.slice(name.length);
    return alias;
  }

  #longestFirst(): [string, string][] {
    return [...this.aliases].sort((a, b) => b[0].length - a[0].length);
  }

  #isRelevant(event: AuditEvent): boolean {
    if (event.stage !== undefined && event.stage !== 'ResponseComplete') return false;
    if (!writingVerbs.includes(event.verb)) return false;
    const { resource = '', namespace, name, subresource } = event.objectRef ?? {};
    if (resource === 'leases' || subresource === 'token') return false;
    if (/accessreviews|tokenreviews/.test(resource)) return false;
    const text = JSON.stringify(event);
    const isMentioned = text.includes(this.#namespace);
    if (!this.#isExclusive)
      return (
        isMentioned &&
        (name === this.#namespace ||
          ['"namespace":"$ns"', '$ns-', '"$ns"'].some((form) =>
            text.includes(form.replace('$ns', this.#namespace)),
          ))
      );
    return namespace === undefined || namespace === this.#namespace || resource === 'events';
  }

  #take(event: AuditEvent): void {
    const { verb, requestObject: request, responseObject: response } = event;
    const reference = event.objectRef ?? { resource: '', apiVersion: '' };
    const by = author(event);
    const isGood = (event.responseStatus?.code ?? 0) < 400;
    const isDry = /[?&]dryRun=/.test(event.requestURI ?? '');
    const body = isObject(response?.['metadata']) ? bodyOf(response) : undefined;
    const name = reference.name ?? nameOf(body ?? request) ?? '';
    if (isGood && verb === 'create' && !reference.subresource && body && !isDry)
      this.#name(reference, by, request, body, name);
    if (!isGood && verb === 'create') this.#nameRefused(event);
    const key = `${reference.apiGroup ?? ''}/${reference.resource}/${reference.namespace ?? ''}/${name}`;
    const before = this.#last.get(key);
    const isWhole = body !== undefined && isWholeObject(reference, body);
    if (isGood && isWhole && !isDry) this.#keep(key, before, body);
    if (reference.resource === 'events') {
      if (isGood && isWhole) this.#takeEvent(body, by);
      return;
    }
    if (name || reference.name !== undefined) {
      const isList = reference.namespace !== undefined;
      const place = isList ? `${reference.apiGroup ?? ''}/${reference.resource}` : key;
      this.touched.set(place, { ...reference, name, isList });
    }
    const write: JsonObject = {
      by,
      verb,
      resource: reference.resource,
      name: reference.resource === 'ipaddresses' ? '<clusterIP>' : name,
    };
    if (reference.apiGroup) write['group'] = reference.apiGroup;
    if (reference.subresource) write['subresource'] = reference.subresource;
    if (isDry) write['dryRun'] = true;
    if (!isGood) {
      write['code'] = event.responseStatus?.code;
      write['message'] = event.responseStatus?.message;
    } else if (by !== 'user') describe(write, event, isWhole, before);
    if (verb === 'delete' && isGood && !isWhole) this.#last.delete(key);
    this.#writes.push(write);
  }

  #keep(key: string, before: JsonObject | undefined, response: JsonObject): void {
    const isPartial = response['kind'] === 'PartialObjectMetadata' && before;
    const after = isPartial ? { ...before, metadata: response['metadata'] } : response;
    const old = before?.['metadata'] as JsonObject | undefined;
    const now = response['metadata'] as JsonObject;
    const isNewer = Number(old?.['resourceVersion'] ?? 0) <= Number(now['resourceVersion']);
    if (isNewer || old?.['uid'] !== now['uid']) this.#last.set(key, after);
  }

  /** Gives an object with a generated name its alias: `prefix#N` in order of creation. */
  #name(
    reference: Reference,
    by: string,
    request: JsonObject | undefined,
    response: JsonObject,
    name: string,
  ): void {
    const prefix = (response['metadata'] as JsonObject)['generateName'] as string | undefined;
    if (prefix && !nameOf(request) && !this.aliases.has(name) && name.startsWith(prefix))
      this.aliases.set(name, `${prefix}#${this.#count(prefix)}`);
    else if (reference.resource === 'jobs' && by === 'cronjob-controller') {
      const base = name.replace(/\d+$/, '');
      this.aliases.set(name, `${base}#${this.#count(base)}`);
    }
  }

  /** The name of an object that was not made, which the refusal tells. */
  #nameRefused({ requestObject, responseStatus }: AuditEvent): void {
    const metadata = requestObject?.['metadata'] as JsonObject | undefined;
    const prefix = metadata?.['generateName'] as string | undefined;
    if (!prefix || metadata?.['name']) return;
    const message = responseStatus?.message ?? '';
    const at = message.indexOf(`"${prefix}`);
    const name = /^[^"]*/.exec(message.slice(at + 1))?.[0];
    if (at >= 0 && name) this.aliases.set(name, `${prefix}#new`);
  }

  #count(key: string): number {
    const count = (this.#counters.get(key) ?? 0) + 1;
    this.#counters.set(key, count);
    return count;
  }

  #takeEvent(object: JsonObject, by: string): void {
    const event = object as Record<string, JsonObject & string>;
    const about = event['involvedObject'] ?? event['regarding'];
    const source = event['source']?.['component'] ?? event['deprecatedSource']?.['component'];
    const component =
      event['reportingComponent'] || event['reportingController'] || (source as string) || by;
    const out: JsonObject = {
      type: event['type'],
      reason: event['reason'],
      message: event['message'] ?? event['note'] ?? '',
      by: component,
      object: `${about?.['kind'] as string}/${about?.['name'] as string}`,
    };
    const comesAnyTime = ['RegisteredNode', 'RemovingNode'].includes(event['reason'] ?? '');
    if (component === 'kubelet' || (comesAnyTime && !this.#takesNodeEvents)) return;
    if (event['action']) out['action'] = event['action'];
    if (about?.['fieldPath']) out['fieldPath'] = about['fieldPath'];
    const related = event['related'];
    if (related) out['related'] = `${related['kind'] as string}/${related['name'] as string}`;
    out['count'] = event['series']?.['count'] || object['count'] || object['deprecatedCount'] || 1;
    this.#events.set(nameOf(object) ?? '', out);
  }
}

const nameOf = (object: JsonObject | undefined): string | undefined =>
  (object?.['metadata'] as { name?: string } | undefined)?.name;

const isNoObject = ({ subresource }: Reference): boolean =>
  subresource === 'binding' || subresource === 'eviction';

/** What a request was answered with, when that is an object and no Status. */
const bodyOf = (response: JsonObject | undefined): JsonObject | undefined =>
  response?.['kind'] === 'Status' ? undefined : response;

function isWholeObject(reference: Reference, response: JsonObject): boolean {
  const kind = response['kind'] as string;
  return (
    !isNoObject(reference) && !['Eviction', 'DeleteOptions'].includes(kind) && !/List$/.test(kind)
  );
}

/** What a component's write was: the object it made, the change it made, the options of its deletion. */
function describe(
  write: JsonObject,
  { verb, objectRef, requestObject: request, responseObject: response }: AuditEvent,
  isWhole: boolean,
  before: JsonObject | undefined,
): void {
  const now = isWhole && response ? response : undefined;
  if (verb === 'create') {
    write['object'] = objectRef && isNoObject(objectRef) ? request : (now ?? request);
  } else if (verb === 'update' || verb === 'patch') {
    if (now) write['change'] = changeOf(now, before);
    if (verb === 'patch') write['patch'] = request;
  } else if (request && Object.keys(request).length) {
    write['options'] = without(request, 'kind', 'apiVersion');
  } else if (verb === 'delete') write['options'] = {};
}

function changeOf(now: JsonObject, before: JsonObject | undefined): JsonValue {
  if (!before) return normal(now);
  const isPartial = now['kind'] === 'PartialObjectMetadata';
  const view = (object: JsonObject) =>
    normal(isPartial ? { metadata: object['metadata'] } : object) as JsonObject;
  return delta(view(before), view(now));
}
