import { goQuote } from '../../api/field.ts';

/** A URL as Go's net/url reads it: nothing is normalized. */
export interface GoUrl {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  /** Escaped as it was written. */
  readonly path: string;
  readonly query: string;
}

/** The URL, or Go's words about what is wrong with it. Models net/url ParseRequestURI. */
export function parseRequestUri(text: string): GoUrl | string {
  const problem = (why: string): string => `parse ${goQuote(text)}: ${why}`;
  if (/[\x00-\x1f\x7f]/.test(text)) return problem('net/url: invalid control character in URL');
  if (text === '') return problem('empty url');
  if (text === '*') return { text, scheme: '', host: '', path: '*', query: '' };
  const colon = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  if (text.startsWith(':')) return problem('missing protocol scheme');
  const scheme = (colon?.[1] ?? '').toLowerCase();
  let rest = colon ? text.slice(colon[0].length) : text;
  const mark = rest.indexOf('?');
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { text, scheme, host: '', path: '', query };
    return problem('invalid URI for request');
  }
  let host = '';
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const end = rest.indexOf('/', 2);
    const authority = rest.slice(2, end < 0 ? undefined : end);
    rest = end < 0 ? '' : rest.slice(end);
    host = authority.slice(authority.lastIndexOf('@') + 1);
    const bad = hostProblem(host);
    if (bad !== undefined) return problem(bad);
  }
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(rest);
  if (escape) return problem(`invalid URL escape ${goQuote(escape[0])}`);
  return { text, scheme, host, path: rest, query };
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    return portProblem(host.slice(end + 1));
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0) {
    const port = portProblem(host.slice(colon));
    if (port !== undefined) return port;
  }
  const bad = /[ "<>\\^`{|}]/.exec(host);
  return bad ? `invalid character ${goQuote(bad[0])} in host name` : undefined;
}

const portProblem = (port: string): string | undefined =>
  port === '' || /^:\d*$/.test(port) ? undefined : `invalid port ${goQuote(port)} after host`;

/** The host without its port. */
export function hostnameOf({ host }: GoUrl): string {
  const bracket = /^\[(.*)\](:\d*)?$/.exec(host);
  return bracket ? (bracket[1] ?? '') : host.replace(/:\d*$/, '');
}

export const portOf = ({ host }: GoUrl): string =>
  /^\[.*\]:(\d*)$|^[^[\]]*?:(\d*)$/.exec(host)?.slice(1).find(Boolean) ?? '';

/** The parameters in the query, by name. */
export function queryOf({ query }: GoUrl): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = unescape(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescape(equals < 0 ? '' : pair.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

function unescape(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
