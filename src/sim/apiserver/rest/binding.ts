import { defined } from '../../../base/assert.ts';
import { formatTime } from '../../../base/time.ts';
import {
  FieldPath,
  invalid,
  notSupported,
  required,
  errorBody,
  type FieldError,
} from '../../../api/field.ts';
import { clone, type KubeObject } from '../../../api/meta.ts';
import { badRequest, conflict, notFound, StatusError } from '../../../api/status.ts';
import type { Pod, PodCondition } from '../../../api/types/coreV1.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { success } from './respond.ts';
import type { RestTarget } from './target.ts';
import { createVirtual } from './virtualCreate.ts';

interface Binding extends KubeObject {
  readonly target?: { readonly kind?: string; readonly name?: string };
}

const MAX_RETRIES = 100;

/** POST of a Binding to pods/NAME/binding or to bindings. Models kubernetes/pkg/registry/core/pod/storage BindingREST. */
export function bindPod(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  return createVirtual(
    exchange,
    target,
    { keepsSystemFields: true },
    async ({ object, write, validate }) => {
      const binding = object as Binding;
      const { name = '' } = binding.metadata;
      if (target.name && target.name !== name)
        throw badRequest('name in URL does not match name in Binding object');
      await exchange.stage('validation', (note) => {
        const errors = bindingErrors(binding);
        if (errors.length) throw aggregate(errors);
        note.summary = 'A valid Binding.';
      });
      await validate();
      await exchange.stage('storage', async (note) => {
        await exchange.settle();
        const revision = await assign(exchange, target.namespace, binding, write.dryRun);
        note.summary =
          revision === undefined
            ? 'Dry run: the Pod is not bound.'
            : `Bound to ${binding.target?.name ?? ''} at revision ${revision}.`;
        if (revision !== undefined) note.facts = { revision };
      });
      return success(undefined, 201);
    },
  );
}

/** Models ValidatePodBinding. */
function bindingErrors(binding: Binding): FieldError[] {
  const { kind = '', name = '' } = binding.target ?? {};
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node')
    errors.push({
      ...notSupported(FieldPath.of('target', 'kind'), kind, ['Node']),
      detail: 'supported values: "Node", "<empty>"',
    });
  if (name === '') errors.push(required(FieldPath.of('target', 'name')));
  else if (name === '.' || name === '..')
    errors.push(invalid(FieldPath.of('target', 'name'), name, `may not be '${name}'`));
  return errors;
}

/** Errors that are not wrapped into an Invalid: a plain 500 with their texts. */
function aggregate(errors: readonly FieldError[]): StatusError {
  const texts = errors.map((error) => `${error.field}: ${errorBody(error)}`);
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: texts.length > 1 ? `[${texts.join(', ')}]` : (texts[0] ?? ''),
    code: 500,
  });
}

async function assign(
  exchange: Exchange,
  namespace: string,
  binding: Binding,
  dryRun: boolean,
): Promise<string | undefined> {
  const { store, resources, clock } = exchange.server;
  const pods = defined(resources.get('', 'v1', 'pods'), 'pods are served');
  const { name = '', uid, resourceVersion, annotations, labels } = binding.metadata;
  const about = { group: '', resource: 'pods' };
  for (let attempt = 0; attempt < MAX_RETRIES; attempt++) {
    const old = await store.get(pods, namespace, name);
    if (!old) throw notFound(about, name);
    const live = old.object as Pod;
    if (uid && uid !== live.metadata.uid)
      throw conflict(
        about,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`,
      );
    if (resourceVersion && resourceVersion !== live.metadata.resourceVersion)
      throw conflict(
        about,
        name,
        `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${live.metadata.resourceVersion ?? ''}`,
      );
    const problem = obstacle(live);
    if (problem) throw conflict({ group: '', resource: 'pods/binding' }, name, problem);
    const pod = clone(live);
    const spec = defined(pod.spec, 'a stored Pod has a spec');
    spec.nodeName = binding.target?.name ?? '';
    if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
    if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
    const status = (pod.status ??= {});
    delete status.nominatedNodeName;
    status.conditions = withCondition(
      status.conditions ?? [],
      { type: 'PodScheduled', status: 'True' },
      formatTime(clock.now()),
    );
    if (dryRun) return undefined;
    const outcome = await store.replace(pods, old, pod, exchange.event);
    if (outcome.done) return String(outcome.stored.kv.modRevision);
  }
  throw conflict({ group: '', resource: 'pods/binding' }, name, 'too many writers');
}

function obstacle({ metadata, spec }: Pod): string | undefined {
  const name = metadata.name ?? '';
  if (metadata.deletionTimestamp)
    return `pod ${name} is being deleted, cannot be assigned to a host`;
  if (spec?.nodeName) return `pod ${name} is already assigned to node "${spec.nodeName}"`;
  if (spec?.schedulingGates?.length) return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}

/** Models podutil.UpdatePodCondition: the time moves only when the status does. */
export function withCondition(
  conditions: readonly PodCondition[],
  condition: PodCondition,
  now: string,
): PodCondition[] {
  const old = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime =
    old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
  const next: PodCondition = {
    lastProbeTime: null,
    lastTransitionTime,
    ...condition,
  } as PodCondition;
  return old ? conditions.map((one) => (one === old ? next : one)) : [...conditions, next];
}
