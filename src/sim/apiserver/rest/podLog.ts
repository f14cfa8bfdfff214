import { encodeUtf8 } from '../../../base/bytes.ts';
import {
  FieldPath,
  fieldForbidden,
  invalid,
  invalidObject,
  type FieldError,
} from '../../../api/field.ts';
import { badRequest, notFound, failure } from '../../../api/status.ts';
import type { ContainerStatus, Pod } from '../../../api/types/coreV1.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import type { LogRequest } from './log.ts';
import { booleanParameter, integerParameter } from './options.ts';
import { respondText } from './respond.ts';
import type { RestTarget } from './target.ts';

/** GET of pods/NAME/log. Models kubernetes/pkg/registry/core/pod LogLocation and the kubelet's answers. */
export async function readPodLog(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const { resource, namespace, name } = target;
  const { query } = exchange;
  const stored = await exchange.stage('storage', async (note) => {
    await exchange.settle();
    const stored = await exchange.server.store.get(resource, namespace, name);
    if (!stored) throw notFound(resource, name);
    note.summary = 'Read the Pod, to know its node.';
    return stored;
  });
  const pod = stored.object as Pod;
  const errors = logErrors(exchange);
  if (errors.length) throw invalidObject({ group: '', kind: 'PodLogOptions' }, name, errors);
  const container = chooseContainer(pod, query.get('container') ?? '');
  const previous = booleanParameter(query, 'previous') ?? false;
  const node = pod.spec?.nodeName ?? '';
  if (!node) return { code: 204, headers: { ...exchange.headers }, body: { kind: 'none' } };
  const problem = notStarted(pod, container, previous);
  if (problem) throw badRequest(problem);
  const request: LogRequest = {
    node,
    namespace,
    pod: name,
    uid: pod.metadata.uid ?? '',
    container,
    follow: booleanParameter(query, 'follow') ?? false,
    previous,
    timestamps: booleanParameter(query, 'timestamps') ?? false,
    tailLines: integerParameter(query, 'tailLines'),
    sinceSeconds: integerParameter(query, 'sinceSeconds'),
    limitBytes: integerParameter(query, 'limitBytes'),
  };
  const answer = await exchange.server.logs?.read(request);
  if (!answer)
    throw failure(
      500,
      'InternalError',
      `Internal error occurred: Get "https://${node}:10250/containerLogs/${namespace}/${name}/${container}": no kubelet answers on node ${node}`,
      {},
    );
  if ('problem' in answer) throw badRequest(answer.problem);
  const { text, follow } = answer;
  if (!follow) return respondText(exchange, 200, text, 'text/plain');
  return {
    code: 200,
    headers: { 'cache-control': 'no-cache, private', ...exchange.headers },
    body: {
      kind: 'stream',
      contentType: 'text/plain',
      start: (sink) => {
        if (text) sink.chunk(encodeUtf8(text));
        return follow({
          text: (more) => sink.chunk(encodeUtf8(more)),
          end: () => sink.end(),
        });
      },
    },
  };
}

/** Models kubernetes/pkg/apis/core/validation ValidatePodLogOptions. */
function logErrors(exchange: Exchange): FieldError[] {
  const { query } = exchange;
  const errors: FieldError[] = [];
  const tail = integerParameter(query, 'tailLines');
  const limit = integerParameter(query, 'limitBytes');
  const since = integerParameter(query, 'sinceSeconds');
  if (tail !== undefined && tail < 0)
    errors.push(invalid(FieldPath.of('tailLines'), tail, 'must be greater than or equal to 0'));
  if (limit !== undefined && limit < 1)
    errors.push(invalid(FieldPath.of('limitBytes'), limit, 'must be greater than 0'));
  if (since !== undefined && query.has('sinceTime'))
    errors.push(
      fieldForbidden(
        FieldPath.of(''),
        'at most one of `sinceTime` or `sinceSeconds` may be specified',
      ),
    );
  else if (since !== undefined && since < 1)
    errors.push(invalid(FieldPath.of('sinceSeconds'), since, 'must be greater than 0'));
  return errors;
}

function chooseContainer(pod: Pod, wanted: string): string {
  const name = pod.metadata.name ?? '';
  const main = (pod.spec?.containers ?? []).map((container) => container.name);
  const init = (pod.spec?.initContainers ?? []).map((container) => container.name);
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map((container) => container.name);
  if (wanted) {
    if ([...main, ...init, ...ephemeral].includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  const [first = ''] = main;
  if (main.length === 1 && !init.length && !ephemeral.length) return first;
  if (main.length === 1 && !init.length) return first;
  let text = `a container name must be specified for pod ${name}, choose one of: [${main.join(' ')}]`;
  if (init.length) text += ` or one of the init containers: [${init.join(' ')}]`;
  if (ephemeral.length) text += ` or one of the ephemeral containers: [${ephemeral.join(' ')}]`;
  throw badRequest(text);
}

/** Why there is no log yet, in the kubelet's words. Models kubelet validateContainerLogStatus. */
function notStarted(pod: Pod, container: string, previous: boolean): string | undefined {
  const all: readonly ContainerStatus[] = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.ephemeralContainerStatuses ?? []),
  ];
  const status = all.find((one) => one.name === container);
  const name = pod.metadata.name ?? '';
  const what = `container "${container}" in pod "${name}"`;
  if (!status) return `${what} is not available`;
  const { running, terminated, waiting } = status.state ?? {};
  const last = status.lastState?.terminated;
  if (previous) return last?.containerID ? undefined : `previous terminated ${what} not found`;
  if (running) return undefined;
  if (terminated) {
    if (terminated.containerID || last?.containerID) return undefined;
    return `${what} is terminated`;
  }
  if (last) return last.containerID ? undefined : `${what} is terminated`;
  if (!waiting) return `${what} is waiting to start - no logs yet`;
  switch (waiting.reason) {
    case 'ErrImagePull':
      return `${what} is waiting to start: image can't be pulled`;
    case 'ImagePullBackOff':
      return `${what} is waiting to start: trying and failing to pull image`;
    default:
      return `${what} is waiting to start: ${waiting.reason ?? ''}`;
  }
}
