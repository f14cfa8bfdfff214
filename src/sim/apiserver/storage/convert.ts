import {
  groupVersion,
  type GroupVersionKind,
  type JsonObject,
  type KubeObject,
} from '../../../api/meta.ts';
import { eventFromV1, eventToV1 } from './convertEvents.ts';
import { horizontalPodAutoscalerToV1, horizontalPodAutoscalerToV2 } from './convertAutoscaling.ts';

type Conversion = (object: JsonObject) => JsonObject;

/** `group/version Kind → group/version` for kinds that look different in their versions; others change apiVersion only. */
const CONVERSIONS = new Map<string, Conversion>([
  ['autoscaling/v1 HorizontalPodAutoscaler autoscaling/v2', horizontalPodAutoscalerToV2],
  ['autoscaling/v2 HorizontalPodAutoscaler autoscaling/v1', horizontalPodAutoscalerToV1],
  ['events.k8s.io/v1 Event v1', eventToV1],
  ['v1 Event events.k8s.io/v1', eventFromV1],
]);

/** The object in another version of its kind. The argument is not changed; it is the result when the version is its own. */
export function convert<T extends KubeObject>(object: T, to: GroupVersionKind): T {
  const apiVersion = groupVersion(to);
  if (object.apiVersion === apiVersion && object.kind === to.kind) return object;
  const conversion = CONVERSIONS.get(`${object.apiVersion} ${object.kind} ${apiVersion}`);
  const converted = conversion ? conversion(object as unknown as JsonObject) : { ...object };
  return { ...converted, apiVersion, kind: to.kind } as T;
}
