import fs from 'node:fs';
import type { Descriptions } from '../sim/apiserver/openapi/descriptions.ts';

/** Reads the descriptions of types and fields when they are first asked for; none where the file is not there. */
export function descriptionsIn(file: string): () => Descriptions {
  let read: Descriptions | undefined;
  return () =>
    (read ??= fs.existsSync(file)
      ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Descriptions)
      : {});
}
