import { goQuote } from '../../../../api/field.ts';

/** The parts of a URL that rules look at. Models Go's net/url URL. */
export interface GoUrl {
  readonly scheme: string;
  readonly host: string;
  /** As written before the @; undefined when there is none. */
  readonly user: string | undefined;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** Parses as leniently as Go; a text says what is wrong. Models net/url Parse. */
export function parseGoUrl(text: string): GoUrl | string {
  const fail = (problem: string): string => `parse ${goQuote(text)}: ${problem}`;
  const hash = text.indexOf('#');
  const [before, fragment] = hash < 0 ? [text, ''] : [text.slice(0, hash), text.slice(hash + 1)];

  if (/[\x00-\x1f\x7f]/.test(before)) return fail('net/url: invalid control character in URL');
  const escaped = badEscape(before.replace(/\?.*$/, ''));
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(before)?.[1] ?? '';
  if (before.startsWith(':')) return fail('missing protocol scheme');
  let rest = scheme ? before.slice(scheme.length + 1) : before;
  const mark = rest.indexOf('?');
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  if (!rest.startsWith('/')) {
    // What follows a scheme without a slash is opaque.
    if (scheme)
      return { scheme: scheme.toLowerCase(), host: '', user: undefined, path: '', query, fragment };
    if (rest.split('/')[0]?.includes(':'))
      return fail('first path segment in URL cannot contain colon');
  }
  let host = '';
  let user: string | undefined;
  if (rest.startsWith('//')) {
    const end = rest.indexOf('/', 2);
    const authority = rest.slice(2, end < 0 ? undefined : end);
    rest = end < 0 ? '' : rest.slice(end);
    const at = authority.lastIndexOf('@');
    if (at >= 0) user = authority.slice(0, at);
    host = authority.slice(at + 1);
    const problem = hostProblem(host) ?? (user !== undefined && userProblem(user));
    if (problem) return fail(problem);
  }
  if (escaped) return fail(escaped);
  const badFragment = badEscape(fragment);
  if (badFragment) return fail(badFragment);
  return { scheme: scheme.toLowerCase(), host, user, path: rest, query, fragment };
}

function badEscape(text: string): string | undefined {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text);
  return bad ? `invalid URL escape ${goQuote(text.slice(bad.index, bad.index + 3))}` : undefined;
}

const userProblem = (user: string): string | undefined =>
  /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) ? undefined : 'net/url: invalid userinfo';

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    return portProblem(host.slice(end + 1));
  }
  const colon = host.indexOf(':');
  const port = colon < 0 ? undefined : portProblem(host.slice(host.lastIndexOf(':')));
  if (port) return port;
  const bad = Array.from(host).find(
    (char) => char < '\x80' && !/[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%]/.test(char),
  );
  return bad === undefined ? undefined : `invalid character ${goQuote(bad)} in host name`;
}

const portProblem = (port: string): string | undefined =>
  port === '' || /^:\d*$/.test(port) ? undefined : `invalid port ${goQuote(port)} after host`;
