import { Emitter } from '../../base/emitter.ts';
import { Disposable } from '../../base/disposable.ts';
import { formatTime, type Clock, type Micros } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import discoveryFacts from '../../api/facts/v1.36/discovery.json' with { type: 'json' };
import type { JsonObject } from '../../api/meta.ts';
import { StatusError, type Status } from '../../api/status.ts';
import type { Api, ApiRequest, ApiResponse } from '../../api/wire.ts';
import type { TraceSink } from '../../trace/sink.ts';
import { ApiClient } from '../client/apiClient.ts';
import type { EtcdKv } from '../etcd/kv.ts';
import { EtcdError, grpcCode } from '../etcd/errors.ts';
import { AdmissionChain } from './admission/chain.ts';
import type { AdmissionOptions } from './admission/choice.ts';
import { nobodyListens, type WebhookCaller } from './admission/webhooks/caller.ts';
import { auditEvent, type AuditSink } from './audit/audit.ts';
import type { TokenIssuer } from './authn/tokens.ts';
import { UnionAuthorizer } from './authz/authorize.ts';
import { NodeAuthorizer } from './authz/nodeAuthorizer.ts';
import { RbacAuthorizer } from './authz/rbac.ts';
import { bootstrap } from './bootstrap/bootstrap.ts';
import { deadlineExceeded, inTime } from './deadline.ts';
import { Exchange } from './exchange.ts';
import { Catalog } from './customResources/catalog.ts';
import { DefinitionController } from './customResources/controller.ts';
import { FlowClassifier } from './flowcontrol/classify.ts';
import { Metrics } from './metrics.ts';
import { enter } from './pipeline.ts';
import { restore, type Restored } from './restore.ts';
import { ResourceRegistry } from './registry/resources.ts';
import { rulesOf } from './registry/rules.ts';
import type { Descriptions } from './openapi/descriptions.ts';
import type { LogSource } from './rest/log.ts';
import { respondFailure } from './rest/respond.ts';
import { route } from './rest/router.ts';
import type { ServerParts, StaticUser } from './serverParts.ts';
import { Compactor } from './storage/compactor.ts';
import { LeaseManager } from './storage/leaseManager.ts';
import { ObjectStore } from './storage/objectStore.ts';

export interface ApiServerOptions extends AdmissionOptions {
  readonly kv: EtcdKv;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink;
  readonly tokens: TokenIssuer;
  /** PEM of the CA that client certificates are checked with. */
  readonly caPem: string;
  /** Where Services get their addresses: `10.96.0.0/16`. */
  readonly serviceCidr: string;
  /** Bearer tokens that stand for a user as they are. */
  readonly staticTokens?: ReadonlyMap<string, StaticUser>;
  readonly logs?: LogSource;
  /** What types and fields are for, for OpenAPI documents; asked when one is served. */
  readonly descriptions?: () => Descriptions;
  /** Calls admission webhooks in the real network; without it, nothing listens anywhere. */
  readonly callWebhook?: WebhookCaller;
  readonly isFork?: boolean;
  /**
   * kube-apiserver's --etcd-compaction-interval; 0, and unless given: never, so that the history of keys does not end after five
   * minutes, as it does there.
   */
  readonly etcdCompactionInterval?: Micros;
  /** kube-apiserver's flag; false unless given, as there. */
  readonly allowPrivileged?: boolean;
  /** Whether stages take modelled time; they do unless this is false. */
  readonly latency?: boolean;
  /** Whether the record names every plugin, even those that a request does not concern. */
  readonly explain?: boolean;
}

/** What somebody who runs a server chooses. */
export type ApiServerFlags = AdmissionOptions &
  Pick<ApiServerOptions, 'allowPrivileged' | 'etcdCompactionInterval' | 'callWebhook'>;

const none: Descriptions = {};
const noDescriptions = (): Descriptions => none;

/** The simulated kube-apiserver: the pipeline over a store. Several may stand over one store, or over forks of it. */
export class ApiServer extends Disposable implements Api {
  readonly #onDidAudit = new Emitter<JsonObject>();
  /** audit.k8s.io/v1 events, when a response is complete. They are only made while somebody listens. */
  readonly onDidAudit = this.#onDidAudit.event;
  readonly #options: ApiServerOptions;
  readonly #parts: ServerParts;
  readonly #catalog: Catalog;
  readonly #definitions: DefinitionController;

