// Reads the published Go types of the API for what no schema tells: the order of fields, which of them disappear when
// they are empty, and what the types are called (decoding errors name them). Facts only: names, tags and types.
// Usage: node scripts/generateGoTypes.ts   (needs Go and k8s.io/kubernetes v1.36.3 in its module cache)
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
const modules: Record<string, string> = {
  'k8s.io/api': 'k8s.io/api@v0.36.3',
  'k8s.io/apimachinery': 'k8s.io/apimachinery@v0.36.3',
  'k8s.io/apiextensions-apiserver': 'k8s.io/apiextensions-apiserver@v0.36.3',
  'k8s.io/kube-aggregator': 'k8s.io/kube-aggregator@v0.36.3',
};

/** [json name, flags, type]; flags: e omitempty, z omitzero, i inline. Types: `[]`, `map[K]`, `*` before a name. */
type Field = [string, string, string];
interface GoType {
  fields?: Field[];
  /** For `type Phase string` and the like. */
  is?: string;
}

const types: Record<string, GoType> = {};

/** k8s.io/api/apps/v1 + Deployment → io.k8s.api.apps.v1.Deployment, the name that the schemas use. */
const schemaName = (packagePath: string, name: string) =>
  `io.k8s.${packagePath.replace(/^k8s\.io\//, '').replaceAll('/', '.')}.${name}`;

function readPackage(packagePath: string): void {
  const module = Object.keys(modules).find(
    (name) => packagePath === name || packagePath.startsWith(`${name}/`),
  );
  if (!module) return;
  const folder = path.join(cache, modules[module] ?? '', packagePath.slice(module.length));
  for (const file of fs.readdirSync(folder)) {
    if (
      !file.endsWith('.go') ||
      file.includes('_test') ||
      file.startsWith('zz_') ||
      file.includes('generated')
    )
      continue;
    readFile(packagePath, fs.readFileSync(path.join(folder, file), 'utf8'));
  }
}

function readFile(packagePath: string, text: string): void {
  const source = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^[ \t]*\/\/.*$/gm, '');
  const imports = new Map<string, string>();
  for (const match of source.matchAll(/^\s*(?:import\s+)?(?:(\w+)\s+)?"([^"]+)"$/gm))
    imports.set(match[1] ?? (match[2] ?? '').split('/').at(-1) ?? '', match[2] ?? '');
  const qualify = (type: string): string => {
    const match = /^((?:\*|\[\]|map\[[\w.]+\])*)(.+)$/.exec(type);
    if (!match) return type;
    const [, prefix = '', name = ''] = match;
    const head = prefix.replace(/map\[([\w.]+)\]/g, 'map[string]');
    if (
      /^(?:string|bool|int32|int64|int|uint32|uint64|uint|byte|uint8|float64|float32|interface\{\}|any)$/.test(
        name,
      )
    )
      return head + name;
    const dot = name.indexOf('.');
    const alias = name.slice(0, Math.max(dot, 0));
    const from = dot < 0 ? packagePath : (imports.get(alias) ?? alias);
    return head + schemaName(from, name.slice(dot + 1));
  };
  for (const match of source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields: Field[] = [];
    for (const line of (match[2] ?? '').split('\n')) {
      const field = /^\s+(?:(\w+)\s+)?([\w.*[\]{}]+)(?:\s+`(.*)`)?\s*(?:\/\/.*)?$/.exec(line);
      if (!field) continue;
      const tag = /json:"([^"]*)"/.exec(field[3] ?? '')?.[1];
      if (tag === undefined) {
        if (field[1] === undefined) fields.push(['', 'i', qualify(field[2] ?? '')]);
        continue;
      }
      const [name = '', ...options] = tag.split(',');
      if (name === '-') continue;
      const flags =
        (options.includes('omitempty') ? 'e' : '') +
        (options.includes('omitzero') ? 'z' : '') +
        (name === '' ? 'i' : '');
      fields.push([name, flags, qualify(field[2] ?? '')]);
    }
    types[schemaName(packagePath, match[1] ?? '')] = { fields };
  }
  for (const match of source.matchAll(/^type (\w+) struct ?\{\}$/gm))
    types[schemaName(packagePath, match[1] ?? '')] = { fields: [] };
  for (const match of source.matchAll(/^type (\w+) ((?:\[\]|map\[[\w.]+\])*[\w.]+)$/gm))
    types[schemaName(packagePath, match[1] ?? '')] = { is: qualify(match[2] ?? '') };
}

const schemas = JSON.parse(
  fs.readFileSync(path.join(root, 'src/api/facts/v1.36/schemas.json'), 'utf8'),
) as Record<string, unknown>;
const packages = new Set<string>();
for (const name of Object.keys(schemas)) {
  const parts = name.split('.').slice(0, -1);
  const rest = parts.slice(2).join('/');
  packages.add(`k8s.io/${rest}`);
}
for (const packagePath of packages) {
  try {
    readPackage(packagePath);
  } catch {
    // Not a package of Go types (io.k8s.apimachinery.pkg.util.intstr is read below by hand: it has no struct tags).
  }
}

// Keep what the API's objects are made of.
const wanted: Record<string, GoType> = {};
const visit = (name: string): void => {
  const type = types[name];
  if (!type || wanted[name]) return;
  wanted[name] = type;
  for (const [, , fieldType] of type.fields ?? [])
    visit(fieldType.replace(/^(?:\*|\[\]|map\[string\])*/, ''));
  if (type.is) visit(type.is.replace(/^(?:\*|\[\]|map\[string\])*/, ''));
};
Object.keys(schemas).forEach(visit);

const rows = Object.entries(wanted)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, type]) => `${JSON.stringify(name)}: ${JSON.stringify(type)}`);
fs.writeFileSync(
  path.join(root, 'src/api/facts/v1.36/goTypes.json'),
  `{\n${rows.join(',\n')}\n}\n`,
);
console.log(
  `${rows.length} types; without one: ${Object.keys(schemas)
    .filter((name) => !wanted[name])
    .join(' ')}`,
);
