import type { JsonObject, KubeObject, OwnerReference } from '../../../api/meta.ts';
import { parseTime, type Micros } from '../../../base/time.ts';
import { isStatus, StatusError } from '../../../api/status.ts';

/** The reference by which a controller marks what it manages. Models metav1.NewControllerRef. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name ?? '',
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
  object.metadata.ownerReferences?.some(
    (reference) => reference.controller === true && reference.uid === owner.metadata.uid,
  ) ?? false;

/** The time of a creationTimestamp and the like; 0 when there is none. */
export const timeOf = (text: string | null | undefined): Micros =>
  text ? (parseTime(text) ?? 0) : 0;

/** By age, then by name. Models controller.ReplicaSetsByCreationTimestamp and its kin. */
export function byCreation(a: KubeObject, b: KubeObject): number {
  const age = timeOf(a.metadata.creationTimestamp) - timeOf(b.metadata.creationTimestamp);
  return age === 0 ? byName(a, b) : age;
}

export function byName(a: KubeObject, b: KubeObject): number {
  const [left = '', right = ''] = [a.metadata.name, b.metadata.name];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Leaves out what Go's `omitempty` leaves out: zero, '', false, empty lists and what is undefined. */
export function omitEmpty<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    const isEmpty =
      member === undefined ||
      member === null ||
      member === 0 ||
      member === '' ||
      member === false ||
      (Array.isArray(member) && member.length === 0);
    if (!isEmpty) kept[key] = member;
  }
  return kept as { [K in keyof T]?: NonNullable<T[K]> };
}

/** Whether the refusal is because the namespace is being deleted. Models HasStatusCause(NamespaceTerminating). */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof StatusError &&
  (error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false);

/** Runs a request that may find nothing; the answer is then undefined. */
export async function unlessNotFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** A typed object as plain JSON, for the body of a request. */
export const asJson = (value: object): JsonObject => value as JsonObject;

/** Runs all, and throws the first failure when all have ended. Models sync.WaitGroup with an error channel. */
export async function allSettled(tasks: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
