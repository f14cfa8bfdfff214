import type { ClusterSource, DocumentVerdict, TraceGraph } from '../../source/port.ts';
import type { EventId, TraceEvent } from '../../trace/event.ts';
import type { WriteTexts } from '../../timeline/details.ts';

/** A trace that a timeline shows, and where it comes from. */
export interface Story {
  /** Stories with the same id are the same trace. */
  readonly id: string;
  /** The root to follow in the source; absent for a trace that is over and lies here. */
  readonly follows?: EventId;
  load(limit: number): Promise<TraceGraph>;
  /** What a write of this trace found and left, as the views print it. */
  texts(event: TraceEvent): Promise<WriteTexts | undefined>;
}

/** How the views print what is stored. */
export interface Printer {
  /** A stored value as YAML without managedFields. */
  print(key: string, text: string): string;
  /** Whether data of Secrets is shown. */
  showsSecrets(): boolean;
}

/** A trace of the cluster; it may still grow. */
export function clusterStory(source: ClusterSource, printer: Printer, root: EventId): Story {
  return {
    id: `cluster:${root}`,
    follows: root,
    load: (limit) => source.traces.graph(root, limit),
    texts: async (event) => {
      if (event.type !== 'etcd.put' && event.type !== 'etcd.delete') return undefined;
      return {
        before: await valueAt(source, printer, event.key, event.revision - 1),
        after:
          event.type === 'etcd.put'
            ? await valueAt(source, printer, event.key, event.revision)
            : '',
      };
    },
  };
}

let dryRuns = 0;

/** The request of a dry-run, recorded on its fork. Its write is told of by the object that it would store. */
export function dryRunStory(
  source: ClusterSource,
  printer: Printer,
  verdict: DocumentVerdict,
): Story {
  const [first] = verdict.trace;
  return {
    id: `dryRun:${++dryRuns}`,
    load: () => Promise.resolve({ root: first?.id ?? 0, events: verdict.trace, truncated: false }),
    texts: async (event) => {
      if (event.type !== 'etcd.put' || verdict.object === undefined) return undefined;
      return {
        before: await valueAt(source, printer, event.key),
        after: printer.print(event.key, JSON.stringify(verdict.object)),
      };
    },
  };
}

async function valueAt(
  source: ClusterSource,
  printer: Printer,
  key: string,
  revision?: number,
): Promise<string> {
  const version = revision === 0 ? undefined : await source.keys.read(key, revision);
  if (!version) return '';
  return version.isBinary ? version.text : printer.print(key, version.text);
}
