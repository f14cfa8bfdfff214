import { encodeBase64, decodeBase64 } from '../../../base/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';
import { defined } from '../../../base/assert.ts';
import type { Random } from '../../../base/random.ts';
import { FieldPath, invalid, invalidObject } from '../../../api/field.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { ipaddresses } from '../../../api/resources.ts';
import { failure, internalError } from '../../../api/status.ts';
import type { Service, ServicePort, ServiceSpec } from '../../../api/types/coreV1.ts';
import type { IPAddress } from '../../../api/types/networkingV1.ts';
import type { Op } from '../../etcd/kv.ts';
import { keyOfText, prefixEnd, textOfKey } from '../../etcd/key.ts';
import type { Exchange } from '../exchange.ts';
import { needsHealthCheck, takesNodePorts } from './core/serviceFacts.ts';
import { settleFamilies } from './core/serviceFamilies.ts';
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

/** Gives a Service its address families, address and node ports, in place. Models kubernetes/pkg/registry/core/service/storage/alloc.go. */
export async function allocateService(
  exchange: Exchange,
  object: KubeObject,
  old: KubeObject | undefined,
): Promise<void> {
  const target = object as Service;
  const before = (old as Service | undefined)?.spec;
  settleFamilies(target, old);
  const spec = (target.spec ??= {});
  const hadAddress = before !== undefined && before.type !== 'ExternalName';
  if (hasAddress(spec) && !hadAddress) await allocateAddress(exchange, target, spec);
  const ports = new Ports(exchange, await usedPorts(exchange));
  if (takesNodePorts(spec)) {
    if (before) updateNodePorts(ports, target, spec, before);
    else initNodePorts(ports, target, spec);
  }
  if (needsHealthCheck(spec) && !(before && needsHealthCheck(before)))
    allocateHealthCheck(ports, spec);
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

/** The node ports that one request takes. Models portallocator PortAllocationOperation. */
class Ports {
  readonly #exchange: Exchange;
  readonly #used: bigint;
  readonly #taken = new Set<number>();

  constructor(exchange: Exchange, used: bigint) {
    this.#exchange = exchange;
    this.#used = used;
  }

  /** What is wrong about taking it. A dry run looks only at what is taken: upstream's does not know the range. */
  take(port: number): string | undefined {
    const isOutside = port < FIRST_PORT || port > LAST_PORT;
    if (isOutside && !this.#exchange.dryRun)
      return `provided port is not in the valid range. The range of valid ports is ${VALID_PORTS}`;
    if (this.#taken.has(port) || (!isOutside && isUsed(this.#used, port)))
      return 'provided port is already allocated';
    this.#taken.add(port);
    return undefined;
  }

  /** Any free one. A dry run answers with a number outside of the range, as upstream's. */
  next(): number {
    const port = this.#exchange.dryRun
      ? Math.max(LAST_PORT + 1, ...this.#taken) + 1
      : nextPort(this.#exchange.server.random, this.#used, this.#taken);
    this.#taken.add(port);
    return port;
  }
}

const givesPorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || allocateLoadBalancerNodePorts !== false;

function takeNodePort(ports: Ports, target: Service, index: number, port: number): void {
  const problem = ports.take(port);
  if (problem)
    throw invalidObject(service, target.metadata.name ?? '', [
      invalid(FieldPath.of('spec', 'ports').index(index).child('nodePort'), port, problem),
    ]);
}

/** Protocols of the same port share a number. */
function initNodePorts(ports: Ports, target: Service, spec: ServiceSpec): void {
  const numbers = new Map<number, number>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !givesPorts(spec)) continue;
    const shared = numbers.get(port.port);
    if (shared !== undefined) {
      if (port.nodePort && port.nodePort !== shared)
        takeNodePort(ports, target, index, port.nodePort);
      port.nodePort ||= shared;
      continue;
    }
    const wanted = requestedFor(port, spec.ports ?? []);
    if (wanted) takeNodePort(ports, target, index, wanted);
    port.nodePort = wanted || ports.next();
    numbers.set(port.port, port.nodePort);
  }
}

const requestedFor = ({ port }: ServicePort, ports: readonly ServicePort[]): number =>
  ports.find((other) => other.port === port && other.nodePort)?.nodePort ?? 0;

function updateNodePorts(
  ports: Ports,
  target: Service,
  spec: ServiceSpec,
  before: ServiceSpec,
): void {
  const own = new Set(before.ports?.map(({ nodePort }) => nodePort));
  const pairs = new Set<string>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !givesPorts(spec)) continue;
    if (!port.nodePort) port.nodePort = ports.next();
    else if (!own.has(port.nodePort)) {
      takeNodePort(ports, target, index, port.nodePort);
      own.add(port.nodePort);
    }
    const pair = `{${port.protocol ?? ''} ${port.nodePort}}`;
    if (pairs.has(pair)) throw failure(500, '', `duplicate nodePort: ${pair}`);
    pairs.add(pair);
  }
}

function allocateHealthCheck(ports: Ports, spec: ServiceSpec): void {
  const wanted = spec.healthCheckNodePort;
  const problem = wanted && ports.take(wanted);
  if (problem)
    throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${problem}`);
  spec.healthCheckNodePort = wanted || ports.next();
}

const isUsed = (used: bigint, port: number): boolean =>
  ((used >> BigInt(port - FIRST_PORT)) & 1n) === 1n;

function nextPort(random: Random, used: bigint, taken: ReadonlySet<number>): number {
  const size = LAST_PORT - FIRST_PORT + 1;
  const isFree = (offset: number): boolean =>
    !isUsed(used, FIRST_PORT + offset) && !taken.has(FIRST_PORT + offset);
  const upper = firstFree(random, PORT_BAND, size, isFree);
  const offset = upper ?? firstFree(random, 0, PORT_BAND, isFree);
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
  const ports = new Set(now && takesNodePorts(now) ? portsOf(now) : []);
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
