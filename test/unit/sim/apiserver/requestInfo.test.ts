import assert from 'node:assert/strict';
import { requestInfo } from '../../../../src/sim/apiserver/requestInfo.ts';

const cases: readonly (readonly [string, string, string])[] = [
  // method, URL → verb group/version resource/subresource namespace name
  ['GET', '/api/v1/pods', 'list /v1 pods - -'],
  ['GET', '/api/v1/pods?watch=true', 'watch /v1 pods - -'],
  ['GET', '/api/v1/pods?watch=0', 'list /v1 pods - -'],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Da', 'list /v1 pods - a'],
  ['GET', '/api/v1/namespaces/x/pods/a', 'get /v1 pods x a'],
  ['GET', '/api/v1/namespaces/x/pods/a/log', 'get /v1 pods/log x a'],
  ['PUT', '/api/v1/namespaces/x/status', 'update /v1 namespaces/status x x'],
  ['GET', '/api/v1/namespaces/x', 'get /v1 namespaces x x'],
  ['DELETE', '/apis/apps/v1/namespaces/x/deployments', 'deletecollection apps/v1 deployments x -'],
  ['PATCH', '/apis/apps/v1/namespaces/x/deployments/d', 'patch apps/v1 deployments x d'],
  ['GET', '/api/v1/watch/namespaces/x/pods/a', 'watch /v1 pods x a'],
  [
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'create rbac.authorization.k8s.io/v1 clusterroles - -',
  ],
  ['GET', '/apis/apps/v1', '(get)'],
  ['GET', '/version', '(get)'],
  ['POST', '/healthz', '(post)'],
];

describe('requestInfo', () => {
  for (const [method, url, expected] of cases)
    it(`${method} ${url}`, () => {
      const info = requestInfo(method, url);
      const resource = info.subresource ? `${info.resource}/${info.subresource}` : info.resource;
      const text = `${info.verb} ${info.group}/${info.version} ${resource} ${info.namespace || '-'} ${info.name || '-'}`;
      assert.equal(info.isResourceRequest ? text : `(${info.verb})`, expected);
    });
});
