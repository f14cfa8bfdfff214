import type { Exchange } from '../exchange.ts';
import { notAcceptable } from './body.ts';

/** How the answer is to look: the object itself, a table of it, or its metadata only. */
export interface OutputForm {
  readonly form: 'object' | 'table' | 'metadata';
  readonly pretty: boolean;
}

const OFFERED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * Chooses what the Accept header likes best. Models apiserver/pkg/endpoints/handlers/negotiation. Answers are JSON;
 * who takes nothing but another form is told so.
 */
export function negotiate(exchange: Exchange, watch = false): OutputForm {
  const pretty = exchange.query.has('pretty') && exchange.query.get('pretty') !== 'false';
  const header = exchange.header('accept') ?? '';
  if (!header.trim()) return { form: 'object', pretty };
  for (const clause of clausesOf(header)) {
    if (!['application/json', 'application/*', '*/*'].includes(clause.type)) continue;
    const as = clause.parameters.get('as');
    if (as === undefined) return { form: 'object', pretty };
    const isMeta =
      clause.parameters.get('g') === 'meta.k8s.io' &&
      ['v1', 'v1beta1'].includes(clause.parameters.get('v') ?? '');
    if (isMeta && as === 'Table') return { form: 'table', pretty };
    if (
      isMeta &&
      (as === 'PartialObjectMetadata' || (as === 'PartialObjectMetadataList' && !watch))
    )
      return { form: 'metadata', pretty };
  }
  throw notAcceptable(
    watch
      ? ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf;stream=watch']
      : OFFERED,
  );
}

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
