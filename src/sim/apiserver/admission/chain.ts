import admissionFacts from '../../../api/facts/v1.36/admission.json' with { type: 'json' };
import { changes } from '../../../api/diff.ts';
import { clone, type KubeObject } from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { RequestAttributes } from '../attributes.ts';
import type { Exchange, StageNote } from '../exchange.ts';
import type { AdmissionContext, AdmissionPlugin } from './plugin.ts';
import { choosePlugins, type AdmissionOptions, type ChosenPlugins } from './choice.ts';
import { standsBefore } from './optionalPlugins.ts';

const order = admissionFacts as {
  readonly mutating: readonly string[];
  readonly validating: readonly string[];
};

/** A plugin's place in the order: the plugin itself, or only the name of one that a real server has. */
type Link = { readonly name: string; readonly plugin: AdmissionPlugin | undefined };

/** The plugins in the order of a real server. Models apiserver/pkg/admission/chain.go. */
export class AdmissionChain {
  readonly #mutating: readonly Link[];
  readonly #validating: readonly Link[];

  /** Throws an AdmissionConfigurationError. */
  constructor(options: AdmissionOptions = {}) {
    const chosen = choosePlugins(options);
    this.#mutating = links(order.mutating, 'admit', chosen);
    this.#validating = links(order.validating, 'validate', chosen);
  }

  /** The mutating pass: plugins change `object` in place. */
  async admit(
    exchange: Exchange,
    attributes: RequestAttributes,
    object: KubeObject | undefined,
  ): Promise<void> {
    await exchange.stage('mutatingAdmission', async (note) => {
      const said = new Said(exchange);
      const first = new Round(false);
      await this.#admitOnce(exchange, attributes, object, said, first);
      // Models admission/reinvocation.go: policies may change what plugins before them have looked at.
      if (first.again)
        await this.#admitOnce(exchange, attributes, object, said, new Round(true, first.memory));
      said.summary(note);
    });
  }

  async #admitOnce(
    exchange: Exchange,
    attributes: RequestAttributes,
    object: KubeObject | undefined,
    said: Said,
    round: Round,
  ): Promise<void> {
    let before = object && clone(object);
    for (const { name, plugin } of this.#mutating) {
      if (!plugin?.admit) {
        if (!round.isReinvocation) said.absent('mutatingAdmission', name);
        continue;
      }
      const context = new Context(exchange, round);
      const text = await refusalOf(exchange, 'mutatingAdmission', name, context, () =>
        plugin.admit?.(attributes, object, context),
      );
      // A plugin that says nothing has changed nothing.
      const made = text !== undefined && object ? changes(before, object) : [];
      if (made.length) before = clone(object);
      said.plugin('mutatingAdmission', name, text, {
        verdict: made.length ? 'mutated' : 'passed',
        summary: text ?? '',
        facts: context.facts,
        changes: made,
      });
    }
  }

  async validate(exchange: Exchange, attributes: RequestAttributes): Promise<void> {
    await exchange.stage('validatingAdmission', async (note) => {
      const said = new Said(exchange);
      for (const { name, plugin } of this.#validating) {
        if (!plugin?.validate) {
          said.absent('validatingAdmission', name);
          continue;
        }
        const context = new Context(exchange);
        const text = await refusalOf(exchange, 'validatingAdmission', name, context, () =>
          plugin.validate?.(attributes, context),
        );
        said.plugin('validatingAdmission', name, text, {
          verdict: 'passed',
          summary: text ?? '',
          facts: context.facts,
        });
      }
      said.summary(note);
    });
  }
}

function links(
  names: readonly string[],
  method: 'admit' | 'validate',
  { optional, byDefault, disabled }: ChosenPlugins,
): readonly Link[] {
  const chain: Link[] = names
    .filter((name) => !disabled.has(name))
    .map((name) => {
      const plugin = byDefault.find((candidate) => candidate.name === name && method in candidate);
      return { name, plugin };
    });
  for (const plugin of optional) {
    if (!(method in plugin)) continue;
    const at = chain.findIndex(({ name }) => standsBefore(plugin.name, name));
    chain.splice(at < 0 ? chain.length : at, 0, { name: plugin.name, plugin });
  }
  return chain;
}

