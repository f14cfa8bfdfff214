import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dryRunCommand, type Ending } from '../../../../src/host/cli/dryRun.ts';
import { UsageError } from '../../../../src/host/cli/usageError.ts';

const configMap = (name: string, namespace: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n`;
const namespace = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
    - name: web
      image: nginx
`;

describe('the command dry-run', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-dry-run-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text);
    return file;
  };

  /** The output without the folder, and the code. */
  async function run(...args: string[]): Promise<Ending> {
    const ending = await dryRunCommand(args);
    return { ...ending, output: ending.output.replaceAll(`${folder}${path.sep}`, '') };
  }

  const check = async (args: string[], output: string, code: number): Promise<void> => {
    const ending = await run(...args);
    assert.deepEqual([ending.output, ending.code], [output, code]);
  };

  it('accepts with 0 and rejects with 1, at the place', async () => {
    await check([write('a.yaml', configMap('a', 'default'))], '1 document: 1 created', 0);
    await check(
      [write('b.yaml', configMap('A', 'default'))],
      `b.yaml:4:9: error: metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') [validation]\n1 document: 1 rejected`,
      1,
    );
    await check(
      [write('c.yaml', 'a: b: c\n')],
      'c.yaml:1:4: error: Nested mappings are not allowed in compact mappings [yaml]\n1 document: 1 rejected',
      1,
    );
  });

  it('carries the state over from file to file', async () => {
    const [first, second] = [
      write('2.yaml', namespace('shop')),
      write('1.yaml', configMap('a', 'shop')),
    ];
    await check([first, second], '2 documents: 2 created', 0);
    await check(
      [second, first],
      '1.yaml:5:14: error: namespaces "shop" not found [mutatingAdmission NamespaceLifecycle]\n2 documents: 1 created, 1 rejected',
      1,
    );
    await check([second, '--namespace', 'shop', '--cluster', first], '1 document: 1 created', 0);
  });

  it('knows the state of another cluster, with what the system filled in', async () => {
    const state = write(
      'state.yaml',
      `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ResourceQuota
    metadata:
      {name: few, namespace: shop, uid: 1f6cb84e-6ed3-4ee5-8b1b-9e5ad2d6a9a1, resourceVersion: "77", creationTimestamp: "2026-01-01T00:00:00Z"}
    spec: {hard: {pods: "0"}}
    status: {hard: {pods: "0"}, used: {pods: "0"}}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: a, namespace: shop, resourceVersion: "78"}
    immutable: true
    data: {a: "1"}
`,
    );
    await check(
      [write('pod.yaml', pod), '--cluster', state],
      'pod.yaml:8:7: error: pods "web" is forbidden: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0 [validatingAdmission ResourceQuota]\n1 document: 1 rejected',
      1,
    );
    await check([state, '--cluster', state], '2 documents: 2 configured', 0);
  });

  it('says what of the state is left out', async () => {
    const state = write(
      'state.yaml',
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: a}\n',
    );
    const { notes } = await run(write('a.yaml', configMap('a', 'default')), '--cluster', state);
    assert.deepEqual(notes, [
      '--cluster: Widget of example.com/v1 is not served; its objects are left out.',
      '--cluster: nodes and leases are left out; the 3 simulated nodes stand for them.',
    ]);
    const bad = write('bad.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: {name: [a]}\n');
    await assert.rejects(
      run(write('a.yaml', configMap('a', 'default')), '--cluster', bad),
      (error) => error instanceof UsageError && error.message.startsWith('--cluster: Secret '),
    );
  });

  it('prints the Role that is missing, which then allows it', async () => {
    const file = write('a.yaml', configMap('a', 'default'));
    for (const user of ['alice:developers', 'system:serviceaccount:default:deployer']) {
      const refused = await run(file, '--as', user);
      assert.equal(refused.code, 1);
      const [first, text, ...rest] = refused.output.split('\n');
      assert.match(
        first ?? '',
        /^a\.yaml:1:1: error: .* cannot get resource "configmaps" .* \[authorization\]$/,
      );
      const name = user.replace(/:developers$/, '');
      assert.equal(
        text,
        `  This Role would let ${name} get and create configmaps in namespace default:`,
      );
      const yaml = rest.slice(0, -1).join('\n').replace(/^ {4}/gm, '');
      const role = write('role.yaml', yaml);
      await check([file, '--as', user, '--cluster', role], '1 document: 1 created', 0);
    }
  });

  it('looks ahead', async () => {
    const text = pod.replace('namespace: shop', 'namespace: default');
    await check(
      [write('pod.yaml', text), '--forward', '60'],
      'pod.yaml:1:1: note: would be created, then: 1 Pod ready [forecast]\n1 document: 1 created',
      0,
    );
    await check(
      [write('bad.yaml', `${text}  schedulerName: nobody\n`), '--forward', '60'],
      'bad.yaml:10:18: warning: accepted, but then: 1 Pod Pending: no scheduler goes by the name "nobody" [forecast]\n1 document: 1 created; 1 warning',
      0,
    );
  });
});
