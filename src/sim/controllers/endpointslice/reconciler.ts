import { clone } from '../../../api/meta.ts';
import { endpointslices } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { Node, Pod, Service } from '../../../api/types/coreV1.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discoveryV1.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import type { Lister } from '../../client/objectCache.ts';
import { RetryError } from '../../client/worker.ts';
import { isNamespaceTerminating } from '../shared/objects.ts';
import { belongs, LAST_CHANGE } from '../shared/serviceEndpoints.ts';
import { withHints } from './hints.ts';
import * as slices from './slices.ts';
import type { SliceTracker } from './sliceTracker.ts';

const MAX_ENDPOINTS = 100;

export interface SliceWork {
  readonly service: Service;
  readonly pods: readonly Pod[];
  readonly existing: readonly EndpointSlice[];
  readonly lastChange: string | undefined;
  readonly nodes: Lister<Node>;
  readonly client: Client;
  readonly tracker: SliceTracker;
  readonly cause: Cause;
}

interface Plan {
  create: EndpointSlice[];
  update: EndpointSlice[];
  remove: EndpointSlice[];
}

/** Brings the slices of a Service in line with its pods. Models k8s.io/endpointslice Reconciler.Reconcile. */
export async function reconcileSlices(work: SliceWork): Promise<string> {
  const types = slices.addressTypesOf(work.service);
  const errors: string[] = [];
  const done = { created: 0, updated: 0, deleted: 0 };
  for (const type of types) {
    const plan = planFor(work, type, errors);
    await carryOut(work, plan, done);
  }
  for (const slice of work.existing)
    if (!types.some((type) => type === slice.addressType)) {
      await remove(work, slice);
      done.deleted++;
    }
  const [first] = errors;
  if (first !== undefined)
    throw new RetryError(errors.length === 1 ? first : `[${errors.join(', ')}]`);
  const words = Object.entries(done).filter(([, count]) => count > 0);
  return words.length
    ? `slices: ${words.map(([verb, count]) => `${count} ${verb}`).join(', ')}`
    : 'its slices are right';
}

/** Models reconcileByAddressType. */
function planFor(work: SliceWork, type: slices.AddressType, errors: string[]): Plan {
  const { service } = work;
  const existing = work.existing.filter((slice) => slice.addressType === type);
  const plan: Plan = { create: [], update: [], remove: [] };
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of existing)
    if (!slices.isOwnedBy(slice, service)) plan.remove.push(slice);
    else {
      const key = slices.portKey(slice.ports);
      byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
    }
  const desired = desiredEndpoints(work, type, errors);
  for (const [key, { ports, endpoints }] of desired)
    planPorts(service, byPorts.get(key) ?? [], ports, endpoints, type, plan);
  for (const [key, old] of byPorts) if (!desired.has(key)) plan.remove.push(...old);
  if (existing.length === plan.remove.length && plan.create.length === 0)
    keepPlaceholder(service, type, plan);
  addHints(service, existing, plan);
  return plan;
}

