import fs from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../../api/meta.ts';
import { parseDocuments, type YamlDocument } from '../../yaml/documents.ts';
import type { Range } from '../../yaml/fieldMap.ts';
import { UsageError } from './usageError.ts';

/** Lines and columns from 1, in characters as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text that was read, and where its offsets are. */
export class SourceFile {
  /** As it was named; `<stdin>` for the standard input. */
  readonly name: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
      this.#lineStarts.push(at + 1);
  }

  positionAt(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }
}

/** What a file holds: an object to judge, text that is no YAML, or what is not for a cluster, with the reason. */
export type InputDocument = { readonly file: SourceFile } & (
  | (YamlDocument & { readonly type: 'object' })
  | { readonly type: 'broken'; readonly at: Range; readonly message: string }
  | { readonly type: 'skipped'; readonly at: Range; readonly message: string }
);

/** The documents of files and folders in order. Throws a UsageError for what cannot be read. */
export function readInput(paths: readonly string[]): InputDocument[] {
  return readFiles(paths).flatMap(documentsOf);
}

/** The objects of a file or folder; those of Lists one by one. Every document must be one. */
export function readObjects(given: string): JsonObject[] {
  return readFiles([given])
    .flatMap(documentsOf)
    .flatMap((document) => {
      if (document.type === 'object') return [document.object];
      const { line, column } = document.file.positionAt(document.at.start);
      throw new UsageError(`${document.file.name}:${line}:${column}: ${document.message}`);
    });
}

function documentsOf(file: SourceFile): InputDocument[] {
  return parseDocuments(file.text).flatMap((document): InputDocument[] => {
    switch (document.type) {
      case 'object':
        return [{ ...document, file }];
      case 'broken':
        return [{ type: 'broken', file, at: document.at, message: document.message }];
      case 'template':
        return [
          {
            type: 'skipped',
            file,
            at: document.range,
            message: 'a template, not YAML yet: render it first',
          },
        ];
      case 'other':
        return isBlank(file.text.slice(document.range.start, document.range.end))
          ? []
          : [
              {
                type: 'skipped',
                file,
                at: document.range,
                message: 'not a Kubernetes object: apiVersion and kind are missing',
              },
            ];
    }
  });
}

/** Nothing but comments and marks of documents. */
const isBlank = (text: string): boolean => /^(?:\s*(?:#.*|---.*|\.\.\.)?(?:\n|$))*$/.test(text);

function readFiles(paths: readonly string[]): SourceFile[] {
  return paths.flatMap((given) => {
    if (given === '-') return [new SourceFile('<stdin>', read(0, 'the standard input'))];
    return filesOf(given).map((name) => new SourceFile(name, read(name, name)));
  });
}

const extension = /\.(?:ya?ml|json)$/;

function filesOf(given: string): string[] {
  let isFolder: boolean;
  try {
    isFolder = fs.statSync(given).isDirectory();
  } catch (error) {
    throw unreadable(given, error);
  }
  if (!isFolder) return [given];
  const names = fs.readdirSync(given, { withFileTypes: true });
  const files = names
    .filter((entry) => !entry.isDirectory() && extension.test(entry.name))
    .map(({ name }) => path.join(given, name))
    .sort();
  if (!files.length)
    throw new UsageError(`${given} holds no file that ends in .yaml, .yml or .json.`);
  return files;
}

function read(source: string | number, name: string): string {
  try {
    const bytes = fs.readFileSync(source);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
        ? 'it is not UTF-8 text'
        : (code ?? String(error));
  return new UsageError(`${name} cannot be read: ${why}.`, { cause: error });
}
