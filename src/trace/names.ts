import type { ObjectRef } from './event.ts';

/** `default/web`; a namespace is in none, though its requests name it as theirs. */
const placeOf = ({ resource, namespace, name }: ObjectRef): string =>
  [resource === 'namespaces' ? '' : namespace, name].filter(Boolean).join('/');

/** `deployments default/web`, `pods/binding default/web-1` */
export function nameOf(object: ObjectRef): string {
  const what = object.subresource ? `${object.resource}/${object.subresource}` : object.resource;
  const where = placeOf(object);
  return where ? `${what} ${where}` : what;
}

/** `kubectl/v1.36.3 (linux/amd64) …` → `kubectl` */
export const clientOf = (userAgent: string): string => userAgent.split(/[/ ]/, 1)[0] ?? userAgent;