interface Desired {
  readonly ports: EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

function desiredEndpoints(
  { service, pods, nodes }: SliceWork,
  type: slices.AddressType,
  errors: string[],
): Map<string, Desired> {
  const desired = new Map<string, Desired>();
  for (const pod of pods) {
    if (!belongs(pod, true)) continue;
    const ports = slices.portsOf(service, pod);
    const key = slices.portKey(ports);
    const entry = desired.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    desired.set(key, entry);
    const nodeName = pod.spec?.nodeName ?? '';
    const node = nodes.byKey(nodeName);
    if (!node && !service.spec?.publishNotReadyAddresses) {
      const { namespace = '', name = '' } = service.metadata;
      errors.push(
        `skipping Pod ${pod.metadata.name ?? ''} for Service ${namespace}/${name}: Node ${nodeName} Not Found`,
      );
      continue;
    }
    const endpoint = slices.endpointOf(pod, node, service, type);
    if (endpoint) entry.endpoints.set(slices.endpointKey(endpoint), endpoint);
  }
  return desired;
}

/** Keeps what is there, changes what must be, then fills up. Models reconcileByPortMapping. */
function planPorts(
  service: Service,
  existing: readonly EndpointSlice[],
  ports: EndpointPort[],
  desired: Map<string, Endpoint>,
  type: slices.AddressType,
  plan: Plan,
): void {
  const update = new Map<string, EndpointSlice>();
  const unchanged = new Map<string, EndpointSlice>();
  for (const slice of existing) {
    const name = slice.metadata.name ?? '';
    const { kept, changed } = keep(slice.endpoints ?? [], desired);
    if (changed && kept.length === 0) plan.remove.push(slice);
    else if (changed || slices.labelsChanged(slice, service)) {
      const copy = clone(slice);
      if (changed) copy.endpoints = kept;
      copy.metadata.labels = slices.sliceLabels(service);
      update.set(name, copy);
    } else unchanged.set(name, slice);
  }
  for (const slice of [...update.values()].sort(
    (a, b) => (b.endpoints?.length ?? 0) - (a.endpoints?.length ?? 0),
  ))
    fill(slice, desired);
  while (desired.size > 0) {
    const closest =
      desired.size < MAX_ENDPOINTS ? sliceToFill([...unchanged.values()], desired.size) : undefined;
    const slice = closest ? clone(closest) : slices.newSlice(service, ports, type);
    fill(slice, desired);
    const { name } = slice.metadata;
    if (name) {
      update.set(name, slice);
      unchanged.delete(name);
    } else plan.create.push(slice);
  }
  plan.update.push(...update.values());
}

/** @param desired those that are found are taken out */
function keep(
  endpoints: readonly Endpoint[],
  desired: Map<string, Endpoint>,
): { kept: Endpoint[]; changed: boolean } {
  const kept: Endpoint[] = [];
  let changed = false;
  for (const endpoint of endpoints) {
    const key = slices.endpointKey(endpoint);
    const wanted = desired.get(key);
    desired.delete(key);
    if (!wanted) {
      changed = true;
      continue;
    }
    const isSame = slices.sameBeyondKey(wanted, endpoint);
    changed ||= !isSame;
    kept.push(isSame && endpoint.hints ? { ...wanted, hints: endpoint.hints } : wanted);
  }
  return { kept, changed };
}

function fill(slice: EndpointSlice, desired: Map<string, Endpoint>): void {
  const endpoints = [...(slice.endpoints ?? [])];
  for (const [key, endpoint] of desired) {
    if (endpoints.length >= MAX_ENDPOINTS) break;
    endpoints.push(endpoint);
    desired.delete(key);
  }
  slice.endpoints = endpoints;
}

/** The fullest one that has room for all of them. */
function sliceToFill(
  candidates: readonly EndpointSlice[],
  count: number,
): EndpointSlice | undefined {
  let best: EndpointSlice | undefined;
  let left = MAX_ENDPOINTS;
  for (const slice of candidates) {
    const room = MAX_ENDPOINTS - count - (slice.endpoints?.length ?? 0);
    if (room >= 0 && room < left) {
      left = room;
      best = slice;
    }
  }
  return best;
}

/** A Service always has a slice, if an empty one. */
function keepPlaceholder(service: Service, type: slices.AddressType, plan: Plan): void {
  const placeholder = slices.newSlice(service, [], type);
  const [only, ...more] = plan.remove;
  const isPlaceholder =
    only !== undefined &&
    more.length === 0 &&
    (only.endpoints?.length ?? 0) === 0 &&
    (only.ports?.length ?? 0) === 0 &&
    slices.isOwnedBy(only, service) &&
    sameLabels(only, placeholder);
  if (isPlaceholder) plan.remove = [];
  else plan.create.push(placeholder);
}

const sameLabels = (a: EndpointSlice, b: EndpointSlice): boolean =>
  JSON.stringify(Object.entries(a.metadata.labels ?? {}).sort()) ===
  JSON.stringify(Object.entries(b.metadata.labels ?? {}).sort());

function addHints(service: Service, existing: readonly EndpointSlice[], plan: Plan): void {
  const touched = new Set([...plan.update, ...plan.remove].map(({ metadata }) => metadata.name));
  for (const slice of existing) {
    if (touched.has(slice.metadata.name)) continue;
    const hinted = (slice.endpoints ?? []).map((endpoint) => withHints(endpoint, service));
    const isSame = hinted.every(
      (endpoint, index) =>
        JSON.stringify(endpoint.hints) === JSON.stringify(slice.endpoints?.[index]?.hints),
    );
    if (!isSame) plan.update.push(clone(slice));
  }
  for (const slice of [...plan.create, ...plan.update])
    slice.endpoints = (slice.endpoints ?? []).map((endpoint) => withHints(endpoint, service));
}

/** Models Reconciler.finalize: what is to go is used for what is to come. */
async function carryOut(
  work: SliceWork,
  plan: Plan,
  done: { created: number; updated: number; deleted: number },
): Promise<void> {
  const { service, client, tracker, cause } = work;
  const create = [...plan.create];
  const update = [...plan.update];
  const gone: EndpointSlice[] = [];
  for (const old of plan.remove) {
    const next = slices.isOwnedBy(old, service) ? create.pop() : undefined;
    if (next) {
      const { name = '' } = old.metadata;
      update.push({ ...next, metadata: { ...next.metadata, name } });
    } else gone.push(old);
  }
  if (!service.metadata.deletionTimestamp)
    for (const slice of create)
      try {
        tracker.wrote(await client.create(endpointslices, dated(work, slice), cause));
        done.created++;
      } catch (error) {
        if (isNamespaceTerminating(error)) return;
        throw failed('create', '', service, error);
      }
  for (const slice of update)
    try {
      tracker.wrote(await client.update(endpointslices, dated(work, slice), cause));
      done.updated++;
    } catch (error) {
      throw failed('update', slice.metadata.name ?? '', service, error);
    }
  for (const slice of gone) {
    await remove(work, slice);
    done.deleted++;
  }
}

async function remove(work: SliceWork, slice: EndpointSlice): Promise<void> {
  const { client, service, tracker, cause } = work;
  const { namespace = '', name = '' } = slice.metadata;
  try {
    await client.delete(endpointslices, namespace, name, {}, cause);
  } catch (error) {
    throw failed('delete', name, service, error);
  }
  tracker.expectDeletion(slice);
}

function dated({ lastChange }: SliceWork, slice: EndpointSlice): EndpointSlice {
  const annotations = { ...slice.metadata.annotations };
  delete annotations[LAST_CHANGE];
  if (lastChange !== undefined) annotations[LAST_CHANGE] = lastChange;
  return withNulls({ ...slice, metadata: { ...slice.metadata, annotations } });
}

function failed(verb: string, name: string, service: Service, error: unknown): unknown {
  if (!(error instanceof StatusError)) return error;
  const { namespace = '', name: serviceName = '' } = service.metadata;
  return new RetryError(
    `failed to ${verb} ${name ? `${name} ` : ''}EndpointSlice for Service ${namespace}/${serviceName}: ${error.message}`,
  );
}

/** Empty lists go as null, as they do after the protobuf encoding that the real controller sends. */
function withNulls(slice: EndpointSlice): EndpointSlice {
  const { endpoints, ports } = slice;
  return {
    ...slice,
    endpoints: (endpoints?.length ? endpoints : null) as Endpoint[],
    ports: (ports?.length ? ports : null) as EndpointPort[],
  };
}