/** Runs one plugin; its refusal is recorded under its name before it ends the request. */
async function refusalOf(
  exchange: Exchange,
  stage: 'mutatingAdmission' | 'validatingAdmission',
  name: string,
  context: Context,
  run: () => Promise<string | undefined> | string | undefined,
): Promise<string | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StatusError)
      exchange.record(
        stage,
        { verdict: 'rejected', summary: error.message, facts: context.facts },
        undefined,
        name,
      );
    throw error;
  }
}

/** Collects what the plugins of a pass had to say. */
class Said {
  readonly #exchange: Exchange;
  readonly #detailed: boolean;
  readonly #concerned = new Set<string>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#detailed = exchange.server.explain || exchange.dryRun;
  }

  plugin(
    stage: 'mutatingAdmission' | 'validatingAdmission',
    name: string,
    text: string | undefined,
    note: StageNote,
  ): void {
    if (text !== undefined || note.changes?.length) {
      this.#concerned.add(name);
      this.#exchange.record(stage, note, undefined, name);
    } else if (this.#detailed) this.#skipped(stage, name);
  }

  /** A plugin that has nothing to look at here. */
  absent(stage: 'mutatingAdmission' | 'validatingAdmission', name: string): void {
    if (this.#detailed) this.#skipped(stage, name);
  }

  summary(note: StageNote): void {
    note.summary = this.#concerned.size
      ? `Looked at by ${[...this.#concerned].join(', ')}.`
      : 'No plugin was concerned.';
  }

  #skipped(stage: 'mutatingAdmission' | 'validatingAdmission', name: string): void {
    this.#exchange.record(
      stage,
      { verdict: 'skipped', summary: 'Does not concern this request.' },
      undefined,
      name,
    );
  }
}

/** One round of the mutating pass over all plugins. */
class Round {
  readonly isReinvocation: boolean;
  readonly memory: Map<string, unknown>;
  again = false;

  constructor(isReinvocation: boolean, memory = new Map<string, unknown>()) {
    this.isReinvocation = isReinvocation;
    this.memory = memory;
  }
}

class Context implements AdmissionContext {
  readonly #exchange: Exchange;
  readonly #round: Round;
  readonly facts: Record<string, string> = {};

  constructor(exchange: Exchange, round: Round = new Round(false)) {
    this.#exchange = exchange;
    this.#round = round;
  }

  get resources(): AdmissionContext['resources'] {
    return this.#exchange.server.resources;
  }

  get isReinvocation(): boolean {
    return this.#round.isReinvocation;
  }

  remembered<T>(plugin: string, make: () => T): T {
    const { memory } = this.#round;
    if (!memory.has(plugin)) memory.set(plugin, make());
    return memory.get(plugin) as T;
  }

  get isTrial(): boolean {
    return this.#exchange.server.isFork;
  }

  get callWebhook(): AdmissionContext['callWebhook'] {
    return this.#exchange.server.callWebhook;
  }

  requestReinvocation(): void {
    this.#round.again = true;
  }

  get authorizer(): AdmissionContext['authorizer'] {
    return this.#exchange.server.authorizer;
  }

  get clock(): AdmissionContext['clock'] {
    return this.#exchange.server.clock;
  }

  get random(): AdmissionContext['random'] {
    return this.#exchange.server.random;
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined> {
    const { store, resources } = this.#exchange.server;
    const served = resources.get(resource.group, resource.version, resource.resource);
    if (!served?.storage || !name) return undefined;
    return (await store.get(served, namespace, name))?.object as T | undefined;
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
  ): Promise<readonly T[]> {
    const { store, resources } = this.#exchange.server;
    const served = resources.get(resource.group, resource.version, resource.resource);
    if (!served?.storage) return [];
    return (await store.list(served, namespace)).items.map(({ object }) => object as T);
  }

  warn(text: string): void {
    this.#exchange.warn(text);
  }

  audit(key: string, value: string): void {
    this.#exchange.auditAnnotations[key] = value;
  }

  fact(key: string, value: string): void {
    this.facts[key] = value;
  }

  async writeStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<boolean> {
    const { dryRun, event, server } = this.#exchange;
    if (dryRun) return true;
    await this.#exchange.settle();
    try {
      await server.loopback.update(resource, clone(object), { cause: event }, 'status');
      return true;
    } catch (error) {
      if (isStatus(error, 'Conflict') || isStatus(error, 'NotFound')) return false;
      throw error;
    }
  }
}
