import type { CustomResourceDefinition } from '../../../api/types/apiextensionsV1.ts';
import { second, type Clock } from '../../../base/time.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { EtcdKv, KeyValue } from '../../etcd/kv.ts';
import { keyOfText, prefixEnd } from '../../etcd/key.ts';
import type { ResourceRegistry, ServedResource } from '../registry/resources.ts';
import { storedObject } from '../storage/storedValue.ts';
import { servedResources } from './definitions.ts';

/** What a request waits for definitions at most. */
const patience = second;
const PREFIX = '/registry/apiextensions.k8s.io/customresourcedefinitions/';

/** By the pair that holds the definition: a fork serves what it shares with its server with the same rules. */
const served = new WeakMap<KeyValue, readonly ServedResource[]>();

/** Keeps a server's resources in step with the CustomResourceDefinitions in its store. */
export class Catalog {
  readonly #kv: EtcdKv;
  readonly #clock: Clock;
  readonly #resources: ResourceRegistry;
  #revision = -1;
  #looking: Promise<void> | undefined;
  /** Somebody has waited long enough for the look that is under way: nobody else needs to. */
  #isStalled = false;
  #seen: readonly KeyValue[] = [];

  constructor(kv: EtcdKv, clock: Clock, resources: ResourceRegistry) {
    this.#kv = kv;
    this.#clock = clock;
    this.#resources = resources;
  }

  /** Looks for definitions that changed. A store that does not answer, or not soon, leaves all as it was. */
  async refresh(): Promise<void> {
    const { revision } = this.#kv;
    if (revision === this.#revision) return;
    if (!this.#kv.mayStall) {
      await this.#look();
      return;
    }
    // One look is under way at most, and it may have begun too early for this request.
    for (let looks = 0; looks < 2 && this.#revision < revision && !this.#isStalled; looks++) {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
        this.#isStalled = false;
      });
      await this.#forAWhile(this.#looking);
    }
  }

  async #look(): Promise<void> {
    const { revision } = this.#kv;
    const key = keyOfText(PREFIX);
    try {
      const { kvs } = await this.#kv.range({ key, rangeEnd: prefixEnd(key) });
      this.#revision = revision;
      this.#take(kvs);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
    }
  }

  #forAWhile(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(patience, () => {
        this.#isStalled = true;
        resolve();
      });
      const done = (): void => {
        timer.dispose();
        resolve(work);
      };
      work.then(done, done);
    });
  }

  #take(kvs: readonly KeyValue[]): void {
    const isSame = kvs.length === this.#seen.length && kvs.every((kv, at) => kv === this.#seen[at]);
    if (isSame) return;
    this.#seen = kvs;
    this.#resources.setCustom(kvs.flatMap(resourcesOf));
  }
}

function resourcesOf(kv: KeyValue): readonly ServedResource[] {
  let resources = served.get(kv);
  if (!resources) {
    resources = servedResources(definitionIn(kv));
    served.set(kv, resources);
  }
  return resources;
}

const broken = { spec: { versions: [] } } as unknown as CustomResourceDefinition;

/** Somebody may have written anything there, past the server. */
function definitionIn(kv: KeyValue): CustomResourceDefinition {
  try {
    const value = storedObject(kv.value) as Partial<CustomResourceDefinition> | null;
    return value?.spec?.versions ? (value as CustomResourceDefinition) : broken;
  } catch {
    return broken;
  }
}
