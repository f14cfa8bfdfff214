import fs from 'node:fs';
import path from 'node:path';
import { dataFolder } from '../verdicts/cases.ts';

/** Shell commands in order, in a fresh namespace, and what the real kubectl, helm and etcdctl printed. */
export interface Transcript {
  id: string;
  area: string;
  about: string;
  /** Parts besides the API server. `etcd`: etcdctl alone, on the cluster's store; `etcd-alone`: on one that may be spoilt. */
  needs?: string[];
  /** Laid in the working folder. */
  files?: Record<string, string>;
  steps: TranscriptStep[];
  /** Removes what lies outside the namespace. */
  after?: string[];
}

export interface TranscriptStep extends Printed {
  /** One command line of bash. */
  run: string;
  stdin?: string;
  /** Run again until it agrees: the output needs waiting for. */
  retry?: boolean;
  /** Only the exit status counts. */
  loose?: boolean;
  /** Why it is not played. */
  skip?: string;
}

export interface Printed {
  exit: number;
  stdout: string;
  stderr: string;
}

export function readTranscripts(): Transcript[] {
  const folder = path.join(dataFolder, 'transcripts');
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap(
      (name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as Transcript[],
    );
}
