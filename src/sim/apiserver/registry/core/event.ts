import type { Event } from '../../../../api/types/coreV1.ts';
import type * as eventsV1 from '../../../../api/types/eventsV1.ts';

/** What kubectl get events --field-selector may ask. Models registry/core/event ToSelectableFields. */
export function eventFields({
  involvedObject,
  reason,
  source,
  reportingComponent,
  type,
}: Partial<Event>): Record<string, string> {
  const about = (involvedObject ?? {}) as Partial<Record<string, string>>;
  return {
    'involvedObject.kind': about['kind'] ?? '',
    'involvedObject.namespace': about['namespace'] ?? '',
    'involvedObject.name': about['name'] ?? '',
    'involvedObject.uid': about['uid'] ?? '',
    'involvedObject.apiVersion': about['apiVersion'] ?? '',
    'involvedObject.resourceVersion': about['resourceVersion'] ?? '',
    'involvedObject.fieldPath': about['fieldPath'] ?? '',
    reason: reason ?? '',
    reportingComponent: reportingComponent ?? '',
    source: source?.component || (reportingComponent ?? ''),
    type: type ?? '',
  };
}

export function newEventFields({
  regarding,
  reason,
  reportingController,
  deprecatedSource,
  type,
}: eventsV1.Event): Record<string, string> {
  const about = (regarding ?? {}) as Partial<Record<string, string>>;
  return {
    'regarding.kind': about['kind'] ?? '',
    'regarding.namespace': about['namespace'] ?? '',
    'regarding.name': about['name'] ?? '',
    'regarding.uid': about['uid'] ?? '',
    'regarding.apiVersion': about['apiVersion'] ?? '',
    'regarding.resourceVersion': about['resourceVersion'] ?? '',
    'regarding.fieldPath': about['fieldPath'] ?? '',
    reason: reason ?? '',
    reportingController: reportingController ?? '',
    source: deprecatedSource?.component || (reportingController ?? ''),
    type: type ?? '',
  };
}
