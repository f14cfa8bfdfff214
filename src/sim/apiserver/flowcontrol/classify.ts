import { defined } from '../../../base/assert.ts';
import { Disposable } from '../../../base/disposable.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { RequestInfo, UserInfo } from '../attributes.ts';
import type { Exchange } from '../exchange.ts';
import type { ResourceRegistry, ServedResource } from '../registry/resources.ts';
import type { ObjectStore } from '../storage/objectStore.ts';
import { WatchedPrefix } from '../storage/watchedPrefix.ts';

interface FlowSubject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly user?: { readonly name: string };
  readonly group?: { readonly name: string };
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}
interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly clusterScope?: boolean;
  readonly namespaces?: readonly string[];
}
interface FlowRule {
  readonly subjects: readonly FlowSubject[];
  readonly resourceRules?: readonly ResourceRule[];
  readonly nonResourceRules?: readonly {
    readonly verbs: readonly string[];
    readonly nonResourceURLs: readonly string[];
  }[];
}
interface FlowSchema extends KubeObject {
  readonly spec?: {
    readonly matchingPrecedence?: number;
    readonly priorityLevelConfiguration: { readonly name: string };
    readonly rules?: readonly FlowRule[];
  };
}

/** Which flow schema and priority level a request belongs to. Models apiserver/pkg/util/flowcontrol matchesFlowSchema. */
export class FlowClassifier extends Disposable {
  readonly #store: ObjectStore;
  readonly #schemas: ServedResource;
  readonly #levels: ServedResource;
  readonly #watchedSchemas: WatchedPrefix;
  readonly #watchedLevels: WatchedPrefix;
  #sorted: readonly FlowSchema[] = [];
  #levelUids: ReadonlyMap<string, string> = new Map();
  #generation = -1;

  constructor(store: ObjectStore, resources: ResourceRegistry) {
    super();
    this.#store = store;
    const group = 'flowcontrol.apiserver.k8s.io';
    this.#schemas = defined(resources.get(group, 'v1', 'flowschemas'), 'flowschemas are served');
    this.#levels = defined(
      resources.get(group, 'v1', 'prioritylevelconfigurations'),
      'priority levels are served',
    );
    this.#watchedSchemas = this._register(
      new WatchedPrefix(store.kv, store.prefix(this.#schemas, '')),
    );
    this.#watchedLevels = this._register(
      new WatchedPrefix(store.kv, store.prefix(this.#levels, '')),
    );
  }

  async classify(
    user: UserInfo,
    info: RequestInfo,
  ): Promise<
    | {
        readonly schema: string;
        readonly schemaUid: string;
        readonly level: string;
        readonly levelUid: string;
      }
    | undefined
  > {
    await this.#load();
    const schema = this.#sorted.find((candidate) =>
      (candidate.spec?.rules ?? []).some((rule) => ruleMatches(rule, user, info)),
    );
    if (!schema) return undefined;
    const level = schema.spec?.priorityLevelConfiguration.name ?? '';
    return {
      schema: schema.metadata.name ?? '',
      schemaUid: schema.metadata.uid ?? '',
      level,
      levelUid: this.#levelUids.get(level) ?? '',
    };
  }

  async #load(): Promise<void> {
    if (!this.#watchedSchemas.isLoaded) await this.#watchedSchemas.load();
    if (!this.#watchedLevels.isLoaded) await this.#watchedLevels.load();
    const generation = this.#watchedSchemas.generation + this.#watchedLevels.generation;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#sorted = this.#watchedSchemas
      .pairs()
      .map((kv) => this.#store.decode(kv, this.#schemas) as FlowSchema)
      .sort((a, b) => precedence(a) - precedence(b) || (name(a) < name(b) ? -1 : 1));
    this.#levelUids = new Map(
      this.#watchedLevels.pairs().map((kv) => {
        const level = this.#store.decode(kv, this.#levels);
        return [level.metadata.name ?? '', level.metadata.uid ?? ''];
      }),
    );
  }
}

const name = (schema: FlowSchema): string => schema.metadata.name ?? '';
const precedence = (schema: FlowSchema): number => schema.spec?.matchingPrecedence ?? 1000;

function ruleMatches(rule: FlowRule, user: UserInfo, info: RequestInfo): boolean {
  if (!rule.subjects.some((subject) => subjectMatches(subject, user))) return false;
  if (!info.isResourceRequest)
    return (rule.nonResourceRules ?? []).some(
      ({ verbs, nonResourceURLs }) =>
        has(verbs, info.verb) &&
        nonResourceURLs.some(
          (url) =>
            url === '*' ||
            url === info.path ||
            (url.endsWith('/*') && info.path.startsWith(url.slice(0, -1))),
        ),
    );
  const resource = info.subresource ? `${info.resource}/${info.subresource}` : info.resource;
  return (rule.resourceRules ?? []).some(
    (candidate) =>
      has(candidate.verbs, info.verb) &&
      has(candidate.apiGroups, info.group) &&
      has(candidate.resources, resource) &&
      (info.namespace
        ? has(candidate.namespaces ?? [], info.namespace)
        : candidate.clusterScope === true),
  );
}

function subjectMatches(subject: FlowSubject, user: UserInfo): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name === '*' || subject.user?.name === user.name;
    case 'Group':
      return subject.group?.name === '*' || user.groups.includes(subject.group?.name ?? '');
    case 'ServiceAccount': {
      const { namespace = '', name: account = '' } = subject.serviceAccount ?? {};
      return account === '*'
        ? user.name.startsWith(`system:serviceaccount:${namespace}:`)
        : user.name === `system:serviceaccount:${namespace}:${account}`;
    }
  }
}

const has = (list: readonly string[], value: string): boolean =>
  list.includes('*') || list.includes(value);

/** Sorts the request into a queue. Nothing waits here: a simulated server has all the seats it needs. */
export function prioritize(exchange: Exchange): Promise<void> {
  return exchange.stage('priorityAndFairness', async (note) => {
    const found = await exchange.server.flows.classify(exchange.user, exchange.info);
    if (!found) {
      note.silent = true;
      return;
    }
    exchange.headers['x-kubernetes-pf-flowschema-uid'] = found.schemaUid;
    exchange.headers['x-kubernetes-pf-prioritylevel-uid'] = found.levelUid;
    note.facts = { flowSchema: found.schema, priorityLevel: found.level };
    note.summary = `Flow schema ${found.schema} puts it into priority level ${found.level}.`;
  });
}
