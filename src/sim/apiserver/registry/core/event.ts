import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal, type ObjectMeta } from '../../../../api/meta.ts';
import type { Event, EventSource, ObjectReference } from '../../../../api/types/coreV1.ts';
import type * as eventsV1 from '../../../../api/types/eventsV1.ts';
import { all, allInvalid, type Found } from '../shared/checks.ts';
import { isDns1123Subdomain, isQualifiedName, nameRules, utf8Length } from '../shared/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

// Events in their old form and in that of events.k8s.io: one object inside, with one set of rules of which the new form
// keeps more. Models kubernetes/pkg/registry/core/event and core/validation events.go.

/** Both forms with the names that the rules use. */
interface AnyEvent {
  readonly metadata: ObjectMeta;
  readonly involvedObject?: Partial<ObjectReference>;
  readonly reason?: string;
  readonly message?: string;
  readonly source?: EventSource;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly count?: number;
  readonly type?: string;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string | null };
  readonly action?: string;
  readonly related?: Partial<ObjectReference>;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
}

const fromCore = ({ reportingComponent, ...event }: Event): AnyEvent => ({
  ...event,
  ...(reportingComponent !== undefined && { reportingController: reportingComponent }),
});

function fromNew(event: eventsV1.Event): AnyEvent {
  const { regarding, note, deprecatedSource, deprecatedCount, ...rest } = event;
  const { deprecatedFirstTimestamp: first, deprecatedLastTimestamp: last, ...same } = rest;
  return {
    ...same,
    ...(regarding && { involvedObject: regarding }),
    ...(note !== undefined && { message: note }),
    ...(deprecatedSource && { source: deprecatedSource }),
    ...(deprecatedCount !== undefined && { count: deprecatedCount }),
    ...(first !== undefined && { firstTimestamp: first }),
    ...(last !== undefined && { lastTimestamp: last }),
  };
}

const shared = {
  version: 'v1',
  kind: 'Event',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  // The registry's own rules of metadata come last, and the kind's among its others.
  meta: 'last',
  metaOnUpdate: [],
  validateName: nameRules.pathSegment,
} as const;

export const eventStrategy: Strategy<Event> = {
  group: '',
  ...shared,
  validate: (event) => validateOld(fromCore(event), 'reportingComponent'),
  validateUpdate: (event) => validateOld(fromCore(event), 'reportingComponent'),
  selectableFields: eventFields,
};

export const newEventStrategy: Strategy<eventsV1.Event> = {
  group: 'events.k8s.io',
  errorGroup: '',
  ...shared,
  validate: (event) => validateNew(fromNew(event)),
  validateUpdate: (event, old) => validateNewUpdate(fromNew(event), fromNew(old)),
  selectableFields: newEventFields,
};

const root = FieldPath.root;

/** What holds for events of all versions. Models legacyValidateEvent. */
function validateOld(event: AnyEvent, controllerField: string): FieldError[] {
  const { namespace = '' } = event.metadata;
  const about = event.involvedObject?.namespace ?? '';
  const isOld = !event.eventTime;
  const fits = isOld
    ? about === ''
      ? namespace === '' || namespace === 'default'
      : namespace === about
    : about !== '' || namespace === 'default' || namespace === 'kube-system';
  return all(
    !fits &&
      invalid(FieldPath.of('involvedObject', 'namespace'), about, 'does not match event.namespace'),
    !isOld && validateTimed(event, root.child(controllerField)),
    allInvalid(root.child('namespace'), namespace, isDns1123Subdomain(namespace)),
  );
}

function validateTimed(event: AnyEvent, controllerAt: FieldPath): Found {
  const { reportingController: controller = '' } = event;
  const limited = (key: 'reportingInstance' | 'action' | 'reason', limit: number): Found => [
    !event[key] && required(root.child(key)),
    tooBig(event[key], root.child(key), limit),
  ];
  return [
    controller === '' && required(controllerAt),
    allInvalid(controllerAt, controller, isQualifiedName(controller)),
    limited('reportingInstance', 128),
    limited('action', 128),
    limited('reason', 128),
    tooBig(event.message, root.child('message'), 1024),
  ];
}

