import assert from 'node:assert/strict';
import { Ipv4Range } from '../../../../../src/sim/apiserver/registry/ipv4Range.ts';
import { keyOfText } from '../../../../../src/sim/etcd/key.ts';
import { SeededRandom } from '../../../../../src/sim/time/random.ts';
import { TestApi } from '../../../../support/testApi.ts';

describe('Ipv4Range', () => {
  const range = new Ipv4Range('10.96.0.0/24');
  for (const [ip, expected] of [
    ['10.96.0.0', false],
    ['10.96.0.1', true],
    ['10.96.0.254', true],
    ['10.96.0.255', false],
    ['10.97.0.1', false],
    ['x', false],
  ] as const)
    it(`${expected ? 'has' : 'has not'} ${ip}`, () => assert.equal(range.contains(ip), expected));

  it('gives the upper band first, the lower when that is full, then nothing', () => {
    const random = new SeededRandom(1);
    const used = new Set<string>();
    const order: number[] = [];
    for (let ip = range.next(random, used); ip; ip = range.next(random, used)) {
      used.add(ip);
      order.push(Number(ip.split('.')[3]));
    }
    assert.equal(order.length, 254);
    assert(Math.min(...order.slice(0, 238)) > 16);
    assert(Math.max(...order.slice(238)) <= 16);
  });
});

describe('Services', () => {
  const SERVICES = '/api/v1/namespaces/default/services';
  const service = (name: string, spec: object): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: 80 }], selector: { a: 'b' }, ...spec },
  });

  it('take an address and record it, and give it back', async () => {
    const api = await TestApi.boot();
    const { body } = await api.send('POST', SERVICES, service('s', {}));
    const { clusterIP } = body['spec'] as { clusterIP: string };
    assert.match(clusterIP, /^10\.96\./);
    const key = keyOfText(`/registry/ipaddresses/${clusterIP}`);
    assert(api.store.getNow(key));
    await api.send('DELETE', `${SERVICES}/s`);
    assert(!api.store.getNow(key));
  });

  it('refuse addresses and ports that are taken or out of range', async () => {
    const api = await TestApi.boot();
    await api.send(
      'POST',
      SERVICES,
      service('s', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }),
    );
    for (const [spec, expected] of [
      [
        { clusterIP: '10.96.0.1' },
        /failed to allocate IP 10\.96\.0\.1: provided IP is already allocated$/,
      ],
      [{ clusterIP: '1.2.3.4' }, /the provided network does not match the current range$/],
      [
        { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] },
        /30080: provided port is already allocated$/,
      ],
      [
        { type: 'NodePort', ports: [{ port: 80, nodePort: 99 }] },
        /The range of valid ports is 30000-32767$/,
      ],
    ] as const) {
      const { code, message } = await api.send('POST', SERVICES, service('t', spec));
      assert.equal(code, 422);
      assert.match(message, expected);
    }
  });
});
