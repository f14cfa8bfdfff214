import { encodeBase64, decodeBase64 } from '../../../base/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';
import { defined } from '../../../base/assert.ts';
import type { Random } from '../../../base/random.ts';
import { FieldPath, invalid, invalidObject } from '../../../api/field.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { ipaddresses } from '../../../api/resources.ts';
import { internalError } from '../../../api/status.ts';
import type { Service, ServicePort, ServiceSpec } from '../../../api/types/coreV1.ts';
import type { IPAddress } from '../../../api/types/networkingV1.ts';
import type { Op } from '../../etcd/kv.ts';
import { keyOfText, prefixEnd, textOfKey } from '../../etcd/key.ts';
import type { Exchange } from '../exchange.ts';
import { Ipv4Range } from './ipv4Range.ts';

const IP_PREFIX = '/registry/ipaddresses/';
const PORT_RANGE_KEY = '/registry/ranges/servicenodeports';
const FIRST_PORT = 30000;
const LAST_PORT = 32767;
/** Ports at the lower end are kept for those who name them. Models portallocator calculateRangeOffset. */
const PORT_BAND = 86;
const VALID_PORTS = `${FIRST_PORT}-${LAST_PORT}`;

const service = { group: '', kind: 'Service' };
const hasAddress = (spec: ServiceSpec): boolean =>
  spec.type !== 'ExternalName' && spec.clusterIP !== 'None' && spec.clusterIPs?.[0] !== 'None';
const takesPorts = (spec: ServiceSpec): boolean =>
  spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** Gives a Service its address family, address and node ports, in place. Models kubernetes/pkg/registry/core/service/storage/alloc.go. */
export async function allocateService(
  exchange: Exchange,
  object: KubeObject,
  old: KubeObject | undefined,
): Promise<void> {
  const target = object as Service;
  const spec = (target.spec ??= {});
  const before = (old as Service | undefined)?.spec;
  if (spec.type !== 'ExternalName') initFamilies(target, spec, before);
  const hadAddress = before !== undefined && before.type !== 'ExternalName';
  if (hasAddress(spec) && !hadAddress) await allocateAddress(exchange, target, spec);
  if (takesPorts(spec)) await allocatePorts(exchange, target, spec, before);
  if (needsHealthCheck(spec) && !spec.healthCheckNodePort)
    spec.healthCheckNodePort = nextPort(exchange, await usedPorts(exchange), takenBy(spec));
}

/** This cluster has IPv4 only. */
function initFamilies(target: Service, spec: ServiceSpec, before: ServiceSpec | undefined): void {
  const isHeadless = spec.clusterIP === 'None';
  const hasSelector = Object.keys(spec.selector ?? {}).length > 0;
  const policy =
    spec.ipFamilyPolicy ??
    before?.ipFamilyPolicy ??
    (isHeadless && !hasSelector ? 'RequireDualStack' : 'SingleStack');
  spec.ipFamilyPolicy = policy;
  const name = target.metadata.name ?? '';
  const families = spec.ipFamilies ?? [];
  if (isHeadless && !hasSelector) {
    if (!families.length) spec.ipFamilies = ['IPv4'];
    if (policy !== 'SingleStack' && (spec.ipFamilies?.length ?? 0) < 2)
      spec.ipFamilies = [
        ...(spec.ipFamilies ?? []),
        spec.ipFamilies?.[0] === 'IPv6' ? 'IPv4' : 'IPv6',
      ];
    return;
  }
  if (policy === 'RequireDualStack')
    throw invalidObject(service, name, [
      invalid(
        FieldPath.of('spec', 'ipFamilyPolicy'),
        policy,
        'this cluster is not configured for dual-stack services',
      ),
    ]);
  const errors = families.flatMap((family, index) =>
    family === 'IPv4'
      ? []
      : [
          invalid(
            FieldPath.of('spec', 'ipFamilies').index(index),
            family,
            'not configured on this cluster',
          ),
        ],
  );
  if (errors.length) throw invalidObject(service, name, errors);
  if (!families.length) spec.ipFamilies = ['IPv4'];
}

