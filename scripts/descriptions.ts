// What the API's types and fields are for, in the words of Kubernetes: read from the declarations of
// @kubernetes/client-node into dist/descriptions.json, which OpenAPI documents are completed from (kubectl explain).
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const models = path.join(root, 'node_modules/@kubernetes/client-node/dist/gen/models');
const descriptionsFile = path.join(root, 'dist/descriptions.json');

/** Of a type, and of its fields by their names. */
type Description = readonly [type: string, fields: Readonly<Record<string, string>>];

/** Writes the file if it is not there. */
export function ensureDescriptions(): void {
  if (!fs.existsSync(descriptionsFile)) writeDescriptions();
}

export const writeDescriptions = (): void => writeDescriptionsTo(descriptionsFile);

export function writeDescriptionsTo(target: string): void {
  const schemas = JSON.parse(
    fs.readFileSync(path.join(root, 'src/api/facts/v1.36/schemas.json'), 'utf8'),
  ) as Record<string, unknown>;
  const found: Record<string, Description> = {};
  for (const name of Object.keys(schemas)) {
    const file = modelsOf(name).find((it) => fs.existsSync(it));
    if (file !== undefined) found[name] = readModel(fs.readFileSync(file, 'utf8'));
  }
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, JSON.stringify(found));
}

/** io.k8s.api.core.v1.Event → CoreV1Event.d.ts, which several groups have, or V1Event.d.ts */
function modelsOf(schema: string): string[] {
  const [kind = '', version = '', group = ''] = schema.split('.').reverse();
  const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  return [upper(group) + upper(version) + kind, upper(version) + kind].map((name) =>
    path.join(models, `${name}.d.ts`),
  );
}

function readModel(text: string): Description {
  const comment = String.raw`/\*\*\n((?:(?!\*/)[\s\S])*)\*/\s*`;
  const type = new RegExp(`${comment}export declare class`).exec(text)?.[1] ?? '';
  const fields: Record<string, string> = {};
  for (const [, words = '', field = ''] of text.matchAll(
    new RegExp(`${comment}'([^']+)'\\??:`, 'g'),
  ))
    fields[field] = wordsOf(words);
  return [wordsOf(type), fields];
}

const wordsOf = (comment: string): string =>
  comment
    .replace(/^\s*\* ?/gm, '')
    .replaceAll('*_/', '*/')
    .replace(/\\(["'])/g, '$1')
    .trim();
