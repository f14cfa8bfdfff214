import {
  FieldPath,
  fieldForbidden,
  invalidObject,
  notSupported,
  type FieldError,
} from '../../../api/field.ts';
import { badRequest, failure } from '../../../api/status.ts';
import { parseFieldSelector, type FieldSelector } from '../../../api/fieldSelectors.ts';
import { parseLabelSelector, SelectorError, type Selector } from '../../../api/selectors.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { Exchange } from '../exchange.ts';
import { rulesOf } from '../registry/rules.ts';
import type { ServedResource } from '../registry/resources.ts';
import { booleanParameter, integerParameter } from './options.ts';

/** metav1.ListOptions as a list or watch was asked with. */
export interface ListOptions {
  readonly watch: boolean;
  readonly labels: Selector;
  readonly fields: FieldSelector;
  /** As sent: '' is "newest". */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

export function listOptions(exchange: Exchange, resource: ServedResource): ListOptions {
  const { query } = exchange;
  const options: ListOptions = {
    watch: exchange.info.verb === 'watch',
    labels: readSelector(() => parseLabelSelector(query.get('labelSelector') ?? '')),
    fields: readSelector(() => parseFieldSelector(query.get('fieldSelector') ?? '')),
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    limit: integerParameter(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
    timeoutSeconds: integerParameter(query, 'timeoutSeconds'),
    allowWatchBookmarks: booleanParameter(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: booleanParameter(query, 'sendInitialEvents'),
  };
  const errors = options.watch ? watchErrors(options) : listErrors(options);
  if (errors.length) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  checkFields(resource, options.fields);
  return options;
}

function readSelector<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

const MATCH = FieldPath.of('resourceVersionMatch');

/** Models apimachinery/pkg/apis/meta/internalversion/validation ValidateListOptions. */
function listErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match, resourceVersion } = options;
  if (match) {
    if (!resourceVersion)
      errors.push(
        fieldForbidden(
          MATCH,
          'resourceVersionMatch is forbidden unless resourceVersion is provided',
        ),
      );
    if (options.continue)
      errors.push(
        fieldForbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'),
      );
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && resourceVersion === '0')
      errors.push(
        fieldForbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
  }
  if (options.sendInitialEvents !== undefined)
    errors.push(
      fieldForbidden(FieldPath.of('sendInitialEvents'), 'sendInitialEvents is forbidden for list'),
    );
  return errors;
}

function watchErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match } = options;
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan')
    errors.push(
      fieldForbidden(
        MATCH,
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    );
  if (match) {
    if (options.sendInitialEvents === undefined)
      errors.push(
        fieldForbidden(
          MATCH,
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      );
    if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']));
    if (options.continue)
      errors.push(
        fieldForbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'),
      );
  }
  return errors;
}

/** A revision as text; '' and '0' are 0. Models storage.APIObjectVersioner.ParseResourceVersion. */
export function parseResourceVersion(text: string, use: 'list' | 'other' = 'other'): number {
  if (text === '' || text === '0') return 0;
  if (/^\d+$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  const problem = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  throw use === 'list'
    ? badRequest(`invalid resource version: ${problem}`)
    : failure(500, '', problem);
}

/** Every field of the selector must be one that the kind can be selected by. */
function checkFields(resource: ServedResource, selector: FieldSelector): void {
  if (selector.isEmpty) return;
  const rules = rulesOf(resource);
  const known = rules.selectableFields(emptyObject(resource));
  for (const { field } of selector.terms)
    if (!(field in known)) throw badRequest(rules.unknownField(field));
}

const emptyObject = (resource: ServedResource): KubeObject => ({
  apiVersion: '',
  kind: resource.gvk.kind,
  metadata: {},
});

/** Whether an object is wanted. */
export function matches(
  resource: ServedResource,
  options: ListOptions,
  object: KubeObject,
): boolean {
  if (!options.labels.isEmpty && !options.labels.matches(object.metadata.labels)) return false;
  if (options.fields.isEmpty) return true;
  const fields = rulesOf(resource).selectableFields(object);
  return options.fields.matches((field) => fields[field] ?? '');
}

export const selectsAll = (options: ListOptions): boolean =>
  options.labels.isEmpty && options.fields.isEmpty;
