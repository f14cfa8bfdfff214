// Writes src/api/types/*.ts and src/api/resources.ts from the schemas and the discovery of a real API server.
// Usage: node scripts/generateTypes.ts
import fs from 'node:fs';
import path from 'node:path';

interface Schema {
  type?: string;
  format?: string;
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  enum?: string[];
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

const root = path.join(import.meta.dirname, '..');
const facts = path.join(root, 'src/api/facts/v1.36');
const read = (name: string): unknown => JSON.parse(fs.readFileSync(path.join(facts, name), 'utf8'));
const schemas = read('schemas.json') as Record<string, Schema>;

/** io.k8s.api.apps.v1.Deployment → { file: 'appsV1', name: 'Deployment' } */
function place(full: string): { file: string; name: string } {
  const parts = full.split('.');
  const name = parts.pop() ?? '';
  const version = parts.pop() ?? '';
  const group = full.includes('.apimachinery.') ? (parts.pop() ?? '') : (parts.at(-1) ?? '');
  const file =
    full.startsWith('io.k8s.apimachinery.pkg.') && !full.includes('.apis.')
      ? 'machinery'
      : group + version.charAt(0).toUpperCase() + version.slice(1);
  return { file, name };
}

const scalars: Record<string, string> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'string',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'number | string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'JsonObject',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'JsonObject',
};
const handwritten = new Set(['ObjectMeta', 'ListMeta', 'OwnerReference', 'ManagedFieldsEntry']);

const files = new Map<string, { body: string[]; imports: Map<string, Set<string>> }>();
const fileOf = (name: string) => {
  const found = files.get(name) ?? { body: [], imports: new Map<string, Set<string>>() };
  files.set(name, found);
  return found;
};

function use(file: string, from: string, name: string): string {
  const { imports } = fileOf(file);
  const names = imports.get(from) ?? new Set();
  names.add(name);
  imports.set(from, names);
  return name;
}

function reference(ref: string, file: string): string {
  const full = ref.replace(/^.*\//, '');
  const scalar = scalars[full];
  if (scalar === 'JsonObject') return use(file, '../meta.ts', 'JsonObject');
  if (scalar) return scalar;
  const target = place(full);
  if (target.file === 'metaV1' && handwritten.has(target.name))
    return use(file, '../meta.ts', target.name);
  if (target.file !== file) {
    const alias = `${target.file}.${target.name}`;
    use(file, `./${target.file}.ts`, `* as ${target.file}`);
    return alias;
  }
  return target.name;
}

function typeOf(schema: Schema, file: string): string {
  if (schema.$ref) return reference(schema.$ref, file);
  if (schema.allOf?.[0]) return typeOf(schema.allOf[0], file);
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string')
    return 'number | string';
  if (schema.type === 'string')
    return schema.enum ? schema.enum.map((value) => `'${value}'`).join(' | ') : 'string';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'boolean') return 'boolean';
  if (schema.type === 'array') {
    const item = typeOf(schema.items ?? {}, file);
    return item.includes('|') ? `(${item})[]` : `${item}[]`;
  }
  if (typeof schema.additionalProperties === 'object')
    return `Record<string, ${typeOf(schema.additionalProperties, file)}>`;
  if (schema.type === 'object') return use(file, '../meta.ts', 'JsonObject');
  return use(file, '../meta.ts', 'JsonValue');
}

for (const [full, schema] of Object.entries(schemas)) {
  if (scalars[full]) continue;
  const { file, name } = place(full);
  if (file === 'metaV1' && handwritten.has(name)) continue;
  const { body } = fileOf(file);
  const isObject =
    schema['x-kubernetes-group-version-kind'] !== undefined &&
    schema.properties?.['metadata'] !== undefined;
  if (!schema.properties) {
    body.push(`export type ${name} = ${typeOf(schema, file)};`);
    continue;
  }
  const lines = Object.entries(schema.properties).map(([key, property]) => {
    const must =
      schema.required?.includes(key) ||
      (isObject && ['apiVersion', 'kind', 'metadata'].includes(key));
    const safe = /^[A-Za-z_]\w*$/.test(key) ? key : `'${key}'`;
    return `  ${safe}${must ? '' : '?'}: ${typeOf(property, file)};`;
  });
  body.push(`export interface ${name} {\n${lines.join('\n')}\n}`);
}

const target = path.join(root, 'src/api/types');
fs.rmSync(target, { recursive: true, force: true });
fs.mkdirSync(target, { recursive: true });
for (const [file, { body, imports }] of files) {
  const lines = [...imports].sort().map(([from, names]) => {
    const list = [...names].sort();
    return list[0]?.startsWith('* as')
      ? `import type ${list[0]} from '${from}';`
      : `import type { ${list.join(', ')} } from '${from}';`;
  });
  const text = [
    '// Generated by scripts/generateTypes.ts from src/api/facts/v1.36/schemas.json.',
    ...lines,
    '',
    ...body,
  ].join('\n');
  fs.writeFileSync(path.join(target, `${file}.ts`), `${text}\n`);
}

interface Discovery {
  groups: {
    group: string;
    versions: {
      version: string;
      resources: { plural: string; namespaced: boolean; kind: { kind: string }; verbs: string[] }[];
    }[];
  }[];
}
const byKind = new Map<string, string>();
for (const [full, schema] of Object.entries(schemas)) {
  for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
    if (schema.properties?.['metadata']) byKind.set(`${group}/${version}/${kind}`, full);
  }
}
const lines: string[] = [];
const needed = new Set<string>();
const seen = new Set<string>();
for (const { group, versions } of (read('discovery.json') as Discovery).groups) {
  for (const { version, resources } of versions) {
    for (const { plural, namespaced, kind, verbs } of resources) {
      const full = byKind.get(`${group}/${version}/${kind.kind}`);
      if (!full || !verbs.includes('create')) continue;
      const { file, name } = place(full);
      needed.add(file);
      const suffix = version === 'v1' ? '' : version.charAt(0).toUpperCase() + version.slice(1);
      let constant = plural + suffix;
      if (seen.has(constant))
        constant =
          (group.split('.')[0] ?? '') + constant.charAt(0).toUpperCase() + constant.slice(1);
      seen.add(constant);
      lines.push(
        `export const ${constant}: Resource<${file}.${name}> = { group: '${group}', version: '${version}', resource: '${plural}', kind: '${kind.kind}', namespaced: ${String(namespaced)} };`,
      );
    }
  }
}
const head = [
  '// Generated by scripts/generateTypes.ts from discovery.json: the resources of Kubernetes 1.36 by name.',
  "import type { Resource } from './resource.ts';",
  ...[...needed].sort().map((file) => `import type * as ${file} from './types/${file}.ts';`),
  '',
];
fs.writeFileSync(path.join(root, 'src/api/resources.ts'), `${[...head, ...lines].join('\n')}\n`);