const tooBig = (text: string | undefined, at: FieldPath, limit: number): Found =>
  utf8Length(text ?? '') > limit && invalid(at, '', `can have at most ${limit} characters`);

function validateNew(event: AnyEvent): FieldError[] {
  const unset = (value: unknown, name: string): Found =>
    Boolean(value) && invalid(root.child(name), '', 'needs to be unset');
  const { source, type = '' } = event;
  return all(
    validateOld(event, 'reportingController'),
    validateObjectMeta(event.metadata, true, nameRules.subdomain, FieldPath.of('metadata')),
    validateSeries(event),
    !event.eventTime && required(root.child('eventTime')),
    type !== 'Normal' &&
      type !== 'Warning' &&
      invalid(root.child('type'), '', `has invalid value: ${type}`),
    unset(event.firstTimestamp, 'firstTimestamp'),
    unset(event.lastTimestamp, 'lastTimestamp'),
    unset(event.count, 'count'),
    unset(source?.component || source?.host, 'source'),
  );
}

const validateSeries = ({ series }: AnyEvent): Found =>
  series && [
    (series.count ?? 0) < 2 && invalid(root.child('series.count'), '', 'should be at least 2'),
    !series.lastObservedTime && required(root.child('series.lastObservedTime')),
  ];

const immutable: readonly (readonly [key: keyof AnyEvent, type: string])[] = [
  ['involvedObject', 'core.ObjectReference'],
  ['reason', 'string'],
  ['message', 'string'],
  ['source', 'core.EventSource'],
  ['firstTimestamp', 'metav1.Time'],
  ['lastTimestamp', 'metav1.Time'],
  ['count', 'int32'],
  ['reason', 'string'],
  ['type', 'string'],
  ['eventTime', 'metav1.MicroTime'],
  ['action', 'string'],
  ['related', '*core.ObjectReference'],
  ['reportingController', 'string'],
  ['reportingInstance', 'string'],
];

/** Of an event of the new form only the series may change. */
function validateNewUpdate(event: AnyEvent, old: AnyEvent): FieldError[] {
  const { metadata } = event;
  return all(
    validateOld(event, 'reportingController'),
    validateObjectMetaUpdate(metadata, old.metadata, FieldPath.of('metadata')),
    !equal(event.series, old.series) && validateSeries(event),
    immutable.map(([key, type]) => {
      const now = internalForm(type, event[key]);
      return (
        !equal(now, internalForm(type, old[key])) &&
        invalid(root.child(key), now, 'field is immutable')
      );
    }),
  );
}

/** What kubectl get events --field-selector may ask. Models registry/core/event ToSelectableFields. */
function eventFields(event: Partial<Event>): Record<string, string> {
  const { reason = '', source, reportingComponent = '', type = '' } = event;
  return {
    ...aboutFields('involvedObject', event.involvedObject),
    reason,
    reportingComponent,
    source: source?.component || reportingComponent,
    type,
  };
}

function newEventFields(event: eventsV1.Event): Record<string, string> {
  const { reason = '', deprecatedSource, reportingController = '', type = '' } = event;
  return {
    ...aboutFields('regarding', event.regarding),
    reason,
    reportingController,
    source: deprecatedSource?.component || reportingController,
    type,
  };
}

const parts = [
  'kind',
  'namespace',
  'name',
  'uid',
  'apiVersion',
  'resourceVersion',
  'fieldPath',
] as const;

const aboutFields = (
  name: string,
  about: Partial<ObjectReference> | undefined,
): Record<string, string> =>
  Object.fromEntries(parts.map((part) => [`${name}.${part}`, about?.[part] ?? '']));
