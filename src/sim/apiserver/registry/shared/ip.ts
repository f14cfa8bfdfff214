import { invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';

// Addresses and networks, as lenient as they were first parsed and as strict as they are judged now.
// Models k8s.io/apimachinery/pkg/util/validation ip.go and Go's net and net/netip.

export interface IpAddress {
  /** 4 or 16 bytes as written: `::ffff:10.0.0.1` has 16. */
  readonly bytes: readonly number[];
  /** Zeros in front that today's parser refuses. */
  readonly hasLeadingZeros: boolean;
}

export interface Cidr extends IpAddress {
  readonly length: number;
  /** The address without what lies beyond the prefix. */
  readonly network: readonly number[];
}

export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const ip = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (!ip || !/^\d+$/.test(digits)) return undefined;
  const length = Number(digits);
  if (length > ip.bytes.length * 8) return undefined;
  const network = ip.bytes.map((byte, at) => byte & maskByte(length - at * 8));
  const hasLeadingZeros = ip.hasLeadingZeros || /^0\d/.test(digits);
  return { bytes: ip.bytes, hasLeadingZeros, length, network };
}

/** Go's net.IP String: addresses of IPv4 within IPv6 print as IPv4. */
export function ipText(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  if (isMapped(bytes)) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => word(bytes, at).toString(16));
  let start = -1;
  let longest = 1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (groups[end] === '0') end++;
    if (end - at > longest) [start, longest] = [at, end - at];
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + longest).join(':')}`;
}

/** Go's net.IPNet String. */
export function cidrText({ network, length }: Cidr): string {
  return `${ipText(network)}/${isMapped(network) ? Math.max(length - 96, 0) : length}`;
}

/** IPv4 within IPv6 counts as IPv4. */
export const isIpv4 = ({ bytes }: IpAddress): boolean => bytes.length === 4 || isMapped(bytes);

/** `10.0.0.0/24` contains `10.0.0.7`. */
export const contains = (cidr: Cidr, ip: readonly number[]): boolean =>
  ip.length === cidr.network.length &&
  ip.every((byte, at) => (byte & maskByte(cidr.length - at * 8)) === cidr.network[at]);

/** Models IsValidIPForLegacyField: any form of an address that no two programs read differently. */
export function validateIp(
  path: FieldPath,
  value: string,
  accepted: readonly string[] = [],
): FieldError[] {
  if (accepted.includes(value)) return [];
  const ip = parseIp(value);
  if (!ip)
    return [invalid(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  if (ip.hasLeadingZeros) return [invalid(path, value, 'must not have leading 0s')];
  return isMapped(ip.bytes)
    ? [invalid(path, value, 'must not be an IPv4-mapped IPv6 address')]
    : [];
}

/** Models IsValidIP: the canonical form only. */
export function validateCanonicalIp(path: FieldPath, value: string): FieldError[] {
  const errors = validateIp(path, value);
  const ip = parseIp(value);
  if (errors.length || !ip) return errors;
  const canonical = ipText(ip.bytes);
  return canonical === value
    ? []
    : [invalid(path, value, `must be in canonical form ("${canonical}")`)];
}

/** Models IsValidCIDRForLegacyField. */
export function validateCidr(
  path: FieldPath,
  value: string,
  accepted: readonly string[] = [],
): FieldError[] {
  if (accepted.includes(value)) return [];
  const cidr = parseCidr(value);
  if (!cidr)
    return [
      invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'),
    ];
  if (cidr.hasLeadingZeros)
    return [invalid(path, value, 'must not have leading 0s in IP or prefix length')];
  if (isMapped(cidr.bytes))
    return [invalid(path, value, 'must not have an IPv4-mapped IPv6 address')];
  return ipText(cidr.bytes) === ipText(cidr.network)
    ? []
    : [invalid(path, value, 'must not have bits set beyond the prefix length')];
}

/** Models IsValidCIDR: the canonical form only. */
export function validateCanonicalCidr(path: FieldPath, value: string): FieldError[] {
  const errors = validateCidr(path, value);
  const cidr = parseCidr(value);
  if (errors.length || !cidr) return errors;
  const canonical = cidrText(cidr);
  return canonical === value
    ? []
    : [invalid(path, value, `must be in canonical form ("${canonical}")`)];
}

/** Models IsValidInterfaceAddress: an address and the length of its network's prefix, in canonical form. */
export function validateInterfaceAddress(path: FieldPath, value: string): FieldError[] {
  const cidr = parseCidr(value);
  if (!cidr)
    return [
      invalid(
        path,
        value,
        'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      ),
    ];
  const length = isMapped(cidr.bytes) && cidr.length > 32 ? cidr.length - 96 : cidr.length;
  const canonical = `${ipText(cidr.bytes)}/${length}`;
  return canonical === value
    ? []
    : [invalid(path, value, `must be in canonical form ("${canonical}")`)];
}

/** Models core/validation ValidateEndpointIP: an address that others can reach. */
export function validateEndpointIp(path: FieldPath, value: string): FieldError[] {
  const ip = parseIp(value);
  if (!ip) return [invalid(path, value, 'must be a valid IP address')];
  const bytes = isMapped(ip.bytes) ? ip.bytes.slice(12) : ip.bytes;
  const [first = 0, second = 0] = bytes;
  const is4 = bytes.length === 4;
  const isLast = (last: number): boolean =>
    bytes.every((byte, at) => byte === (at === bytes.length - 1 ? last : 0));
  const problems = [
    isLast(0) && `may not be unspecified (${value})`,
    (is4 ? first === 127 : isLast(1)) && 'may not be in the loopback range (127.0.0.0/8, ::1/128)',
    (is4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80) &&
      'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    (is4
      ? first === 224 && second === 0 && bytes[2] === 0
      : first === 0xff && (second & 0x0f) === 0x02) &&
      'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  ];
  return problems.flatMap((problem) => (problem ? [invalid(path, value, problem)] : []));
}

/** Models GetWarningsForIP. */
export function ipWarnings(path: FieldPath, value: string): string[] {
  const ip = parseIp(value);
  if (!ip) return [];
  const canonical = ipText(ip.bytes);
  if (ip.hasLeadingZeros || isMapped(ip.bytes))
    return [`${path}: non-standard IP address "${value}" is invalid: use "${canonical}"`];
  return ip.bytes.length === 16 && canonical !== value
    ? [`${path}: IPv6 address "${value}" should be in RFC 5952 canonical format ("${canonical}")`]
    : [];
}

/** Models GetWarningsForCIDR. */
export function cidrWarnings(path: FieldPath, value: string): string[] {
  const cidr = parseCidr(value);
  if (!cidr) return [];
  const warnings: string[] = [];
  const canonical = cidrText(cidr);
  const address = ipText(cidr.bytes);
  if (address !== ipText(cidr.network))
    warnings.push(
      `${path}: CIDR value "${value}" is ambiguous in this context (should be "${canonical}" or "${address}/${cidr.bytes.length * 8}"?)`,
    );
  if (cidr.hasLeadingZeros || isMapped(cidr.bytes))
    warnings.push(`${path}: non-standard CIDR value "${value}" is invalid: use "${canonical}"`);
  if (!warnings.length && cidr.bytes.length === 16 && canonical !== value)
    warnings.push(
      `${path}: IPv6 CIDR value "${value}" should be in RFC 5952 canonical format ("${canonical}")`,
    );
  return warnings;
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return { bytes, hasLeadingZeros: parts.some((part) => /^0\d/.test(part)) };
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => groupsOf(half, at === halves.length - 1));
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 16 - head.bytes.length - (tail?.bytes.length ?? 0);
  if (tail ? missing < 2 : missing !== 0) return undefined;
  return {
    bytes: [...head.bytes, ...new Array<number>(missing).fill(0), ...(tail?.bytes ?? [])],
    hasLeadingZeros: head.hasLeadingZeros || (tail?.hasLeadingZeros ?? false),
  };
}

/** The bytes of `2001:db8` and, at the end of an address, of `ffff:10.0.0.1`. */
function groupsOf(text: string, isEnd: boolean): IpAddress | undefined {
  if (text === '') return { bytes: [], hasLeadingZeros: false };
  const bytes: number[] = [];
  let hasLeadingZeros = false;
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (part.includes('.') && isEnd && at === parts.length - 1) {
      const ipv4 = parseIpv4(part);
      if (!ipv4) return undefined;
      bytes.push(...ipv4.bytes);
      hasLeadingZeros ||= ipv4.hasLeadingZeros;
      continue;
    }
    if (!/^[0-9a-fA-F]+$/.test(part)) return undefined;
    const value = parseInt(part, 16);
    if (value > 0xffff) return undefined;
    hasLeadingZeros ||= part.length > 4;
    bytes.push(value >> 8, value & 0xff);
  }
  return { bytes, hasLeadingZeros };
}

const word = (bytes: readonly number[], at: number): number =>
  ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0);

/** The bits of a byte that the first `length` bits of it are. */
const maskByte = (length: number): number =>
  length >= 8 ? 0xff : length <= 0 ? 0 : (0xff << (8 - length)) & 0xff;

function isMapped(bytes: readonly number[]): boolean {
  return (
    bytes.length === 16 &&
    bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff
  );
}
