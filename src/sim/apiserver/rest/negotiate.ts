import { badRequest, failure, type StatusError } from '../../../api/status.ts';
import type { Exchange } from '../exchange.ts';
import { notAcceptable } from './body.ts';

/** How the answer is to look: the object itself, a table of it, or its metadata only. */
export interface OutputForm {
  readonly form: 'object' | 'table' | 'metadata' | 'metadataList';
  /** Of meta.k8s.io, for tables and metadata. */
  readonly version: 'v1' | 'v1beta1';
}

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAM_TYPES = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];

const FORMS: Readonly<Record<string, OutputForm['form']>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadataList',
};

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * Chooses what the Accept header likes best. Models apiserver/pkg/endpoints/handlers/negotiation, and the multiplexer's
 * look at the header before it. Answers are JSON; who takes nothing but another form is told so.
 */
export function negotiate(exchange: Exchange, isCollection = false): OutputForm {
  const header = exchange.header('accept') ?? '';
  if (!header.trim()) return { form: 'object', version: 'v1' };
  const clauses = clausesOf(header);
  const offered = isCollection ? [...MEDIA_TYPES, ...STREAM_TYPES] : MEDIA_TYPES;
  if (!clauses.some(({ type }) => type === '*/*' || MEDIA_TYPES.includes(type)))
    throw noRepresentation(offered);
  for (const clause of clauses) {
    if (clause.type !== 'application/json' && clause.type !== '*/*') continue;
    const form = formOf(clause);
    if (form?.form === 'table') checkTableOptions(exchange);
    if (form) return form;
  }
  throw notAcceptable(MEDIA_TYPES);
}

function formOf({ parameters }: Clause): OutputForm | undefined {
  const as = parameters.get('as');
  if (as === undefined) return { form: 'object', version: 'v1' };
  const form = FORMS[as];
  const version = parameters.get('v');
  if (!form || parameters.get('g') !== 'meta.k8s.io') return undefined;
  return version === 'v1' || version === 'v1beta1' ? { form, version } : undefined;
}

/** Models ValidateTableOptions. */
function checkTableOptions(exchange: Exchange): void {
  const wanted = exchange.query.get('includeObject') ?? '';
  if (!['', 'Metadata', 'Object', 'None'].includes(wanted))
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(wanted)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
}

/** The multiplexer's own 406. */
const noRepresentation = (offered: readonly string[]): StatusError =>
  failure(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${offered.join(', ')}`,
    {},
  );

/** Clauses by falling quality, in the order given. */
function clausesOf(header: string): readonly Clause[] {
  const clauses = header.split(',').map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = new Map(
      rest.map((part): [string, string] => {
        const equals = part.indexOf('=');
        return equals < 0
          ? [part, '']
          : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
      }),
    );
    const quality = Number(parameters.get('q') ?? '1');
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return clauses.sort((a, b) => b.quality - a.quality);
}
