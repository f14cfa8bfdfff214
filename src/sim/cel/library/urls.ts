import { method, overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import { hostnameOf, parseRequestUri, portOf, queryOf, type GoUrl } from '../url.ts';
import { ArrayList, CelError, EntryMap, OpaqueValue, type CelValue } from '../values.ts';
import { perCharacter } from './standard.ts';

// URLs. Models apiserver/pkg/cel/library/urls.go.

const type = t.struct('kubernetes.URL');

class UrlValue extends OpaqueValue {
  readonly type = type;
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof UrlValue && this.url.text === other.url.text;
  }
}

const read = (text: CelValue | undefined): UrlValue | CelError => {
  const url = parseRequestUri(text as string);
  return typeof url === 'string'
    ? new CelError(`URL parse error during conversion from string: ${url}`)
    : new UrlValue(url);
};

const part = (id: string, get: (url: GoUrl) => string): readonly Overload[] => [
  method(id, [type], t.string, (value) => get((value as UrlValue).url)),
];

export const urls: Readonly<Record<string, readonly Overload[]>> = {
  url: [overload('string_to_url', [t.string], type, read, ([text = null]) => perCharacter(text))],
  isURL: [overload('is_url_string', [t.string], t.bool, (text) => read(text) instanceof UrlValue)],
  getScheme: part('url_get_scheme', ({ scheme }) => scheme),
  getHost: part('url_get_host', ({ host }) => host),
  getHostname: part('url_get_hostname', hostnameOf),
  getPort: part('url_get_port', portOf),
  getEscapedPath: part('url_get_escaped_path', ({ path }) => path),
  getQuery: [
    method('url_get_query', [type], t.map(t.string, t.list(t.string)), (value) => {
      const query = queryOf((value as UrlValue).url);
      return new EntryMap([...query].map(([key, values]) => [key, new ArrayList(values)] as const));
    }),
  ],
};
