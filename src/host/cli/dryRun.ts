import { isObject, type JsonObject } from '../../api/meta.ts';
import { Judge } from './dryRunCluster.ts';
import { inFormat } from './dryRunFormats.ts';
import { readInput, readObjects } from './dryRunInput.ts';
import { dryRunUsage, parseDryRunOptions } from './dryRunOptions.ts';
import { judgedOf } from './dryRunReport.ts';
import { packageVersion } from './packageRoot.ts';

/** What a command says, and how it ends. */
export interface Ending {
  readonly output: string;
  /** For the standard error stream. */
  readonly notes: readonly string[];
  readonly code: number;
}

/** Judges manifests as the editor does, without a cluster that anybody could reach. Throws a UsageError. */
export async function dryRunCommand(args: readonly string[]): Promise<Ending> {
  const options = parseDryRunOptions(args);
  if (options.help) return { output: dryRunUsage, notes: [], code: 0 };
  const { as, namespace, forwardSeconds, output, admission } = options;
  const documents = readInput(options.files);
  const state = options.cluster === undefined ? [] : readObjects(options.cluster);
  const objects = documents.filter((document) => document.type === 'object');
  const judge = await Judge.start({ state, namespace, admission });
  try {
    const result = await judge.judge({
      documents: objects.map(({ object }) => ({ object: asOfNow(object, state) })),
      forwardSeconds,
      ...(as && { as }),
      ...(namespace !== undefined && { namespace }),
    });
    const judged = judgedOf(documents, result.documents);
    return {
      output: inFormat[output](judged, packageVersion()),
      notes: judge.notes,
      code: judged.some(({ outcome }) => outcome === 'rejected') ? 1 : 0,
    };
  } finally {
    judge.dispose();
  }
}

/**
 * An object as of the version in the state is as of what is there now: revisions are counted anew here. One as of
 * another version stays so, and is a conflict.
 */
function asOfNow(object: JsonObject, state: readonly JsonObject[]): JsonObject {
  const version = metadataOf(object)['resourceVersion'];
  if (version === undefined) return object;
  const isSame = (other: JsonObject): boolean =>
    other['kind'] === object['kind'] &&
    ['name', 'namespace', 'resourceVersion'].every(
      (field) => metadataOf(other)[field] === metadataOf(object)[field],
    );
  if (!state.some(isSame)) return object;
  return {
    ...object,
    metadata: { ...metadataOf(object), resourceVersion: undefined },
  };
}

const metadataOf = ({ metadata }: JsonObject): JsonObject => (isObject(metadata) ? metadata : {});
