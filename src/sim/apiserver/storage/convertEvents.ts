import type { JsonObject } from '../../../api/meta.ts';

/** events.k8s.io/v1 field → core/v1 field. The rest of an Event has the same name in both. */
const RENAMED: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

const TO_V1 = new Map(RENAMED);
const FROM_V1 = new Map(RENAMED.map(([from, to]) => [to, from]));
/** What core/v1 always prints, even when empty, and events.k8s.io/v1 in its own way. */
const ALWAYS_V1: Readonly<JsonObject> = { involvedObject: {}, source: {} };

export const eventToV1 = (object: JsonObject): JsonObject => ({
  ...ALWAYS_V1,
  firstTimestamp: null,
  lastTimestamp: null,
  ...rename(object, TO_V1),
});

export const eventFromV1 = (object: JsonObject): JsonObject => rename(object, FROM_V1);

function rename(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(object)) result[names.get(key) ?? key] = value;
  return result;
}
