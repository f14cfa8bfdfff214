import type { DocumentVerdict } from '../../source/port.ts';
import { problemsOf } from '../../verdict/problems.ts';
import type { Range } from '../../yaml/fieldMap.ts';
import type { InputDocument, Position, SourceFile } from './dryRunInput.ts';

export type Severity = 'error' | 'warning' | 'note';

/** One thing to say about one place. */
export interface Finding {
  readonly file: SourceFile;
  readonly start: Position;
  readonly end: Position;
  readonly severity: Severity;
  readonly message: string;
  /** Who says it: `validation`, or `validatingAdmission/PodSecurity` with the plugin. */
  readonly rule: string;
  /** What would allow it, as YAML. */
  readonly remedy?: DocumentVerdict['remedy'];
}

/** A document, what was said about it in places, and the whole verdict where one was asked for. */
export interface Judged {
  readonly document: InputDocument;
  readonly outcome: DocumentVerdict['outcome'];
  readonly verdict?: DocumentVerdict;
  readonly findings: readonly Finding[];
}

/** Joins documents with the verdicts of those that were sent, which are in the same order. */
export function judgedOf(
  documents: readonly InputDocument[],
  verdicts: readonly DocumentVerdict[],
): Judged[] {
  const waiting = [...verdicts];
  return documents.map((document): Judged => {
    if (document.type === 'object') {
      const verdict = waiting.shift();
      if (!verdict) throw new Error('every object has a verdict');
      return {
        document,
        outcome: verdict.outcome,
        verdict,
        findings: findingsOf(document, verdict),
      };
    }
    const isBroken = document.type === 'broken';
    const finding: Finding = {
      ...placed(document.file, document.at),
      severity: isBroken ? 'error' : 'note',
      message: document.message,
      rule: isBroken ? 'yaml' : 'skipped',
    };
    return { document, outcome: isBroken ? 'rejected' : 'skipped', findings: [finding] };
  });
}

function findingsOf(
  { file, fields, head }: InputDocument & { readonly type: 'object' },
  verdict: DocumentVerdict,
): Finding[] {
  const { stage = 'server', plugin, forecast, remedy } = verdict;
  const deciding = plugin === undefined ? stage : `${stage}/${plugin}`;
  const findings = problemsOf(verdict, fields).map(({ kind, message, place }): Finding => {
    const at = placed(file, place ?? head);
    switch (kind) {
      case 'refusal':
        return { ...at, severity: 'error', message, rule: deciding, ...(remedy && { remedy }) };
      case 'warning':
        return { ...at, severity: 'warning', message, rule: 'server' };
      case 'forecast':
        return {
          ...at,
          severity: 'warning',
          message: `accepted, but then: ${message}`,
          rule: 'forecast',
        };
    }
  });
  if (forecast && forecast.outcome !== 'stuck')
    findings.push({
      ...placed(file, head),
      severity: 'note',
      message: `would be ${verdict.outcome}, then: ${forecast.summary}`,
      rule: 'forecast',
    });
  return findings;
}

const placed = (file: SourceFile, { start, end }: Range) => ({
  file,
  start: file.positionAt(start),
  end: file.positionAt(end),
});

/** `5 documents: 3 created, 1 configured, 1 rejected; 2 warnings` */
export function summaryOf(judged: readonly Judged[]): string {
  const outcomes = ['created', 'configured', 'unchanged', 'rejected', 'skipped'] as const;
  const counts = outcomes
    .map((outcome) => ({ outcome, count: judged.filter((it) => it.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcome}`);
  if (!counts.length) return 'No documents.';
  const warnings = judged
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity === 'warning').length;
  const more = warnings ? `; ${plural(warnings, 'warning')}` : '';
  return `${plural(judged.length, 'document')}: ${counts.join(', ')}${more}`;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
