import type { JsonObject, JsonValue, KubeObject } from '../../../src/api/meta.ts';
import { essence, isObject, same } from './normal.ts';
import { addNode, PlayedKubelet } from './playedKubelet.ts';
import { Recorder, type Reference } from './recorder.ts';
import type { Action, Item, NodeTemplate, Outcome, Scenario, ScenarioStep } from './scenario.ts';
import type { Server } from './server.ts';

/** The group and version of what scenarios name without a path. */
const namespaced: Readonly<Record<string, string>> = {
  pods: 'api/v1',
  services: 'api/v1',
  configmaps: 'api/v1',
  secrets: 'api/v1',
  serviceaccounts: 'api/v1',
  persistentvolumeclaims: 'api/v1',
  replicationcontrollers: 'api/v1',
  resourcequotas: 'api/v1',
  limitranges: 'api/v1',
  endpoints: 'api/v1',
  events: 'api/v1',
  deployments: 'apis/apps/v1',
  replicasets: 'apis/apps/v1',
  statefulsets: 'apis/apps/v1',
  daemonsets: 'apis/apps/v1',
  controllerrevisions: 'apis/apps/v1',
  jobs: 'apis/batch/v1',
  cronjobs: 'apis/batch/v1',
  endpointslices: 'apis/discovery.k8s.io/v1',
  horizontalpodautoscalers: 'apis/autoscaling/v2',
  poddisruptionbudgets: 'apis/policy/v1',
  roles: 'apis/rbac.authorization.k8s.io/v1',
  rolebindings: 'apis/rbac.authorization.k8s.io/v1',
};
const clusterWide: Readonly<Record<string, string>> = {
  nodes: 'api/v1',
  namespaces: 'api/v1',
  persistentvolumes: 'api/v1',
  storageclasses: 'apis/storage.k8s.io/v1',
  volumeattachments: 'apis/storage.k8s.io/v1',
  csinodes: 'apis/storage.k8s.io/v1',
  csidrivers: 'apis/storage.k8s.io/v1',
  priorityclasses: 'apis/scheduling.k8s.io/v1',
  certificatesigningrequests: 'apis/certificates.k8s.io/v1',
  clusterroles: 'apis/rbac.authorization.k8s.io/v1',
  clusterrolebindings: 'apis/rbac.authorization.k8s.io/v1',
};

/** One scenario on a server of its own (besides others only when its nodes are its own): what followed each step. */
export class Run {
  readonly #server: Server;
  readonly #scenario: Scenario;
  readonly #namespace: string;
  readonly #recorder: Recorder;
  readonly #kubelet: PlayedKubelet;
  #shown = new Map<string, JsonObject>();

