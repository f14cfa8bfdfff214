import descriptionFacts from '../../../api/facts/v1.36/tableDescriptions.json' with { type: 'json' };
import definitions from '../../../api/facts/v1.36/tables.json' with { type: 'json' };
import {
  groupVersion,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type ListMeta,
} from '../../../api/meta.ts';
import type { Scale } from '../../../api/types/autoscalingV1.ts';
import type { Event } from '../../../api/types/eventsV1.ts';
import type { Micros } from '../../../base/time.ts';
import { autoscalingPrinters } from './autoscaling.ts';
import { corePrinters } from './core.ts';
import { since } from './format.ts';
import { groupPrinters } from './groups.ts';
import type { CustomResourceColumnDefinition } from '../../../api/types/apiextensionsV1.ts';
import { cellsOf, descriptionOf } from '../customResources/printing.ts';
import type { ServedResource } from '../registry/resources.ts';
import { printer, type Cell, type Print, type Printers } from './printer.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description?: string;
  readonly priority: number;
}

export interface TableOptions {
  readonly now: Micros;
  readonly includeObject: 'Metadata' | 'Object' | 'None';
}

const columns = definitions as Readonly<Record<string, readonly Column[]>>;
/** What a real server says of each column; many say the same. */
const descriptions = descriptionFacts as {
  readonly texts: readonly string[];
  readonly columns: Readonly<Record<string, readonly number[]>>;
};
const described: Readonly<Record<string, readonly Column[]>> = Object.fromEntries(
  Object.entries(columns).map(([id, list]) => [
    id,
    list.map((column, index) => {
      const text = descriptions.columns[id]?.[index];
      return { ...column, description: descriptions.texts[text ?? -1] ?? '' };
    }),
  ]),
);
const printers: Printers = {
  ...corePrinters,
  ...groupPrinters,
  ...autoscalingPrinters,
  'events.v1.events.k8s.io': printEvent,
};

/** The scale subresource of any kind is printed as what it is. */
const scaleColumns: readonly Column[] = [
  { name: 'Name', type: 'string', format: 'name', priority: 0 },
  { name: 'Desired', type: 'integer', format: '', priority: 0 },
  { name: 'Available', type: 'integer', format: '', priority: 0 },
  { name: 'Age', type: 'string', format: '', priority: 0 },
];
const printScale: Print = printer<Scale>(({ spec, status }, age) => [
  spec?.replicas ?? 0,
  status?.replicas ?? 0,
  age,
]);

const plainColumns: readonly Column[] = [
  { name: 'Name', type: 'string', format: 'name', priority: 0 },
  { name: 'Age', type: 'string', format: '', priority: 0 },
];
const plain: Print = printer((_, age) => [age]);

const ABOUT_NAME =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

const customColumns = (own: readonly CustomResourceColumnDefinition[]): readonly Column[] => [
  { name: 'Name', type: 'string', format: 'name', description: ABOUT_NAME, priority: 0 },
  ...own.map((column) => ({
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: descriptionOf(column),
    priority: column.priority ?? 0,
  })),
];

const printCustom =
  (own: readonly CustomResourceColumnDefinition[]): Print =>
  (object, now) =>
    [object.metadata.name ?? '', ...cellsOf(object, own, now)] as Cell[];

/** Objects as a meta.k8s.io/v1 Table, with the cells that the real server prints. */
export function toTable(
  {
    group,
    version,
    resource,
    custom,
  }: Pick<ServedResource, 'group' | 'version' | 'resource' | 'custom'>,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  { now, includeObject }: TableOptions,
): JsonObject {
  const id = `${resource}.${version}${group ? `.${group}` : ''}`;
  const isScale = objects[0]?.kind === 'Scale';
  const print = isScale
    ? printScale
    : custom
      ? printCustom(custom.columns)
      : (printers[id] ?? plain);
  const definition = isScale
    ? scaleColumns
    : custom
      ? customColumns(custom.columns)
      : (described[id] ?? plainColumns);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { ...metadata },
    columnDefinitions: definition.map(({ name, type, format, description = '', priority }) => ({
      name,
      type,
      format,
      description,
      priority,
    })),
    rows: objects.map((object): JsonObject => ({
      cells: [...print(object, now)] as JsonValue[],
      object: rowObject(object, includeObject),
    })),
  };
}

function rowObject(object: KubeObject, include: TableOptions['includeObject']): JsonValue {
  if (include === 'None') return null;
  if (include === 'Object') return object as unknown as JsonObject;
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: groupVersion({ group: 'meta.k8s.io', version: 'v1' }),
    metadata: object.metadata as JsonObject,
  };
}

function printEvent(object: KubeObject, now: Micros): (string | number)[] {
  const event = object as unknown as Event;
  const first = event.deprecatedFirstTimestamp
    ? since(event.deprecatedFirstTimestamp, now)
    : (event.eventTime as string | null)
      ? since(event.eventTime, now)
      : '<unknown>';
  const last = event.series
    ? since(event.series.lastObservedTime, now)
    : event.deprecatedLastTimestamp
      ? since(event.deprecatedLastTimestamp, now)
      : first;
  const regarding = event.regarding ?? {};
  const component = event.deprecatedSource?.component || event.reportingController || '';
  const host = event.deprecatedSource?.host || event.reportingInstance || '';
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    `${(regarding.kind ?? '').toLowerCase()}/${regarding.name ?? ''}`,
    regarding.fieldPath ?? '',
    [component, host].filter(Boolean).join(', '),
    (event.note ?? '').trim(),
    first,
    event.series?.count ?? (event.deprecatedCount || 1),
    event.metadata.name ?? '',
  ];
}
