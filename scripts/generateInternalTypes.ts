// Reads the internal Go types of Kubernetes: validation messages print values of them, which have Go's field names instead
// of JSON's. Facts only: names and types, in order. Usage: node scripts/generateInternalTypes.ts   (needs Go and
// k8s.io/kubernetes v1.36.3 in its module cache)
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
const kubernetes = path.join(cache, 'k8s.io/kubernetes@v1.36.3/pkg/apis');
const apis = path.join(cache, 'k8s.io/api@v0.36.3');

/** Internal package → where it is, and the published version whose JSON names its fields have. */
const packages: Readonly<Record<string, readonly [internal: string, published: string]>> = {
  core: [`${kubernetes}/core`, `${apis}/core/v1`],
  apps: [`${kubernetes}/apps`, `${apis}/apps/v1`],
  batch: [`${kubernetes}/batch`, `${apis}/batch/v1`],
  autoscaling: [`${kubernetes}/autoscaling`, `${apis}/autoscaling/v2`],
  policy: [`${kubernetes}/policy`, `${apis}/policy/v1`],
  networking: [`${kubernetes}/networking`, `${apis}/networking/v1`],
  discovery: [`${kubernetes}/discovery`, `${apis}/discovery/v1`],
  rbac: [`${kubernetes}/rbac`, `${apis}/rbac/v1`],
  storage: [`${kubernetes}/storage`, `${apis}/storage/v1`],
  scheduling: [`${kubernetes}/scheduling`, `${apis}/scheduling/v1`],
  node: [`${kubernetes}/node`, `${apis}/node/v1`],
  coordination: [`${kubernetes}/coordination`, `${apis}/coordination/v1`],
  certificates: [`${kubernetes}/certificates`, `${apis}/certificates/v1`],
  flowcontrol: [`${kubernetes}/flowcontrol`, `${apis}/flowcontrol/v1`],
  admissionregistration: [
    `${kubernetes}/admissionregistration`,
    `${apis}/admissionregistration/v1`,
  ],
  resource: [`${kubernetes}/resource`, `${apis}/resource/v1`],
  apiextensions: [
    path.join(cache, 'k8s.io/apiextensions-apiserver@v0.36.3/pkg/apis/apiextensions'),
    path.join(cache, 'k8s.io/apiextensions-apiserver@v0.36.3/pkg/apis/apiextensions/v1'),
  ],
};

/** [Go name, JSON name of the published field ('' where there is none or the struct is embedded), Go type] */
type Field = [string, string, string];
interface Package {
  readonly structs: Map<string, Field[]>;
  readonly named: Map<string, string>;
}

const aliases: Readonly<Record<string, string>> = { api: 'core', apiextensionsv1: 'apiextensions' };

function read(folder: string, prefix: string): Package {
  const structs = new Map<string, Field[]>();
  const named = new Map<string, string>();
  const qualify = (type: string): string => {
    const [, head = '', name = ''] = /^((?:\*|\[\]|map\[[\w.]+\])*)(.+)$/.exec(type) ?? [];
    const plain = head.replace(/map\[[\w.]+\]/g, 'map[string]');
    if (/^[a-z]\w*$/.test(name)) return plain + name;
    const [alias = '', local] = name.includes('.') ? name.split('.') : [prefix, name];
    return `${plain}${aliases[alias] ?? alias}.${local ?? ''}`;
  };
  for (const file of fs.readdirSync(folder)) {
    if (!/^types.*\.go$/.test(file)) continue;
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    const source = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^[ \t]*\/\/.*$/gm, '');
    for (const [, name = '', body = ''] of source.matchAll(
      /^type (\w+) struct \{(?:\n([\s\S]*?)^)?\}/gm,
    )) {
      const fields: Field[] = [];
      for (const line of body.split('\n')) {
        const match = /^\s+(?:([\w, ]+?)\s+)?([\w.*[\]{}]+)(?:\s+`(.*)`)?\s*(?:\/\/.*)?$/.exec(
          line,
        );
        if (!match) continue;
        const json = /json:"([^",]*)/.exec(match[3] ?? '')?.[1] ?? '';
        const names = match[1]?.split(/,\s*/) ?? [''];
        for (const field of names) fields.push([field, json, qualify(match[2] ?? '')]);
      }
      structs.set(name, fields);
    }
    for (const [, name = '', type = ''] of source.matchAll(
      /^type (\w+) ((?:\[\]|map\[[\w.]+\])*[\w.]+)$/gm,
    ))
      named.set(name, qualify(type));
  }
  return { structs, named };
}

const structs: Record<string, Field[]> = {};
const named: Record<string, string> = {};
for (const [prefix, [internal, published]] of Object.entries(packages)) {
  const own = read(internal, prefix);
  const outer = read(published, prefix);
  for (const [name, fields] of own.structs) {
    const theirs = new Map(outer.structs.get(name)?.map(([field, json]) => [field, json]));
    structs[`${prefix}.${name}`] = fields
      .filter(([field, , type]) => field !== '' || !/\b(?:TypeMeta|ListMeta)$/.test(type))
      .map(([field, json, type]) => [field, field ? theirs.get(field) || json : '', type]);
  }
  for (const [name, type] of own.named) named[`${prefix}.${name}`] = type;
}

const rows = (table: Readonly<Record<string, unknown>>) =>
  Object.keys(table)
    .sort()
    .map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(table[name])}`)
    .join(',\n');
const about =
  'Internal Go structs (k8s.io/kubernetes v1.36.3 pkg/apis): a field as [Go name, JSON name of the published field, Go type] in the order of the source; no Go name: embedded; named: named types and what they are';
fs.writeFileSync(
  path.join(root, 'src/api/facts/v1.36/goInternalTypes.json'),
  `{\n "about": ${JSON.stringify(about)},\n "structs": {\n${rows(structs)}\n },\n "named": {\n${rows(named)}\n }\n}\n`,
);
console.log(`${Object.keys(structs).length} structs, ${Object.keys(named).length} named types`);
