import fs from 'node:fs';
import path from 'node:path';

/** Where package.json stands: this file runs from src, and bundled from dist. */
export const packageRoot: string = (() => {
  let folder = import.meta.dirname;
  while (!fs.existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`);
    folder = parent;
  }
  return folder;
})();

export const packageVersion = (): string =>
  (
    JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as {
      version: string;
    }
  ).version;
