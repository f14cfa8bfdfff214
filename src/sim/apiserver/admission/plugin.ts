import type { KubeObject } from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import type { Clock } from '../../../base/time.ts';
import type { Random } from '../../../base/random.ts';
import type { RequestAttributes } from '../attributes.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { ResourceRegistry } from '../registry/resources.ts';
import type { WebhookCaller } from './webhooks/caller.ts';

/** What a plugin may look at: stored objects (as its informers would have them), who is asking, time and chance. */
export interface AdmissionContext {
  get<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined>;
  list<T extends KubeObject>(resource: Resource<T>, namespace: string): Promise<readonly T[]>;
  readonly authorizer: Authorizer;
  /** What the server serves, custom resources included. */
  readonly resources: ResourceRegistry;
  /** Whether this is the second round of the mutating pass. */
  readonly isReinvocation: boolean;
  /** What a plugin remembers of this request from one round to the next. */
  remembered<T>(plugin: string, make: () => T): T;
  /** Has all mutating plugins look at the object once more, for it has changed behind them. */
  requestReinvocation(): void;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether nothing of this is real: a dry-run on a fork. */
  readonly isTrial: boolean;
  /** Rejects with NoAnswer. */
  readonly callWebhook: WebhookCaller;
  /** Adds a Warning header. */
  warn(text: string): void;
  /** Adds an audit annotation. */
  audit(key: string, value: string): void;
  /** Adds a fact to the plugin's stage event. */
  fact(key: string, value: string): void;
  /**
   * Charges a quota: writes its status, by a request of the server to itself, unless this one is a dry run. Returns
   * false when somebody else was first (optimistic lock).
   */
  writeStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<boolean>;
}

/**
 * An admission plugin. A refusal throws a StatusError (usually `forbidden`). What it looked at goes into the returned
 * sentence, which the stages view shows; undefined means that the request does not concern it.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** Changes `object` in place. Joins the mutating pass. */
  admit?(
    attributes: RequestAttributes,
    object: KubeObject | undefined,
    context: AdmissionContext,
  ): Promise<string | undefined> | string | undefined;
  /** Joins the validating pass. */
  validate?(
    attributes: RequestAttributes,
    context: AdmissionContext,
  ): Promise<string | undefined> | string | undefined;
}
