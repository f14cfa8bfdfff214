import { invalid, required, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { all, type Found } from './checks.ts';
import { parseGoUrl } from './goUrl.ts';
import { isDns1123Subdomain, isValidPort } from './names.ts';

// How webhooks are reached. Models k8s.io/apiserver/pkg/util/webhook validation.go.

interface Service {
  readonly name?: string | null | undefined;
  readonly namespace?: string | null | undefined;
  readonly path?: string | null | undefined;
  readonly port?: number | null | undefined;
}

export interface ClientConfig {
  readonly url?: string | null | undefined;
  readonly service?: Service | null | undefined;
}

/** One of a URL and a service. */
export function validateClientConfig(config: ClientConfig, at: FieldPath): FieldError[] {
  const { url, service } = config;
  const hasUrl = url !== undefined && url !== null;
  if (hasUrl === !!service) return [required(at, 'exactly one of url or service is required')];
  return hasUrl
    ? validateUrl(url, at.child('url'))
    : validateService(service ?? {}, at.child('service'));
}

const form = '; desired format: https://host[/path]';

function validateUrl(text: string, at: FieldPath): FieldError[] {
  const url = parseGoUrl(text);
  if (typeof url === 'string') return [required(at, `url must be a valid URL: ${url}${form}`)];
  return all(
    url.scheme !== 'https' &&
      invalid(at, url.scheme, `'https' is the only allowed URL scheme${form}`),
    !url.host && invalid(at, url.host, `host must be specified${form}`),
    url.user !== undefined && invalid(at, url.user, 'user information is not permitted in the URL'),
    url.fragment && invalid(at, url.fragment, 'fragments are not permitted in the URL'),
    url.query && invalid(at, url.query, 'query parameters are not permitted in the URL'),
  );
}

function validateService(service: Service, at: FieldPath): FieldError[] {
  const problems = isValidPort(service.port ?? 0);
  return all(
    // Upstream takes the name for the namespace and the namespace for the name.
    !service.namespace && required(at.child('name')),
    !service.name && required(at.child('namespace')),
    problems.length &&
      invalid(at.child('port'), service.port ?? 0, `port is not valid: ${problems.join(', ')}`),
    service.path && service.path !== '/' && validatePath(service.path, at.child('path')),
  );
}

function validatePath(path: string, at: FieldPath): Found {
  if (path === '//') return invalid(at, path, 'segment[0] may not be empty');
  // Go leaves out a byte, not a character: of some, something stays.
  const rest = /^[^\0-\x7f]/.test(path) ? path : path.slice(1);
  const steps = rest.replace(/\/$/, '').split('/');
  return [
    !path.startsWith('/') && invalid(at, path, "must start with a '/'"),
    steps.map((step, index) =>
      step
        ? isDns1123Subdomain(step).map((problem) =>
            invalid(at, path, `segment[${index}]: ${problem}`),
          )
        : invalid(at, path, `segment[${index}] may not be empty`),
    ),
  ];
}