  constructor(options: ApiServerOptions, resources: ResourceRegistry = new ResourceRegistry()) {
    super();
    this.#options = options;
    const { kv, clock, random, trace, tokens, caPem, serviceCidr } = options;
    this.#catalog = new Catalog(kv, clock, resources);
    const store = new ObjectStore(
      kv,
      (object, resource) => rulesOf(resource).default_(object),
      new LeaseManager(kv, clock, random.fork('leases')),
    );
    const rbac = this._register(new RbacAuthorizer(store, resources));
    const emitter = this.#onDidAudit;
    const audit: AuditSink = {
      get isOn() {
        return emitter.hasListeners;
      },
      write: (event) => emitter.fire(event),
    };
    this.#parts = {
      kv,
      clock,
      random,
      trace,
      store,
      resources,
      refreshResources: () => this.#catalog.refresh(),
      tokens,
      staticTokens: options.staticTokens ?? new Map(),
      authorizer: new UnionAuthorizer([new NodeAuthorizer(store, resources), rbac]),
      rbac,
      flows: this._register(new FlowClassifier(store, resources)),
      admission: new AdmissionChain(options),
      audit,
      metrics: new Metrics(),
      loopback: new ApiClient(this, {
        component: 'apiserver',
        user: { name: 'system:apiserver', groups: ['system:masters'] },
        userAgent: 'kube-apiserver/v1.36.3 (linux/amd64) kubernetes/$Format',
      }),
      logs: options.logs,
      serviceCidr,
      caPem,
      isFork: options.isFork ?? false,
      allowPrivileged: options.allowPrivileged ?? false,
      callWebhook: options.callWebhook ?? nobodyListens,
      latency: options.latency ?? true,
      explain: options.explain ?? false,
      version: versionOf(clock),
      descriptions: options.descriptions ?? noDescriptions,
    };
    this.#definitions = new DefinitionController(this.#parts);
  }

  /**
   * Writes what a real API server writes when it starts: namespaces, roles, flow schemas, the Service `kubernetes` ….
   * With `aggregated`, the roles admin, edit and view come with the rules that the clusterrole-aggregation controller
   * would give them; a server without controllers has them empty, as a real one.
   */
  async boot(options: { readonly aggregated?: boolean } = {}): Promise<void> {
    await bootstrap(this.#parts, options.aggregated ?? false);
    const { etcdCompactionInterval: interval, kv, clock, trace } = this.#options;
    if (interval) this._register(new Compactor(kv, clock, trace, interval));
  }

  /** What is served: built-in resources, and those of CustomResourceDefinitions. */
  get resources(): ResourceRegistry {
    return this.#parts.resources;
  }

  /** Puts objects there as they were in another cluster, past all rules. See restore.ts. */
  restore(objects: readonly JsonObject[], namespace?: string): Promise<Restored> {
    return restore(this.#parts, objects, namespace);
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    await this.#catalog.refresh();
    const exchange = new Exchange(this.#parts, request);
    const work = this.#serve(exchange);
    const response = await (this.#parts.kv.mayStall ? inTime(exchange, work) : work);
    if (changesDefinitions(exchange, response)) await this.#definitions.settle(exchange.event);
    await exchange.settleResponse();
    this.#finish(exchange, response);
    return response;
  }

  /** A light server over another store (a fork), without modelled time, that records every plugin. For dry runs. */
  fork(kv: EtcdKv, clock: Clock, trace: TraceSink): ApiServer {
    const random = this.#options.random.fork(`fork ${kv.revision}`);
    const options = {
      ...this.#options,
      kv,
      clock,
      trace,
      random,
      latency: false,
      explain: true,
      isFork: true,
    };
    return new ApiServer(options);
  }

  async #serve(exchange: Exchange): Promise<ApiResponse> {
    try {
      await enter(exchange);
      return await route(exchange);
    } catch (error) {
      if (error instanceof StatusError) return respondFailure(exchange, error);
      if (error instanceof EtcdError) return respondFailure(exchange, storageFailure(error));
      throw error;
    }
  }

  #finish(exchange: Exchange, response: ApiResponse): void {
    const failed = exchange.failed as unknown as Status | undefined;
    this.#parts.metrics.count(exchange, response.code);
    this.#parts.trace.emit('apiserver', exchange.event, {
      type: 'response',
      code: response.code,
      ...(failed?.reason && { reason: failed.reason }),
      ...(failed?.message && { message: failed.message }),
      ...(exchange.warnings.length && { warnings: [...exchange.warnings] }),
    });
    if (this.#parts.audit.isOn)
      this.#parts.audit.write(
        auditEvent(exchange, response.code, failed as unknown as JsonObject | undefined),
      );
  }
}

/** Whether a definition was written, or an object of one that waits for its last. */
function changesDefinitions({ info, dryRun, server }: Exchange, { code }: ApiResponse): boolean {
  const { group, version, resource, verb } = info;
  if (!info.isResourceRequest || dryRun || code >= 300 || READS.has(verb)) return false;
  if (group === 'apiextensions.k8s.io') return true;
  return server.resources.get(group, version, resource)?.custom?.isTerminating === true;
}

const READS = new Set(['get', 'list', 'watch']);

/** The body of /version: that of a real server, with what it was built of and when told as it is. */
function versionOf(clock: Clock): JsonObject {
  const { version } = discoveryFacts as { version: JsonObject };
  const built = formatTime(clock.now());
  return { ...version, gitCommit: 'simulated', buildDate: built, goVersion: 'simulated' };
}

/** etcd's own words, as an API server passes them on: a 500 without a reason. */
export function storageFailure(error: EtcdError): StatusError {
  if (error.code === grpcCode.deadlineExceeded) return deadlineExceeded();
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    code: 500,
  });
}