async function allocateAddress(
  exchange: Exchange,
  target: Service,
  spec: ServiceSpec,
): Promise<void> {
  const range = new Ipv4Range(exchange.server.serviceCidr);
  const wanted = spec.clusterIPs?.[0] || spec.clusterIP;
  const used = await usedAddresses(exchange);
  if (!wanted) {
    const ip = range.next(exchange.server.random, used);
    if (ip === undefined)
      throw internalError(
        `failed to allocate a serviceIP for Service "${target.metadata.name ?? ''}": range is full`,
      );
    spec.clusterIP = ip;
    spec.clusterIPs = [ip];
    return;
  }
  const problem = !range.contains(wanted)
    ? exchange.dryRun
      ? `the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${range.text}`
      : 'the provided network does not match the current range'
    : used.has(wanted)
      ? 'provided IP is already allocated'
      : undefined;
  if (problem)
    throw invalidObject(service, target.metadata.name ?? '', [
      invalid(
        FieldPath.of('spec', 'clusterIPs'),
        spec.clusterIPs ?? [wanted],
        `failed to allocate IP ${wanted}: ${problem}`,
      ),
    ]);
  spec.clusterIP = wanted;
  spec.clusterIPs = [wanted];
}

async function usedAddresses(exchange: Exchange): Promise<ReadonlySet<string>> {
  const key = keyOfText(IP_PREFIX);
  const { kvs } = await exchange.server.kv.range({ key, rangeEnd: prefixEnd(key), keysOnly: true });
  return new Set(kvs.map((kv) => textOfKey(kv.key).slice(IP_PREFIX.length)));
}

async function allocatePorts(
  exchange: Exchange,
  target: Service,
  spec: ServiceSpec,
  before: ServiceSpec | undefined,
): Promise<void> {
  const gives = spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
  const used = await usedPorts(exchange);
  const own = new Set(before ? portsOf(before) : []);
  const taken = new Set<number>();
  const byPort = new Map<number, number>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const wanted = port.nodePort || requestedFor(port, spec.ports ?? []);
    const shared = byPort.get(port.port);
    if (!wanted && !gives) continue;
    if (shared !== undefined && (!port.nodePort || port.nodePort === shared)) {
      port.nodePort = shared;
      continue;
    }
    if (wanted) {
      if (!own.has(wanted) && !taken.has(wanted))
        refusePort(target, index, wanted, used, exchange.dryRun);
      port.nodePort = wanted;
    } else port.nodePort = nextPort(exchange, used, taken);
    taken.add(port.nodePort);
    byPort.set(port.port, port.nodePort);
  }
}

/** One number may serve several protocols of the same port. */
const requestedFor = (port: ServicePort, ports: readonly ServicePort[]): number =>
  ports.find((other) => other.port === port.port && other.nodePort)?.nodePort ?? 0;

/** A dry run looks only at what is taken: upstream's does not know the range. */
function refusePort(
  target: Service,
  index: number,
  port: number,
  used: bigint,
  dryRun: boolean,
): void {
  const isOutside = port < FIRST_PORT || port > LAST_PORT;
  if (isOutside && dryRun) return;
  const problem = isOutside
    ? `provided port is not in the valid range. The range of valid ports is ${VALID_PORTS}`
    : isUsed(used, port)
      ? 'provided port is already allocated'
      : undefined;
  if (!problem) return;
  throw invalidObject(service, target.metadata.name ?? '', [
    invalid(FieldPath.of('spec', 'ports').index(index).child('nodePort'), port, problem),
  ]);
}

const isUsed = (used: bigint, port: number): boolean =>
  ((used >> BigInt(port - FIRST_PORT)) & 1n) === 1n;

function nextPort(exchange: Exchange, used: bigint, taken: ReadonlySet<number>): number {
  const size = LAST_PORT - FIRST_PORT + 1;
  const isFree = (offset: number): boolean =>
    !isUsed(used, FIRST_PORT + offset) && !taken.has(FIRST_PORT + offset);
  const upper = firstFree(exchange.server.random, PORT_BAND, size, isFree);
  const offset = upper ?? firstFree(exchange.server.random, 0, PORT_BAND, isFree);
  if (offset === undefined) throw internalError('failed to allocate a nodePort: range is full');
  return FIRST_PORT + offset;
}

