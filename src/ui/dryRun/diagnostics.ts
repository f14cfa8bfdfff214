import * as vscode from 'vscode';
import { Disposable } from '../../base/disposable.ts';
import type { DocumentVerdict } from '../../source/port.ts';
import type { FieldMap, Range } from '../../yaml/documents.ts';
import { stageName, type JudgedDocument, type Verdicts } from './verdicts.ts';

const documentation = 'https://kubernetes.io/docs/reference/access-authn-authz/controlling-access/';

/** Verdicts as diagnostics on the exact field. They come from the pipeline, which no schema check can know. */
export class Diagnostics extends Disposable {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    super();
    this.#verdicts = verdicts;
    this.#collection = this._register(vscode.languages.createDiagnosticCollection('k8s-internals'));
    this._register(verdicts.onDidChange((uri) => this.#update(uri)));
  }

  #update(uri: vscode.Uri): void {
    const judgement = this.#verdicts.get(uri);
    const document = vscode.workspace.textDocuments.find(
      (it) => it.uri.toString() === uri.toString(),
    );
    if (!judgement || !document) {
      this.#collection.delete(uri);
      return;
    }
    const rangeAt = (range: Range) =>
      new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
    this.#collection.set(
      uri,
      judgement.documents.flatMap((judged) => diagnosticsOf(judged, rangeAt)),
    );
  }
}

function diagnosticsOf(
  { document, verdict }: JudgedDocument,
  rangeAt: (range: Range) => vscode.Range,
): vscode.Diagnostic[] {
  const problems = problemsOf(verdict, document.fields);
  const all = problems.map(({ message, place }) =>
    diagnostic(
      rangeAt(place ?? document.head),
      message,
      vscode.DiagnosticSeverity.Error,
      stageName(verdict.stage),
    ),
  );
  for (const warning of verdict.warnings) {
    const place = /^([\w.[\]/-]+): /.exec(warning)?.[1];
    all.push(
      diagnostic(
        rangeAt((place !== undefined && document.fields.rangeOf(place)) || document.head),
        warning,
        vscode.DiagnosticSeverity.Warning,
        vscode.l10n.t('the server warns'),
      ),
    );
  }
  if (verdict.forecast?.outcome === 'stuck') {
    const message = vscode.l10n.t('Accepted, but then: {0}', verdict.forecast.summary);
    all.push(
      diagnostic(
        rangeAt(forecastPlace(verdict, document.fields) ?? document.head),
        message,
        vscode.DiagnosticSeverity.Warning,
        vscode.l10n.t('after admission'),
      ),
    );
  }
  return all;
}

interface Problem {
  readonly message: string;
  readonly place: Range | undefined;
}

function problemsOf(verdict: DocumentVerdict, fields: FieldMap): Problem[] {
  if (verdict.outcome !== 'rejected') return [];
  const causes = verdict.causes.filter(({ field }) => field !== '');
  if (causes.length)
    return causes.map(({ field, message }) => ({
      message: `${field}: ${message}`,
      place: fields.rangeOf(field),
    }));
  const strict = [...verdict.message.matchAll(/(unknown|duplicate) field "((?:[^"\\]|\\.)*)"/g)];
  if (strict.length)
    return strict.map((match) => ({ message: match[0], place: fields.keyRangeOf(match[2] ?? '') }));
  const typed = /Go struct field [^.\s]+\.(\S+) of type/.exec(verdict.message)?.[1];
  const text = verdict.message.replace(
    /^\w+ in version "[^"]*" cannot be handled as an? \w+: /,
    '',
  );
  if (typed !== undefined)
    return [{ message: text, place: fields.rangeOf(typed) ?? withFirstItems(typed, fields) }];
  return [{ message: text, place: namedPlace(verdict, fields) }];
}

/** Go names no index of a list: the first place that fits is taken. */
function withFirstItems(path: string, fields: FieldMap): Range | undefined {
  let known = '';
  for (const part of path.split('.')) {
    const next = known ? `${known}.${part}` : part;
    known = fields.keyRangeOf(next) ? next : `${known}[0].${part}`;
  }
  return fields.rangeOf(known);
}

/** What a refusal without a field is about: the namespace that is missing, the account, the name that is taken. */
function namedPlace(
  { message, code, stage }: DocumentVerdict,
  fields: FieldMap,
): Range | undefined {
  if (/^namespaces "[^"]*" not found/.test(message)) return fields.rangeOf('metadata.namespace');
  if (message.includes('error looking up service account'))
    return fields.rangeOf('spec.serviceAccountName');
  if (message.includes('no PriorityClass')) return fields.rangeOf('spec.priorityClassName');
  if (message.includes('quota'))
    return fields.rangeOf('spec.containers[0].resources') ?? fields.rangeOf('metadata.name');
  if (code === 409) return fields.rangeOf('metadata.name');
  return stage === 'client' ? fields.rangeOf('apiVersion') : undefined;
}

/** What a forecast is about: an image that cannot be pulled, requests that no node can meet. */
function forecastPlace({ forecast, object }: DocumentVerdict, fields: FieldMap): Range | undefined {
  const base = object?.kind === 'Pod' ? 'spec' : 'spec.template.spec';
  const summary = forecast?.summary ?? '';
  if (/ErrImage|ImagePull/.test(summary)) return fields.rangeOf(`${base}.containers[0].image`);
  if (/Insufficient (\w+)/.test(summary))
    return fields.rangeOf(
      `${base}.containers[0].resources.requests.${/Insufficient (\w+)/.exec(summary)?.[1] ?? 'cpu'}`,
    );
  if (summary.includes('no scheduler goes by the name'))
    return fields.rangeOf(`${base}.schedulerName`);
  if (/node affinity\/selector/.test(summary)) return fields.rangeOf(`${base}.nodeSelector`);
  return undefined;
}

function diagnostic(
  range: vscode.Range,
  message: string,
  severity: vscode.DiagnosticSeverity,
  stage: string,
): vscode.Diagnostic {
  const result = new vscode.Diagnostic(range, message, severity);
  result.source = vscode.l10n.t('API pipeline');
  result.code = { value: stage, target: vscode.Uri.parse(documentation) };
  return result;
}
