import { services } from '../../../../api/resources.ts';
import type { WebhookClientConfig } from '../../../../api/types/admissionregistrationV1.ts';
import { decodeBase64 } from '../../../../base/base64.ts';
import { decodeUtf8 } from '../../../../base/bytes.ts';
import type { AdmissionContext } from '../plugin.ts';
import { NoAnswer, type WebhookCall } from './caller.ts';

const defaultPort = 443;

/** Where a webhook is called. Models apiserver/pkg/util/webhook/client.go hookClientConfig. */
export interface Target extends Pick<WebhookCall, 'serverName' | 'ca'> {
  /** Without the timeout. */
  readonly url: string;
  /** Rejects with NoAnswer when its Service leads nowhere. */
  readonly address: () => Promise<WebhookCall['address']>;
}

export function targetOf(
  { service, url, caBundle }: WebhookClientConfig,
  context: AdmissionContext,
): Target {
  const bytes = caBundle ? decodeBase64(caBundle) : undefined;
  const ca = bytes?.length ? decodeUtf8(bytes) : undefined;
  if (service) {
    const { name, namespace, path = '', port = defaultPort } = service;
    const serverName = `${name}.${namespace}.svc`;
    return {
      serverName,
      ca,
      url: `https://${serverName}:${port}${withSlash(path)}`,
      address: () => addressOfService(namespace, name, port, context),
    };
  }
  const { host, hostname, port, pathname } = new URL(url ?? '');
  const serverName = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    serverName,
    ca,
    url: `https://${host}${withSlash(pathname)}`,
    address: () => Promise.resolve({ host: serverName, port: port ? Number(port) : defaultPort }),
  };
}

const withSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

/** Models apiserver/pkg/util/proxy ResolveCluster: without --enable-aggregator-routing, the way leads over the ClusterIP. */
async function addressOfService(
  namespace: string,
  name: string,
  port: number,
  context: AdmissionContext,
): Promise<WebhookCall['address']> {
  const service = await context.get(services, namespace, name);
  if (!service) throw new NoAnswer(`service "${name}" not found`);
  const { type = 'ClusterIP', clusterIP = '', externalName = '', ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName, port };
  if (type === 'ClusterIP' && clusterIP === 'None')
    throw new NoAnswer('cannot route to service with ClusterIP "None"');
  if (!ports.some((it) => it.port === port))
    throw new NoAnswer(`no service port ${port} found for service "${name}"`);
  return { host: clusterIP, port };
}
