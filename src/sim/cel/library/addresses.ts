import { goQuote } from '../../../api/field.ts';
import { contains, ipText, parseCidr, parseIp } from '../../apiserver/registry/shared/ip.ts';
import { method, overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import {
  CelError,
  codePoints,
  noSuchOverload,
  OpaqueValue,
  sizeOf,
  type CelValue,
} from '../values.ts';
import { perCharacter } from './standard.ts';

// IP addresses and networks. Models apiserver/pkg/cel/library/ip.go and cidr.go.

const ip = t.opaque('net.IP');
const cidr = t.opaque('net.CIDR');

type Bytes = readonly number[];

class IpValue extends OpaqueValue {
  readonly type = ip;
  readonly bytes: Bytes;

  constructor(bytes: Bytes) {
    super();
    this.bytes = bytes;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof IpValue && ipText(this.bytes) === ipText(other.bytes);
  }

  override get size(): number {
    return codePoints(ipText(this.bytes));
  }
}

class CidrValue extends OpaqueValue {
  readonly type = cidr;
  readonly bytes: Bytes;
  readonly length: number;

  constructor(bytes: Bytes, length: number) {
    super();
    this.bytes = bytes;
    this.length = length;
  }

  get text(): string {
    return `${ipText(this.bytes)}/${this.length}`;
  }

  /** The address without what lies beyond the prefix. */
  get network(): Bytes {
    const maskOf = (bits: number): number =>
      bits >= 8 ? 255 : bits <= 0 ? 0 : (0xff << (8 - bits)) & 255;
    return this.bytes.map((byte, at) => byte & maskOf(this.length - at * 8));
  }

  holds(bytes: Bytes): boolean {
    const { network, length } = this;
    return contains({ bytes: network, network, length, hasLeadingZeros: false }, bytes);
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof CidrValue && this.text === other.text;
  }

  override get size(): number {
    return codePoints(this.text);
  }
}

const isMapped = (bytes: Bytes): boolean =>
  bytes.length === 16 &&
  bytes.slice(0, 10).every((byte) => byte === 0) &&
  bytes[10] === 255 &&
  bytes[11] === 255;

function toIp(value: CelValue | undefined): IpValue | CelError {
  const text = value as string;
  if (/%./.test(text) && parseIp(text.split('%')[0] ?? '')?.bytes.length === 16)
    return new CelError(`IP address ${goQuote(text)} with zone value is not allowed`);
  const parsed = parseIp(text);
  if (!parsed || parsed.hasLeadingZeros)
    return new CelError(
      `IP Address ${goQuote(text)} parse error during conversion from string: ParseAddr(${goQuote(text)}): ${addressProblem(text)}`,
    );
  if (isMapped(parsed.bytes))
    return new CelError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return new IpValue(parsed.bytes);
}

const PARSE = 'network address parse error during conversion from string: ';

function toCidr(value: CelValue | undefined): CidrValue | CelError {
  const text = value as string;
  const parsed = parseCidr(text);
  if (!parsed || parsed.hasLeadingZeros) {
    const why = prefixProblem(text);
    return new CelError(`${PARSE}${PARSE}netip.ParsePrefix(${goQuote(text)}): ${why}`);
  }
  if (isMapped(parsed.bytes))
    return new CelError(`${PARSE}IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return new CidrValue(parsed.bytes, parsed.length);
}

/** What Go's netip says of a text that is no address. */
function addressProblem(text: string): string {
  const isIpv4 = /^[\d.]+$/.test(text) && text.includes('.');
  if (!isIpv4) return 'unable to parse IP';
  const fields = text.split('.');
  for (const field of fields) {
    if (field === '') return `IPv4 field must have at least one digit (at ${goQuote(text)})`;
    if (field.length > 1 && field.startsWith('0')) return 'IPv4 field has octet with leading zero';
    if (Number(field) > 255) return 'IPv4 field has value >255';
  }
  return fields.length < 4 ? 'IPv4 address too short' : 'IPv4 address too long';
}

function prefixProblem(text: string): string {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return "no '/'";
  const address = text.slice(0, slash);
  if (!parseIp(address)) return `ParseAddr(${goQuote(address)}): ${addressProblem(address)}`;
  const bits = text.slice(slash + 1);
  return /^(0|[1-9]\d*)$/.test(bits)
    ? 'prefix length out of range'
    : `bad bits after slash: ${goQuote(bits)}`;
}

const is = (test: (bytes: Bytes) => boolean) => (value?: CelValue) =>
  test((value as IpValue).bytes);
const every = (bytes: Bytes, last: number): boolean =>
  bytes.every((byte, at) => byte === (at === bytes.length - 1 ? last : 0));

const isLoopback = (bytes: Bytes): boolean =>
  bytes.length === 4 ? bytes[0] === 127 : every(bytes, 1);
const isLinkLocalUnicast = (bytes: Bytes): boolean =>
  bytes.length === 4
    ? bytes[0] === 169 && bytes[1] === 254
    : bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
const isLinkLocalMulticast = (bytes: Bytes): boolean =>
  bytes.length === 4
    ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
    : bytes[0] === 0xff && ((bytes[1] ?? 0) & 0x0f) === 2;
const isMulticast = (bytes: Bytes): boolean =>
  bytes.length === 4 ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
const isGlobalUnicast = (bytes: Bytes): boolean =>
  !every(bytes, 0) &&
  !(bytes.length === 4 && bytes.every((byte) => byte === 255)) &&
  !isLoopback(bytes) &&
  !isMulticast(bytes) &&
  !isLinkLocalUnicast(bytes);

function holdsIp(network: CelValue | undefined, address: IpValue | CelError): CelValue {
  if (address instanceof CelError) return noSuchOverload();
  return (network as CidrValue).holds(address.bytes);
}

function holdsCidr(network: CelValue | undefined, other: CidrValue | CelError): CelValue {
  if (other instanceof CelError) return noSuchOverload();
  const outer = network as CidrValue;
  return outer.length <= other.length && outer.holds(other.network);
}

const ofText = ([text = null]: readonly CelValue[]): number => perCharacter(text);
const containsCost = ([network = null, other = null]: readonly CelValue[]): number =>
  Math.ceil(sizeOf(network) * 0.2) + (typeof other === 'string' ? perCharacter(other) : 0);
const containsCidrCost = ([network = null, other = null]: readonly CelValue[]): number =>
  containsCost([network, other]) + perCharacter(network) + 1;
const unary = (id: string, test: (bytes: Bytes) => boolean): readonly Overload[] => [
  method(id, [ip], t.bool, is(test)),
];

export const addresses: Readonly<Record<string, readonly Overload[]>> = {
  ip: [
    overload('string_to_ip', [t.string], ip, toIp, ofText),
    method('cidr_ip', [cidr], ip, (value) => new IpValue((value as CidrValue).bytes)),
  ],
  isIP: [overload('is_ip', [t.string], t.bool, (text) => toIp(text) instanceof IpValue, ofText)],
  'ip.isCanonical': [
    overload('ip_is_canonical', [t.string], t.bool, (text) => {
      const parsed = toIp(text);
      return parsed instanceof CelError ? parsed : ipText(parsed.bytes) === text;
    }, ([text = null]) => Math.ceil(sizeOf(text) * 0.2)),
  ],
  family: [method('ip_family', [ip], t.int, (value) => ((value as IpValue).bytes.length === 4 ? 4n : 6n))],
  isUnspecified: unary('ip_is_unspecified', (bytes) => every(bytes, 0)),
  isLoopback: unary('ip_is_loopback', isLoopback),
  isLinkLocalMulticast: unary('ip_is_link_local_multicast', isLinkLocalMulticast),
  isLinkLocalUnicast: unary('ip_is_link_local_unicast', isLinkLocalUnicast),
  isGlobalUnicast: unary('ip_is_global_unicast', isGlobalUnicast),
  cidr: [overload('string_to_cidr', [t.string], cidr, toCidr, ofText)],
  isCIDR: [overload('is_cidr', [t.string], t.bool, (text) => toCidr(text) instanceof CidrValue, ofText)],
  containsIP: [
    method('cidr_contains_ip_string', [cidr, t.string], t.bool, (network, text) => holdsIp(network, toIp(text)), containsCost),
    method('cidr_contains_ip_ip', [cidr, ip], t.bool, (network, address) => holdsIp(network, address as IpValue), containsCost),
  ],
  containsCIDR: [
    method('cidr_contains_cidr_string', [cidr, t.string], t.bool, (network, text) => holdsCidr(network, toCidr(text)), containsCidrCost),
    method('cidr_contains_cidr', [cidr, cidr], t.bool, (network, other) => holdsCidr(network, other as CidrValue), containsCidrCost),
  ],
  prefixLength: [method('cidr_prefix_length', [cidr], t.int, (value) => BigInt((value as CidrValue).length))],
  masked: [method('cidr_masked', [cidr], cidr, (value) => new CidrValue((value as CidrValue).network, (value as CidrValue).length))],
  string: [
    overload('ip_to_string', [ip], t.string, (value) => ipText((value as IpValue).bytes)),
    overload('cidr_to_string', [cidr], t.string, (value) => (value as CidrValue).text),
  ],
}; // prettier-ignore