  constructor(server: Server, scenario: Scenario) {
    this.#server = server;
    this.#scenario = scenario;
    this.#namespace = `sc-${scenario.id}`;
    this.#recorder = new Recorder({
      audit: () => server.audit(),
      namespace: this.#namespace,
      isExclusive: Array.isArray(scenario.nodes) && scenario.phase !== 'own-nodes',
      keepsNodes: scenario.nodeChoice === 'exact',
      takesNodeEvents: scenario.area === 'nodes',
    });
    this.#kubelet = new PlayedKubelet(
      server,
      this.#namespace,
      (name) => this.#recorder.aliases.get(name) ?? name,
    );
  }

  async play(): Promise<Outcome[]> {
    await this.#setUp();
    const outcomes: Outcome[] = [];
    for (const step of this.#scenario.steps) {
      const responses: JsonObject[] = [];
      for (const action of [step.do].flat()) {
        const answer = await this.#act(action);
        if (answer) responses.push(this.#recorder.clean(answer) as JsonObject);
        await this.#server.sleep(clientTurnMs);
        this.#recorder.pull();
        if (step.between !== undefined) await this.#untilQuiet(step.between);
      }
      await this.#settle(step);
      this.#recorder.pull();
      const writes = this.#recorder.takeWrites();
      const events = this.#recorder.takeEvents();
      outcomes.push({ responses, writes, events, state: await this.#changedStates() });
    }
    return outcomes;
  }

  async #setUp(): Promise<void> {
    const { nodes, area } = this.#scenario;
    if (Array.isArray(nodes)) for (const node of nodes) await this.#addNode(node);
    await this.#server.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.#namespace } },
    });
    const base = `/api/v1/namespaces/${this.#namespace}`;
    const isThere = async (url: string) => (await this.#server.request('GET', url)).code === 200;
    for (let i = 0; i < 200; i++) {
      const account = await isThere(`${base}/serviceaccounts/default`);
      if (account && (await isThere(`${base}/configmaps/kube-root-ca.crt`))) break;
      await this.#server.sleep(100);
    }
    if (this.#kubelet.nodes.size) await this.#untilNodesReady();
    if (area === 'nodes' && this.#kubelet.nodes.size) await this.#advance(6);
    // What setting up writes is no part of the record.
    for (let i = 0, calm = 0; i < 50 && calm < 5; i++) {
      await this.#server.sleep(60);
      calm = this.#recorder.pull() ? 0 : calm + 1;
    }
    this.#recorder.forget();
  }

  async #untilNodesReady(): Promise<void> {
    for (let i = 0; i < 100; i++) {
      const { body } = await this.#server.request('GET', '/api/v1/nodes');
      const nodes = (body as { items: NodeObject[] }).items;
      const own = nodes.filter(({ metadata: { name = '' } }) => this.#kubelet.nodes.has(name));
      if (own.every(isSettled)) return;
      await this.#server.sleep(100);
    }
  }

  async #act(action: Action): Promise<JsonObject | undefined> {
    if (action.method !== undefined) return this.#request(action.method, action);
    if (action.advance !== undefined) await this.#advance(action.advance);
    else if (action.align !== undefined)
      await this.#advance((action.align - ((this.#server.now() / 1000) % 60) + 60) % 60);
    else if (action.kubelet) {
      const { pod, status } = action.kubelet;
      const code = await this.#kubelet.told(this.#recorder.fill(pod), status);
      return code === undefined ? undefined : { code };
    } else if (action.stopNode !== undefined)
      this.#kubelet.stopNode(this.#recorder.fill(action.stopNode));
    else if (action.addNode) await this.#addNode(action.addNode);
    else throw new Error(`unknown action ${JSON.stringify(action)}`);
    return undefined;
  }

  async #request(method: string, action: Action): Promise<JsonObject> {
    const { code, body } = await this.#server.request(method, this.#path(action.path ?? ''), {
      ...(action.body !== undefined && { body: this.#fill(action.body) }),
      ...(action.contentType !== undefined && { contentType: action.contentType }),
      userAgent: 'user',
    });
    if (code < 400) return { code };
    if (!isObject(body)) return { code, message: JSON.stringify(body).slice(0, 300) };
    const { reason, message, details } = body;
    return { code, reason, message, ...(details && { details }) };
  }

  /** Lets time pass, with heartbeats of the nodes. */
  async #advance(seconds: number): Promise<void> {
    for (let left = seconds; left > 0.05; left -= 5) {
      await this.#server.sleep(Math.min(left, 5) * 1000);
      await this.#kubelet.beat();
      this.#recorder.pull();
    }
  }

  async #addNode(node: NodeTemplate): Promise<void> {
    const own = this.#fill(node as unknown as JsonValue) as unknown as NodeTemplate;
    this.#kubelet.nodes.add(own.metadata.name);
    await addNode(this.#server, own);
  }

  async #untilQuiet(quietMs: number): Promise<void> {
    for (let still = 0; still < quietMs;) {
      await this.#server.sleep(40);
      still = this.#recorder.pull() ? 0 : still + 40;
    }
  }

  /** Waits until nothing is written any more; the kubelet does one thing whenever it is quiet. */
  async #settle(step: ScenarioStep): Promise<void> {
    const quietMs = step.quiet ?? this.#scenario.quiet ?? 400;
    const mode = step.kubelet ?? this.#scenario.kubelet ?? 'auto';
    const limitMs = step.limit ?? 60_000;
    let still = 0;
    for (let spent = 0; spent <= limitMs; spent += 40) {
      await this.#server.sleep(40);
      still = this.#recorder.pull() ? 0 : still + 40;
      if (still < quietMs) continue;
      if (mode !== 'auto' || !(await this.#kubelet.act())) return;
      still = 0;
    }
  }

  /** What changed in the end states since the last step. */
  async #changedStates(): Promise<Item[]> {
    const now = new Map<string, JsonObject>();
    for (const [place, reference] of this.#recorder.touched) {
      if (['events', 'bindings'].includes(reference.resource)) continue;
      for (const object of await this.#read(reference)) {
        const name = object.metadata.name ?? '';
        if (name === 'kube-root-ca.crt' && this.#scenario.area !== 'namespaces') continue;
        const key = reference.isList ? `${place}/${name}` : place;
        const state = essence(object as unknown as JsonObject);
        now.set(key, this.#recorder.clean(state) as JsonObject);
      }
    }
    const changed: JsonObject[] = [];
    for (const [key, state] of now) if (!same(this.#shown.get(key), state)) changed.push(state);
    for (const [key, { kind, name }] of this.#shown)
      if (!now.has(key)) changed.push({ kind, name, $gone: true });
    this.#shown = now;
    const rank = ({ kind, name }: JsonObject) => `${kind as string}/${name as string}`;
    return changed.sort((a, b) => rank(a).localeCompare(rank(b)));
  }

  async #read(reference: Reference & { isList: boolean }): Promise<KubeObject[]> {
    const { apiGroup, apiVersion, namespace, resource, name, isList } = reference;
    const root = apiGroup ? `/apis/${apiGroup}/${apiVersion}` : `/api/${apiVersion}`;
    const base = `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource}`;
    if (!isList && !name) return [];
    const url = isList ? base : `${base}/${name ?? ''}`;
    const { code, body } = await this.#server.request('GET', url, { userAgent: 'kubelet-stub' });
    if (!isList) return code === 200 ? [body as KubeObject] : [];
    const list = body as { kind: string; apiVersion: string; items?: KubeObject[] };
    const kind = list.kind.replace(/List$/, '');
    return (list.items ?? []).map((item) => ({ ...item, kind, apiVersion: list.apiVersion }));
  }

  #fill(value: JsonValue): JsonValue {
    return JSON.parse(this.#recorder.fill(JSON.stringify(value))) as JsonValue;
  }

  /** A path of a scenario: one without a leading / is in the namespace, or cluster-wide as the kind says. */
  #path(short: string): string {
    const path = this.#recorder.fill(short);
    if (path.startsWith('/')) return path;
    const resource = /^[^/?]*/.exec(path)?.[0] ?? '';
    const inside = namespaced[resource];
    if (inside !== undefined) return `/${inside}/namespaces/${this.#namespace}/${path}`;
    const outside = clusterWide[resource];
    if (outside === undefined) throw new Error(`unknown resource ${path}`);
    return `/${outside}/${path}`;
  }
}

/** What a client takes from an answer to its next request. */
const clientTurnMs = 2;

type NodeObject = KubeObject & {
  spec?: { taints?: { key: string }[] };
  status?: { conditions?: { type: string; status: string }[] };
};

/** Ready and without the taint of a node that is not, or meant not to be ready. */
const isSettled = ({ spec, status }: NodeObject): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is !== 'True') ||
  !spec?.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/not-ready'));
