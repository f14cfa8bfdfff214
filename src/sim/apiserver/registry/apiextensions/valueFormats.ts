import { parseCidr, parseIp } from '../shared/ip.ts';
import { isDns1123Label, isDns1123Subdomain } from '../shared/names.ts';
import { parseTime } from '../../../../base/time.ts';

const uuid = (version: string, variant: string): RegExp =>
  new RegExp(
    `^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`,
    'i',
  );
const any = '[0-9a-f]';
const hostLabel = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';

/** Whether a text has a format; of others than these all texts do. Models kube-openapi/pkg/validation/strfmt. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  uri: (text) => /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:.*|\/.*)$/s.test(text) && !/\s/.test(text),
  email: (text) => /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\]+$/.test(text),
  hostname: (text) =>
    text.length <= 255 && new RegExp(`^${hostLabel}(\\.${hostLabel})*\\.?$`).test(text),
  ipv4: (text) => parseIp(text)?.bytes.length === 4,
  ipv6: (text) => parseIp(text)?.bytes.length === 16,
  cidr: (text) => parseCidr(text) !== undefined,
  mac: (text) => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(text),
  uuid: (text) => uuid(any, any).test(text),
  uuid3: (text) => uuid('3', any).test(text),
  uuid4: (text) => uuid('4', '[89ab]').test(text),
  uuid5: (text) => uuid('5', '[89ab]').test(text),
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  rgbcolor: (text) => /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isTime(`${text}T00:00:00Z`),
  datetime: (text) =>
    /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/.test(text),
  duration: (text) =>
    /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/.test(
      text,
    ) ||
    /^\d+\s*(ns|nanos?(econds?)?|us|µs|micros?(econds?)?|ms|millis?(econds?)?|s|sec(onds?)?|m|min(utes?)?|h|hr|hours?|d|days?|w|weeks?)$/i.test(
      text,
    ),
  k8sshortname: (text) => !isDns1123Label(text).length,
  k8slongname: (text) => !isDns1123Subdomain(text).length,
};

const isTime = (text: string): boolean => parseTime(text) !== undefined;

export const hasFormat = (format: string, text: string): boolean =>
  formats[format.replaceAll('-', '')]?.(text) ?? true;
