import { encodeUtf8 } from '../base/bytes.ts';
import { second } from '../base/time.ts';
import {
  isObject,
  clone,
  groupVersion,
  parseGroupVersion,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../api/meta.ts';
import type { Status } from '../api/status.ts';
import type { ApiResponse, Peer } from '../api/wire.ts';
import type {
  DocumentVerdict,
  DryRunDocument,
  DryRunRequest,
  DryRunResult,
  Remedy,
  StageReport,
} from '../source/port.ts';
import { TraceLog } from '../trace/log.ts';
import { stages, type Stage, type TraceEvent } from '../trace/event.ts';
import { applyPatchOf, ClientPatchError, lastApplied, withLastApplied } from './applyPatch.ts';
import type { ApiServer } from './apiserver/apiServer.ts';
import type { ServedResource } from './apiserver/registry/resources.ts';
import { fixesOf } from './fixes.ts';
import { forecast, letControllersWork, type ForkedCluster } from './forecast.ts';
import { keyOfText } from './etcd/key.ts';
import type { Store } from './etcd/store.ts';
import { missingRole } from './missingRole.ts';
import { EventLoop } from './time/eventLoop.ts';

export interface DryRunParts {
  readonly store: Store;
  readonly apiServer: ApiServer;
  readonly now: number;
  readonly drain: () => Promise<void>;
  /** Whether anybody still waits for what would follow; yes unless given. */
  readonly isWanted?: () => boolean;
  /** What a forked cluster is made with, to run it forward. */
  readonly cluster: {
    readonly seed: number;
    readonly nodes: number;
    readonly caPem: string;
    readonly tokens: Parameters<typeof forecast>[0]['tokens'];
  };
}

const admin = { user: 'kubernetes-admin', groups: ['system:masters'] };

/**
 * Judges documents on a fork of the cluster, in order, each with the earlier ones applied: as kubectl apply would send
 * them, through every stage. The cluster itself is not changed.
 */
export async function dryRun(parts: DryRunParts, request: DryRunRequest): Promise<DryRunResult> {
  const fork = new Fork(parts, request);
  const documents: DocumentVerdict[] = [];
  for (const [index, { object }] of request.documents.entries()) {
    const verdict = await fork.judge(object);
    documents.push(verdict);
    if (verdict.outcome === 'created' && object['kind'] === 'Namespace') {
      const later = request.documents.slice(index + 1);
      await fork.awaitServiceAccount(verdict.object?.metadata.name ?? '', later, parts.cluster);
    }
  }
  if (
    request.forwardSeconds <= 0 ||
    !documents.some(({ outcome }) => outcome === 'created' || outcome === 'configured')
  )
    return { revision: fork.revision, documents };
  const after = await forecast({
    ...fork.parts,
    ...parts.cluster,
    forkedAt: fork.revision,
    limitUs: request.forwardSeconds * second,
    isWanted: parts.isWanted ?? (() => true),
  });
  const judged = documents.map((verdict, index) => {
    const own = after(request.documents[index]?.object ?? {}, verdict.object);
    return own && verdict.outcome !== 'rejected' ? { ...verdict, forecast: own } : verdict;
  });
  return { revision: fork.revision, documents: judged };
}

class Fork {
  readonly revision: number;
  readonly loop: EventLoop;
  readonly trace: TraceLog;
  readonly store: Store;
  readonly apiServer: ApiServer;
  readonly #request: DryRunRequest;
  readonly #peer: Peer;
  readonly #user: Identity;
  readonly #drain: () => Promise<void>;

  constructor({ store, apiServer, now, drain }: DryRunParts, request: DryRunRequest) {
    this.revision = store.revision;
    this.#drain = drain;
    this.loop = new EventLoop(now, drain);
    this.trace = new TraceLog(this.loop);
    this.store = store.fork(store.revision, { trace: this.trace, clock: this.loop });
    this.apiServer = apiServer.fork(this.store, this.loop, this.trace);
    this.#request = request;
    this.#user = request.as ?? admin;
    this.#peer = peerOf(this.#user);
  }

  /** A Pod needs the default ServiceAccount, which a controller makes soon after the namespace, before the next file is read. */
  async awaitServiceAccount(
    namespace: string,
    later: readonly DryRunDocument[],
    cluster: DryRunParts['cluster'],
  ): Promise<void> {
    const isNeeded = later.some(
      ({ object }) =>
        object['kind'] === 'Pod' &&
        (object['metadata'] as JsonObject | undefined)?.['namespace'] === namespace,
    );
    if (!isNeeded) return;
    const key = keyOfText(`/registry/serviceaccounts/${namespace}/default`);
    const isThere = () => this.store.rangeNow({ key }).kvs.length > 0;
    await letControllersWork({ ...this.parts, ...cluster }, isThere, 5 * second);
  }

  /** What a cluster on this fork shares with it. */
  get parts(): Pick<ForkedCluster, 'store' | 'apiServer' | 'loop' | 'trace'> {
    return { store: this.store, apiServer: this.apiServer, loop: this.loop, trace: this.trace };
  }

  async judge(object: JsonObject): Promise<DocumentVerdict> {
    const verdict = await this.#judge(object);
    if (verdict.outcome !== 'rejected') return verdict;
    const served = [...this.apiServer.resources.all()].map(({ gvk }) => gvk);
    const fixes = fixesOf(verdict, object, served);
    if (fixes.length) return { ...verdict, fixes };
    if (verdict.code !== 403 || verdict.stage !== 'authorization') return verdict;
    const remedy = await this.#remedy(object);
    return remedy ? { ...verdict, remedy } : verdict;
  }

  /** The Role that would allow what is missing: an apply reads, and then creates or patches. */
  async #remedy(object: JsonObject): Promise<Remedy | undefined> {
    const resource = this.#resourceOf(object);
    if (!resource) return undefined;
    const { namespace, name, collection } = this.#target(object, resource);
    const url = name === undefined ? undefined : `${collection}/${segment(name)}`;
    const isThere = url !== undefined && (await this.#send('GET', url, { as: admin })).code === 200;
    const about = {
      group: resource.group,
      resource: resource.resource,
      namespace,
      ...(isThere && name !== undefined && { name }),
    };
    const verbs: string[] = [];
    for (const verb of [...(url === undefined ? [] : ['get']), isThere ? 'patch' : 'create'])
      if (!(await this.#may({ verb, ...about }))) verbs.push(verb);
    return missingRole({ user: this.#user.user, verbs, ...about });
  }

  async #may(resourceAttributes: object): Promise<boolean> {
    const { user, groups } = this.#user;
    const { body } = await this.#send(
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        as: admin,
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user,
            groups: [...groups, 'system:authenticated'],
            resourceAttributes,
          } as unknown as JsonObject,
        },
      },
    );
    const review =
      body.kind === 'object' ? (body.object as { status?: { allowed?: boolean } }) : {};
    return review.status?.allowed === true;
  }

  async #judge(object: JsonObject): Promise<DocumentVerdict> {
    const resource = this.#resourceOf(object);
    if (!resource) {
      const { group, version } = parseGroupVersion(textOf(object['apiVersion']));
      const message = `no matches for kind "${textOf(object['kind'])}" in version "${groupVersion({ group, version })}"`;
      return refusedByClient(message, { field: 'apiVersion', reason: 'NoKindMatch' });
    }
    const target = this.#target(object, resource);
    const live =
      target.name === undefined
        ? undefined
        : await this.#send('GET', `${target.collection}/${segment(target.name)}`);
    if (live && live.code !== 200 && live.code !== 404) return this.#verdict(live, 'rejected');
    if (live?.code === 200 && live.body.kind === 'object')
      try {
        return await this.#configure(resource, target, live.body.object as unknown as KubeObject);
      } catch (error) {
        if (error instanceof ClientPatchError) return refusedByClient(error.message);
        throw error;
      }
    const created = await this.#send('POST', target.collection, {
      body: withLastApplied(target.object),
    });
    return this.#verdict(created, 'created');
  }

  async #configure(
    resource: ServedResource,
    target: Target,
    live: KubeObject,
  ): Promise<DocumentVerdict> {
    const patch = applyPatchOf(
      lastApplied(live),
      withLastApplied(target.object),
      live as unknown as JsonObject,
      resource.gvk,
    );
    const response = await this.#send(
      'PATCH',
      `${target.collection}/${segment(target.name ?? '')}`,
      { body: patch, contentType: 'application/strategic-merge-patch+json' },
    );
    const isSame =
      response.body.kind === 'object' &&
      (response.body.object as unknown as KubeObject).metadata.resourceVersion ===
        live.metadata.resourceVersion;
    return this.#verdict(response, isSame ? 'unchanged' : 'configured');
  }

  #resourceOf(object: JsonObject): ServedResource | undefined {
    const { group, version } = parseGroupVersion(textOf(object['apiVersion']));
    return [...this.apiServer.resources.all()].find(
      (resource) =>
        resource.group === group &&
        resource.version === version &&
        resource.gvk.kind === object['kind'],
    );
  }

  #target(object: JsonObject, resource: ServedResource): Target {
    const copy = clone(object);
    // What is no map is left for the server to refuse.
    const given = copy['metadata'] ?? {};
    const metadata = isObject(given) ? given : {};
    const root = resource.group
      ? `/apis/${resource.group}/${resource.version}`
      : `/api/${resource.version}`;
    let collection = `${root}/${resource.resource}`;
    let namespace = '';
    if (resource.namespaced) {
      namespace = textOf(metadata['namespace'] ?? this.#request.namespace ?? 'default');
      if (given === metadata) copy['metadata'] = { ...metadata, namespace };
      collection = `${root}/namespaces/${segment(namespace)}/${resource.resource}`;
    }
    const name = metadata['name'];
    return {
      object: copy,
      collection,
      namespace,
      name: typeof name === 'string' && name !== '' ? name : undefined,
    };
  }

  #events: readonly TraceEvent[] = [];

  async #send(
    method: string,
    path: string,
    { body, contentType = 'application/json', as }: Sent = {},
  ): Promise<ApiResponse> {
    const from = this.trace.last + 1;
    const query =
      method === 'GET' ? '' : '?fieldManager=kubectl-client-side-apply&fieldValidation=Strict';
    const response = await this.#settle(
      this.apiServer.handle({
        method,
        url: path + query,
        headers: {
          accept: 'application/json',
          'user-agent': 'kubectl/v1.36.3 (dry run)',
          ...(body !== undefined && { 'content-type': contentType }),
        },
        ...(body !== undefined && { body: encodeUtf8(JSON.stringify(body)) }),
        peer: as ? peerOf(as) : this.#peer,
      }),
    );
    this.#events = this.trace.slice(from);
    return response;
  }

  async #settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => (isDone = true);
    promise.then(done, done);
    const more = () => !isDone;
    await this.#drain();
    while (more()) if (!(await this.loop.step())) await this.#drain();
    return promise;
  }

  #verdict(
    response: ApiResponse,
    accepted: 'created' | 'configured' | 'unchanged' | 'rejected',
  ): DocumentVerdict {
    const body = response.body.kind === 'object' ? response.body.object : undefined;
    const warnings = [response.headers['warning'] ?? []].flat().map((line) =>
      line
        .replace(/^299 - "/, '')
        .replace(/"$/, '')
        .replace(/\\(.)/g, '$1'),
    );
    const reports = reportsOf(this.#events);
    const common = { code: response.code, warnings, stages: reports, trace: this.#events };
    if (response.code < 400)
      return {
        ...common,
        outcome: accepted,
        message: '',
        causes: [],
        ...(body && { object: body as unknown as KubeObject }),
      };
    const status = body as unknown as Status | undefined;
    const rejecting = reports.find(({ verdict }) => verdict === 'rejected');
    return {
      ...common,
      outcome: 'rejected',
      message:
        status?.message ??
        (response.body.kind === 'text'
          ? response.body.text
          : `the server answered ${response.code}`),
      ...(status?.reason && { reason: status.reason }),
      ...(rejecting && { stage: rejecting.stage }),
      ...(rejecting?.plugin !== undefined && { plugin: rejecting.plugin }),
      causes: (status?.details?.causes ?? []).map(({ field = '', message = '', reason = '' }) => ({
        field,
        message,
        reason,
      })),
    };
  }
}

interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

interface Sent {
  readonly body?: JsonValue;
  readonly contentType?: string;
  /** Whose request it is, where it is not the one that is judged. */
  readonly as?: Identity;
}

const peerOf = ({ user, groups }: Identity): Peer => ({
  certificate: { commonName: user, organizations: groups },
  address: '127.0.0.1',
});

interface Target {
  readonly object: JsonObject;
  readonly collection: string;
  /** '' for what is in no namespace. */
  readonly namespace: string;
  readonly name: string | undefined;
}

function refusedByClient(
  message: string,
  about?: { readonly field: string; readonly reason: string },
): DocumentVerdict {
  return {
    outcome: 'rejected',
    message,
    stage: 'client',
    causes: about ? [{ ...about, message }] : [],
    warnings: [],
    stages: stages.map(notReached),
    trace: [],
  };
}

const notReached = (stage: Stage): StageReport => ({
  stage,
  verdict: 'notReached',
  summary: '',
  changes: [],
  facts: {},
});

const nothing: readonly never[] = [];
const noFacts = {};

const placeOf = Object.fromEntries(stages.map((stage, index) => [stage, index])) as Record<
  Stage,
  number
>;

/** The stages in their order; those after a rejection were not reached. */
function reportsOf(events: readonly TraceEvent[]): StageReport[] {
  const reports: StageReport[] = [];
  for (const event of events) {
    if (event.type !== 'stage') continue;
    const { stage, plugin, verdict, summary, changes = nothing, facts = noFacts, id } = event;
    const report = { stage, verdict, summary, changes, facts, event: id };
    reports.push(plugin === undefined ? report : { ...report, plugin });
  }
  const isRejected = reports.some(({ verdict }) => verdict === 'rejected');
  const reached = new Set(reports.map(({ stage }) => stage));
  const last = Math.max(-1, ...reports.map(({ stage }) => placeOf[stage]));
  const rest = isRejected
    ? stages.filter((stage, index) => index > last && !reached.has(stage) && stage !== 'patch')
    : [];
  return [...reports.sort((a, b) => placeOf[a.stage] - placeOf[b.stage]), ...rest.map(notReached)];
}

/** Half a character that takes two becomes the sign for what is none, as in all that is sent. */
const segment = (name: string): string => encodeURIComponent(name.toWellFormed());

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
