import type { DocumentVerdict } from '../source/port.ts';
import type { FieldMap, Range } from '../yaml/fieldMap.ts';

/** One thing that is to be said about a document, and where. The editor and the command line show the same ones. */
export interface Problem {
  /** A refusal is an error; what the server warns of, and what a look ahead foresees, are warnings. */
  readonly kind: 'refusal' | 'warning' | 'forecast';
  readonly message: string;
  /** undefined: it is about the document as a whole. */
  readonly place: Range | undefined;
}

/** What a verdict says, taken apart: first why it was refused, then what the server warns of, then what would follow. */
export function problemsOf(verdict: DocumentVerdict, fields: FieldMap): Problem[] {
  const { warnings, forecast } = verdict;
  return [
    ...refusalsOf(verdict, fields).map((it) => ({ kind: 'refusal' as const, ...it })),
    ...warnings.map((message) => ({
      kind: 'warning' as const,
      message,
      place: warnedPlace(message, fields),
    })),
    ...(forecast?.outcome === 'stuck'
      ? [
          {
            kind: 'forecast' as const,
            message: forecast.summary,
            place: forecastPlace(verdict, fields),
          },
        ]
      : []),
  ];
}

function refusalsOf(verdict: DocumentVerdict, fields: FieldMap): Omit<Problem, 'kind'>[] {
  if (verdict.outcome !== 'rejected') return [];
  const causes = verdict.causes.filter(({ field }) => field !== '');
  if (causes.length)
    return causes.map(({ field, message }) => ({
      message: `${field}: ${message}`,
      place: placeOf(field, message, fields),
    }));
  const strict = [...verdict.message.matchAll(/(unknown|duplicate) field "((?:[^"\\]|\\.)*)"/g)];
  if (strict.length)
    return strict.map((match) => ({ message: match[0], place: fields.keyRangeOf(match[2] ?? '') }));
  const typed = /Go struct field [^.\s]+\.(\S+) of type/.exec(verdict.message)?.[1];
  const text = verdict.message.replace(
    /^\w+ in version "[^"]*" cannot be handled as an? \w+: /,
    '',
  );
  if (typed !== undefined) return [{ message: text, place: typedPlace(typed, text, fields) }];
  if (text.startsWith('quantities must match'))
    return [{ message: text, place: quantityPlace(fields) }];
  return [{ message: text, place: namedPlace(verdict, fields) }];
}

/**
 * Where a cause stands: on its field. Some rules name a whole map or list, a field that only a default filled, or a key
 * that is wrong itself: then it stands on the value that the message shows.
 */
function placeOf(field: string, message: string, fields: FieldMap): Range | undefined {
  const shown =
    /^(?:Invalid|Unsupported|Duplicate) value: (\{.*?\}|"(?:[^"\\]|\\.)*"|[^:\s]+)/.exec(
      message,
    )?.[1];
  if (shown === undefined) return fields.rangeOf(field);
  if (shown.startsWith('{') && !message.startsWith('Unsupported')) return fields.rangeOf(field);
  const value = shown.startsWith('{')
    ? (/:"((?:[^"\\]|\\.)*)"/.exec(shown)?.[1] ?? shown)
    : shown.replace(/^"|"$/g, '');
  const key = /\[([^\]]*)\]$/.exec(field)?.[1];
  if (key === value && !/^\d+$/.test(key)) return fields.keyRangeOf(field);
  if (fields.scalarRangeOf(field)) return fields.rangeOf(field);
  return fields.rangeWithin(field, (text) => text === value) ?? fields.rangeOf(field);
}

/** A value of the wrong type; in a map with free keys, the first of its kind. */
function typedPlace(path: string, text: string, fields: FieldMap): Range | undefined {
  const type = /cannot unmarshal (number|bool|string) into/.exec(text)?.[1];
  const wrong = { number: 'number', bool: 'boolean', string: 'string' }[type ?? ''];
  const known = fields.keyRangeOf(path) ? path : withFirstItems(path, fields);
  if (fields.scalarRangeOf(known) || wrong === undefined) return fields.rangeOf(known);
  return (
    fields.rangeWithin(known, (_, value, isKey) => !isKey && typeof value === wrong) ??
    fields.rangeOf(known)
  );
}

const quantities = [
  'requests',
  'limits',
  'hard',
  'capacity',
  'max',
  'min',
  'default',
  'defaultRequest',
  'maxLimitRequestRatio',
  'podFixed',
];
const quantity = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+|[numkKMGTPE]|[KMGTPE]i)?$/;

/** The server does not say which quantity it cannot read. */
function quantityPlace(fields: FieldMap): Range | undefined {
  for (const map of fields.mapsNamed(quantities)) {
    const found = map.rangeWithin(
      '',
      (text, value, isKey) => !isKey && value !== null && !quantity.test(text),
    );
    if (found) return found;
  }
  return undefined;
}

/** Many warnings begin with the field that they are about. */
function warnedPlace(warning: string, fields: FieldMap): Range | undefined {
  const path = /^([\w.[\]/-]+): /.exec(warning)?.[1];
  return path === undefined ? undefined : fields.rangeOf(path);
}

/** Go names no index of a list: the first place that fits is taken. */
function withFirstItems(path: string, fields: FieldMap): string {
  let known = '';
  for (const part of path.split('.')) {
    const next = known ? `${known}.${part}` : part;
    known = fields.keyRangeOf(next) ? next : `${known}[0].${part}`;
  }
  return known;
}

/** What a refusal without a field is about: the namespace that is missing, the account, the name that is taken. */
function namedPlace(
  { message, code, stage }: DocumentVerdict,
  fields: FieldMap,
): Range | undefined {
  if (/^namespaces "[^"]*" not found/.test(message)) return fields.rangeOf('metadata.namespace');
  if (message.includes('error looking up service account'))
    return fields.rangeOf('spec.serviceAccountName');
  if (message.includes('no PriorityClass')) return fields.rangeOf('spec.priorityClassName');
  if (message.includes('quota'))
    return fields.rangeOf('spec.containers[0].resources') ?? fields.rangeOf('metadata.name');
  if (code === 409) return fields.rangeOf('metadata.name');
  return stage === 'client' ? fields.rangeOf('apiVersion') : undefined;
}

/** What a forecast is about: an image that cannot be pulled, requests that no node can meet. */
function forecastPlace({ forecast }: DocumentVerdict, fields: FieldMap): Range | undefined {
  const base = fields.keyRangeOf('spec.template') ? 'spec.template.spec' : 'spec';
  const summary = forecast?.summary ?? '';
  if (/ErrImage|ImagePull/.test(summary)) return fields.rangeOf(`${base}.containers[0].image`);
  if (/Insufficient (\w+)/.test(summary))
    return fields.rangeOf(
      `${base}.containers[0].resources.requests.${/Insufficient (\w+)/.exec(summary)?.[1] ?? 'cpu'}`,
    );
  if (summary.includes('no scheduler goes by the name'))
    return fields.rangeOf(`${base}.schedulerName`);
  if (/node affinity\/selector/.test(summary)) return fields.rangeOf(`${base}.nodeSelector`);
  return undefined;
}
