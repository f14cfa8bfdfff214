import type { Clock } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import type { JsonObject } from '../../api/meta.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { Client } from '../client/client.ts';
import type { EtcdKv } from '../etcd/kv.ts';
import type { AdmissionChain } from './admission/chain.ts';
import type { WebhookCaller } from './admission/webhooks/caller.ts';
import type { AuditSink } from './audit/audit.ts';
import type { TokenIssuer } from './authn/tokens.ts';
import type { Authorizer } from './authz/authorizer.ts';
import type { RbacAuthorizer } from './authz/rbac.ts';
import type { Metrics } from './metrics.ts';
import type { FlowClassifier } from './flowcontrol/classify.ts';
import type { Descriptions } from './openapi/descriptions.ts';
import type { LogSource } from './rest/log.ts';
import type { ResourceRegistry } from './registry/resources.ts';
import type { ObjectStore } from './storage/objectStore.ts';

/** What the stages and the verbs work with. One set per API server; a fork has its own over a forked store. */
export interface ServerParts {
  readonly kv: EtcdKv;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink;
  readonly store: ObjectStore;
  readonly resources: ResourceRegistry;
  /** Brings the resources in step with the CustomResourceDefinitions in the store. */
  readonly refreshResources: () => Promise<void>;
  readonly tokens: TokenIssuer;
  readonly staticTokens: ReadonlyMap<string, StaticUser>;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly flows: FlowClassifier;
  readonly admission: AdmissionChain;
  readonly audit: AuditSink;
  readonly metrics: Metrics;
  /** Requests of the server to itself, through all stages: as system:apiserver, as those of a real one. */
  readonly loopback: Client;
  readonly logs: LogSource | undefined;
  readonly serviceCidr: string;
  /** The CA that signs client certificates and the server's own, as PEM. */
  readonly caPem: string;
  /** Whether containers may be privileged: kube-apiserver's --allow-privileged. */
  readonly allowPrivileged: boolean;
  /** Whether this server stands on a fork, where nothing is real. */
  readonly isFork: boolean;
  readonly callWebhook: WebhookCaller;
  /** Whether stages take modelled time. Off on forks for dry runs. */
  readonly latency: boolean;
  /** Whether the record names every plugin that a request passed, even those it does not concern. */
  readonly explain: boolean;
  readonly version: JsonObject;
  /** For OpenAPI documents; asked when one is served. */
  readonly descriptions: () => Descriptions;
}

/** A line of a static token file. */
export interface StaticUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
}
