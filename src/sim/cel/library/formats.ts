import { decodeBase64 } from '../../../base/base64.ts';
import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../../apiserver/registry/shared/names.ts';
import { method, overload, type Overload } from '../environment.ts';
import { parseTimestamp } from '../time.ts';
import * as t from '../types.ts';
import { parseRequestUri } from '../url.ts';
import { ArrayList, OpaqueValue, Optional, sizeOf, type CelValue } from '../values.ts';

// Named formats of texts. Models apiserver/pkg/cel/library/format.go.

const type = t.struct('kubernetes.NamedFormat');

type Validate = (text: string) => readonly string[];

class FormatValue extends OpaqueValue {
  readonly type = type;
  readonly name: string;
  readonly validate: Validate;
  /** What its pattern costs, as a length. */
  readonly patternLength: number;

  constructor(name: string, patternLength: number, validate: Validate) {
    super();
    this.name = name;
    this.patternLength = patternLength;
    this.validate = validate;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof FormatValue && this.name === other.name;
  }
}

/** What stands for the end that a generated name gets. */
const asPrefix =
  (validate: Validate): Validate =>
  (text) =>
    validate(text.endsWith('-') && text.length > 1 ? `${text.slice(0, -1)}a` : text);

const unless =
  (isRight: (text: string) => boolean, message: string): Validate =>
  (text) =>
    isRight(text) ? [] : [message];

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

const formats: Readonly<Record<string, FormatValue>> = {
  dns1123Label: new FormatValue('DNS1123Label', 30, isDns1123Label),
  dns1123Subdomain: new FormatValue('DNS1123Subdomain', 60, isDns1123Subdomain),
  dns1035Label: new FormatValue('DNS1035Label', 30, isDns1035Label),
  qualifiedName: new FormatValue('QualifiedName', 60, isQualifiedName),
  dns1123LabelPrefix: new FormatValue('DNS1123LabelPrefix', 30, asPrefix(isDns1123Label)),
  dns1123SubdomainPrefix: new FormatValue('DNS1123SubdomainPrefix', 60, asPrefix(isDns1123Subdomain)),
  dns1035LabelPrefix: new FormatValue('DNS1035LabelPrefix', 30, asPrefix(isDns1035Label)),
  labelValue: new FormatValue('LabelValue', 40, isLabelValue),
  uri: new FormatValue('URI', 1103, (text) => {
    const url = parseRequestUri(text);
    return typeof url === 'string' ? [url] : [];
  }),
  uuid: new FormatValue('uuid', 71, unless((text) => UUID.test(text), 'does not match the UUID format')),
  byte: new FormatValue('byte', 84, unless(isBase64, 'invalid base64')),
  date: new FormatValue('date', 108, unless((text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined, 'invalid date')),
  datetime: new FormatValue('datetime', 108, unless((text) => parseTimestamp(text.replace(/t/, 'T').replace(/z/, 'Z')) !== undefined, 'invalid datetime')),
}; // prettier-ignore

function isBase64(text: string): boolean {
  return (
    text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && decodeBase64(text) !== undefined
  );
}

export const namedFormats: Readonly<Record<string, readonly Overload[]>> = {
  ...Object.fromEntries(
    Object.entries(formats).map(([name, format]) => [
      `format.${name}`,
      [overload(`format.${name}`, [], type, () => format)],
    ]),
  ),
  'format.named': [
    overload('format-named', [t.string], t.optional(type), (name) => {
      const format = Object.hasOwn(formats, name as string) ? formats[name as string] : undefined;
      return format ? new Optional(format) : Optional.none;
    }),
  ],
  validate: [
    method(
      'format-validate',
      [type, t.string],
      t.optional(t.list(t.string)),
      (format, text) => {
        const problems = (format as FormatValue).validate(text as string);
        return problems.length ? new Optional(new ArrayList(problems)) : Optional.none;
      },
      ([format = null, text = null]: readonly CelValue[]) =>
        Math.ceil((1 + sizeOf(text)) * 0.1) *
        Math.ceil((format as FormatValue).patternLength * 0.25),
    ),
  ],
};