/** A free number of [from, to), searched from a random one on. */
function firstFree(
  random: Random,
  from: number,
  to: number,
  isFree: (offset: number) => boolean,
): number | undefined {
  const start = random.below(to - from);
  for (let i = 0; i < to - from; i++) {
    const offset = from + ((start + i) % (to - from));
    if (isFree(offset)) return offset;
  }
  return undefined;
}

const needsHealthCheck = (spec: ServiceSpec): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

const takenBy = (spec: ServiceSpec): ReadonlySet<number> => new Set(portsOf(spec));

function portsOf(spec: ServiceSpec): number[] {
  const ports = (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0);
  return [...ports, spec.healthCheckNodePort ?? 0].filter((port) => port > 0);
}

interface RangeAllocation extends KubeObject {
  readonly range: string;
  /** A bit map in base64, the number of the first port in its lowest bit. */
  readonly data: string;
}

async function readRange(exchange: Exchange): Promise<RangeAllocation | undefined> {
  const { kvs } = await exchange.server.kv.range({ key: keyOfText(PORT_RANGE_KEY) });
  return kvs[0] && (JSON.parse(decodeUtf8(kvs[0].value)) as RangeAllocation);
}

async function usedPorts(exchange: Exchange): Promise<bigint> {
  const stored = await readRange(exchange);
  let used = 0n;
  for (const byte of decodeBase64(stored?.data ?? '') ?? []) used = (used << 8n) | BigInt(byte);
  return used;
}

/** The records of what a Service took or gave back, for the transaction that writes it. */
export async function allocationOps(
  exchange: Exchange,
  object: KubeObject | undefined,
  old: KubeObject | undefined,
): Promise<readonly Op[]> {
  const ops: Op[] = [];
  const now = (object as Service | undefined)?.spec;
  const before = (old as Service | undefined)?.spec;
  const ip = now && hasAddress(now) ? now.clusterIP : undefined;
  const oldIp = before && hasAddress(before) ? before.clusterIP : undefined;
  if (ip !== oldIp) {
    if (ip && object && (old || !(await isTaken(exchange, object))))
      await createAddress(exchange, object, ip);
    if (oldIp) ops.push({ op: 'delete', key: keyOfText(IP_PREFIX + oldIp) });
  }
  const ports = new Set(now && takesPorts(now) ? portsOf(now) : []);
  const oldPorts = new Set(before ? portsOf(before) : []);
  const changed =
    [...ports].some((port) => !oldPorts.has(port)) ||
    [...oldPorts].some((port) => !ports.has(port));
  if (changed) ops.push(await portOp(exchange, ports, oldPorts));
  return ops;
}

async function portOp(
  exchange: Exchange,
  ports: ReadonlySet<number>,
  oldPorts: ReadonlySet<number>,
): Promise<Op> {
  const stored = await readRange(exchange);
  let used = await usedPorts(exchange);
  for (const port of oldPorts) used &= ~(1n << BigInt(port - FIRST_PORT));
  for (const port of ports) used |= 1n << BigInt(port - FIRST_PORT);
  const hex = used.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  const bytes = used === 0n ? [] : (even.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
  const range = {
    kind: 'RangeAllocation',
    apiVersion: 'v1',
    metadata: {},
    range: VALID_PORTS,
    ...stored,
    data: encodeBase64(Uint8Array.from(bytes)),
  };
  return { op: 'put', key: keyOfText(PORT_RANGE_KEY), value: encodeUtf8(JSON.stringify(range)) };
}

/** Whether there is a Service of that name: the write will be refused, and the address stays free. */
async function isTaken({ server }: Exchange, { metadata }: KubeObject): Promise<boolean> {
  const services = defined(server.resources.get('', 'v1', 'services'), 'Services are served');
  const { namespace = '', name = '' } = metadata;
  return (await server.store.get(services, namespace, name)) !== undefined;
}

/** The server makes the record of an address by a request to itself. Models registry/core/service/ipallocator createIPAddress. */
async function createAddress(exchange: Exchange, object: KubeObject, ip: string): Promise<void> {
  const { name = '', namespace = '' } = object.metadata;
  const address: IPAddress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: ip,
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
  await exchange.server.loopback.create(ipaddresses, address, { cause: exchange.event });
}
