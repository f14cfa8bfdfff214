import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { findKubectls, minorOf } from '../support/program.ts';
import { ClientCluster } from './cluster.ts';

const kubectls = findKubectls();

describe('the real kubectl', () => {
  it('is on this machine', function () {
    if (kubectls.some(({ version }) => minorOf(version) === 36)) return;
    console.log(
      '    kubectl 1.36 is not on this machine (PATH, $KUBECTL, .cache/bin): its tests are skipped',
    );
    this.skip();
  });
  for (const { file, version } of kubectls)
    describe(`of version ${version}`, () => suite(file, minorOf(version)));
});

function suite(file: string, minor: number): void {
  let cluster: ClientCluster;
  const children: ChildProcess[] = [];
  const namespace = 'controller-demo';

  /** What a command prints, which must succeed. Arguments are the words of a line, or given apart. */
  const kubectl = async (line: string, ...more: string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.run(file, [...line.split(' '), ...more]);
    assert.equal(code, 0, `kubectl ${line} ${more.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  const create = (text: string) => cluster.run(file, ['apply', '-f', '-'], text);
  /** What a command says that must fail. */
  const refusal = async (line: string, ...more: string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.run(file, [...line.split(' '), ...more]);
    assert.notEqual(code, 0, `kubectl ${line}\n${stdout}`);
    return stderr;
  };
  const ready = async (name: string): Promise<unknown> =>
    kubectl(`-n ${namespace} rollout status --timeout=15s deployment/${name}`);
  const fresh = async (name: string) => kubectl(`create namespace ${name}`);

  before(async function () {
    this.timeout(30_000);
    cluster = await ClientCluster.start();
    await kubectl('apply -f samples/lifecycle-demo.yaml');
    await ready('lifecycle-demo');
  });

  after(() => {
    for (const child of children) child.kill();
    const problems = cluster.problems;
    cluster.stop();
    assert.deepEqual(problems, []);
  });

  it('knows the version and the health of the server', async () => {
    assert.match(await kubectl('version'), /Server Version: v1\.36\.3/);
    assert.match(await kubectl('cluster-info'), /control plane.* is running at .*https:\/\/127/);
    assert.equal(await kubectl('get --raw /readyz'), 'ok');
  });

  it('gets objects in every form', async () => {
    const get = `-n ${namespace} get deployment lifecycle-demo`;
    assert.match(await kubectl(get), /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\n.* 2\/2 +2 +2 /);
    assert.match(
      await kubectl(`${get} -o wide`),
      /CONTAINERS +IMAGES +SELECTOR\n.*nginx +nginx:1\.25 +app=lifecycle-demo/,
    );
    assert.match(await kubectl(`${get} -o yaml`), /\n {6}- image: nginx:1\.25\n/);
    const object = JSON.parse(await kubectl(`${get} -o json`)) as { spec: { replicas: number } };
    assert.equal(object.spec.replicas, 2);
    assert.equal(await kubectl(`${get} -o jsonpath={.spec.strategy.type}`), 'RollingUpdate');
    assert.equal(await kubectl(`${get} -o name`), 'deployment.apps/lifecycle-demo\n');
    assert.equal(
      await kubectl(`${get} -o custom-columns=N:.metadata.name,R:.spec.replicas`),
      'N                R\nlifecycle-demo   2\n',
    );
    assert.match(await kubectl('get nodes -o wide'), /node-1 +Ready .*v1\.36\.3 .*containerd:/);
    assert.match(await kubectl('get pods -A --show-labels'), /app=lifecycle-demo,pod-template/);
    assert.match(await kubectl('get all -A'), /service\/kubernetes/);
    assert.match(await refusal('get pod nothing'), /\(NotFound\): pods "nothing" not found/);
  });

  it('finds objects by labels and fields, in order, in pages', async () => {
    const pods = `-n ${namespace} get pods -o name`;
    assert.equal((await kubectl(`${pods} -l app=lifecycle-demo`)).trim().split('\n').length, 2);
    assert.equal(await kubectl(`${pods} -l app!=lifecycle-demo`), '');
    assert.equal(await kubectl(`${pods} --field-selector status.phase=Pending`), '');
    const roles = (await kubectl('get clusterroles -o name')).trim().split('\n');
    const paged = await kubectl('get clusterroles -o name --chunk-size=7');
    assert.deepEqual(paged.trim().split('\n'), roles);
    assert.match(
      await kubectl(`-n ${namespace} get events --sort-by=.metadata.creationTimestamp`),
      /ScalingReplicaSet/,
    );
  });

  it('describes', async () => {
    const deployment = await kubectl(`-n ${namespace} describe deployment lifecycle-demo`);
    assert.match(deployment, /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available/);
    assert.match(deployment, /NewReplicaSet: +lifecycle-demo-\w+ \(2\/2 replicas created\)/);
    assert.match(
      deployment,
      /deployment-controller +Scaled up replica set lifecycle-demo-\w+ from 0/,
    );
    const [pod = ''] = (await kubectl(`-n ${namespace} get pods -o name`)).split('\n');
    const described = await kubectl(`-n ${namespace} describe ${pod}`);
    assert.match(described, /QoS Class: +BestEffort/);
    assert.match(described, /Normal +Scheduled .*default-scheduler +Successfully assigned /);
    assert.match(await kubectl('describe node node-2'), /Ready +True .*KubeletReady/);
    assert.match(await kubectl('describe service kubernetes'), /IP: +10\.96\.0\.1/);
    assert.match(
      await kubectl('describe clusterrole view'),
      /pods\/log +\[\] +\[\] +\[get list watch\]/,
    );
  });

  it('reads events as those of a real cluster', async () => {
    const events = await kubectl(`-n ${namespace} get events`);
    for (const line of [
      /Normal +Scheduled +pod\/lifecycle-demo-\S+ +Successfully assigned controller-demo\/\S+ to node-\d/,
      /Normal +Pulling +pod\/\S+ +Pulling image "nginx:1\.25"/,
      /Normal +Pulled +pod\/\S+ +Successfully pulled image "nginx:1\.25" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\./,
      /Normal +Created +pod\/\S+ +Container created/,
      /Normal +Started +pod\/\S+ +Container started/,
      /Normal +SuccessfulCreate +replicaset\/lifecycle-demo-\w+ +Created pod: lifecycle-demo-/,
      /Normal +ScalingReplicaSet +deployment\/lifecycle-demo +Scaled up replica set lifecycle-demo-\w+ from 0 to 2/,
    ])
      assert.match(events, line);
    assert.match(
      await kubectl(`-n ${namespace} events --for deployment/lifecycle-demo`),
      /Scaled up/,
    );
  });

  it('scales, and what is deleted comes again', async () => {
    await kubectl(`-n ${namespace} scale deployment lifecycle-demo --replicas=5`);
    await ready('lifecycle-demo');
    const names = async () =>
      (await kubectl(`-n ${namespace} get pods -o name`)).trim().split('\n');
    const [first = '', ...others] = await names();
    assert.equal(others.length, 4);
    assert.equal(
      await kubectl(`-n ${namespace} delete ${first} --timeout=15s`),
      `${first.replace('/', ' "')}" deleted${minor >= 34 ? ` from ${namespace} namespace` : ''}\n`,
    );
    await ready('lifecycle-demo');
    const after = await names();
    assert.equal(after.length, 5);
    assert.ok(!after.includes(first) && others.every((name) => after.includes(name)));
    await kubectl(
      `-n ${namespace} scale deployment lifecycle-demo --current-replicas=5 --replicas=2`,
    );
    await ready('lifecycle-demo');
  });

  it('rolls out, tells the history and goes back', async () => {
    await fresh('rollout');
    const rollout = (verb: string) => `-n rollout rollout ${verb} deployment/web`;
    await kubectl('-n rollout create deployment web --image=nginx:1.25 --replicas=3');
    await kubectl(`${rollout('status')} --timeout=15s`);
    await kubectl('-n rollout set image deployment/web nginx=nginx:1.26');
    assert.match(
      await kubectl(`${rollout('status')} --timeout=15s`),
      /deployment "web" successfully rolled out\n$/,
    );
    assert.match(await kubectl(rollout('history')), /REVISION +CHANGE-CAUSE\n1 .*\n2 /);
    assert.match(await kubectl(`${rollout('history')} --revision=1`), /Image:\s+nginx:1\.25/);
    await kubectl(rollout('undo'));
    await kubectl(`${rollout('status')} --timeout=15s`);
    const image = '-o jsonpath={.spec.template.spec.containers[*].image}';
    assert.equal(await kubectl(`-n rollout get deployment web ${image}`), 'nginx:1.25');
    await kubectl(rollout('restart'));
    await kubectl(`${rollout('status')} --timeout=15s`);
    assert.match(await kubectl(rollout('history')), /\n2 .*\n3 .*\n4 /);
    await kubectl(rollout('pause'));
    assert.match(await refusal(rollout('undo')), /paused/);
    await kubectl(rollout('resume'));
    await kubectl('-n rollout set env deployment/web A=b');
    await kubectl('-n rollout set resources deployment/web --requests=cpu=10m');
    await kubectl(`${rollout('status')} --timeout=15s`);
  });

  it('patches in three ways', async () => {
    await fresh('patch');
    await kubectl('-n patch create deployment web --image=nginx --replicas=0');
    const patch = '-n patch patch deployment web';
    await kubectl(
      `${patch} --type=json -p`,
      '[{"op":"replace","path":"/spec/paused","value":true}]'.replace('replace', 'add'),
    );
    await kubectl(`${patch} --type=merge -p`, '{"metadata":{"labels":{"tier":"front"}}}');
    await kubectl(
      `${patch} -p`,
      '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"b"}]}]}}}}',
    );
    const object = JSON.parse(await kubectl('-n patch get deployment web -o json')) as {
      metadata: { labels: object };
      spec: { paused: boolean; template: { spec: { containers: object[] } } };
    };
    assert.equal(object.spec.paused, true);
    assert.deepEqual(object.metadata.labels, { app: 'web', tier: 'front' });
    const [container] = object.spec.template.spec.containers as { image: string; env: object[] }[];
    assert.deepEqual(container?.env, [{ name: 'A', value: 'b' }]);
    assert.equal(container.image, 'nginx');
    assert.match(
      await refusal(`${patch} --type=json -p`, '[{"op":"test","path":"/spec/replicas","value":9}]'),
      /the server rejected our request due to an error in our request|testing value/,
    );
    assert.match(
      await refusal(`${patch} -p`, '{"spec":{"replicas":-1}}'),
      /spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
    );
  });

  it('labels, annotates and edits', async () => {
    await fresh('marks');
    await kubectl('-n marks create configmap plain --from-literal=key=value');
    assert.equal(
      await kubectl('-n marks label configmap plain tier=front'),
      'configmap/plain labeled\n',
    );
    assert.match(await refusal('-n marks label configmap plain tier=back'), /--overwrite is false/);
    await kubectl('-n marks label configmap plain tier-');
    await kubectl('-n marks annotate configmap plain note=long');
    const editor = path.join(cluster.folder, 'editor');
    fs.writeFileSync(editor, '#!/bin/sh\nsed -i s/value/changed/ "$1"\n', { mode: 0o755 });
    const env = { ...process.env, ...cluster.env, KUBE_EDITOR: editor };
    const code = await new Promise((resolve) => {
      spawn(file, ['-n', 'marks', 'edit', 'configmap', 'plain'], { env }).on('exit', resolve);
    });
    assert.equal(code, 0);
    assert.equal(
      await kubectl(
        '-n marks get configmap plain -o jsonpath={.data.key},{.metadata.annotations},{.metadata.labels}',
      ),
      'changed,{"note":"long"},',
    );
  });

  it('applies on the client and on the server', async () => {
    const manifest = (value: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied, namespace: applied}\ndata: {key: ${value}}\n`;
    await fresh('applied');
    assert.equal((await create(manifest('one'))).stdout, 'configmap/applied created\n');
    assert.equal((await create(manifest('one'))).stdout, 'configmap/applied unchanged\n');
    assert.equal((await create(manifest('two'))).stdout, 'configmap/applied configured\n');
    const server = (value: string, ...more: string[]) =>
      cluster.run(file, ['apply', '--server-side', '-f', '-', ...more], manifest(value));
    const conflict = await server('three', '--field-manager=another');
    assert.match(
      conflict.stderr,
      /conflict with "kubectl-client-side-apply" using v1: \.data\.key/,
    );
    const forced = await server('three', '--field-manager=another', '--force-conflicts');
    assert.equal(forced.stdout, 'configmap/applied serverside-applied\n', forced.stderr);
    assert.match(
      await kubectl('-n applied get configmap applied -o yaml --show-managed-fields'),
      /manager: another\n {4}operation: Apply/,
    );
    const dry = await server('four', '--force-conflicts', '--dry-run=server');
    assert.equal(dry.stdout, 'configmap/applied serverside-applied (server dry run)\n', dry.stderr);
    const { code, stdout } = await cluster.run(file, ['diff', '-f', '-'], manifest('five'));
    assert.equal(code, 1);
    assert.match(stdout, /-  key: three\n\+  key: five/);
    const bad = await create(manifest('x').replace('\ndata', '\ndota'));
    assert.match(bad.stderr, /strict decoding error: unknown field "dota"/);
  });

  it('creates every kind it has a command for', async () => {
    await fresh('made');
    for (const line of [
      'deployment web --image=nginx --replicas=1 --port=80',
      'configmap settings --from-literal=a=b',
      'secret generic hidden --from-literal=a=b',
      'serviceaccount robot',
      'role reader --verb=get --resource=pods',
      'rolebinding readers --role=reader --serviceaccount=made:robot',
      'job once --image=busybox -- echo hi',
      'cronjob often --image=busybox --schedule=@hourly -- echo hi',
      'ingress front --rule=example.com/bar=web:80',
      'poddisruptionbudget web --selector=app=web --min-available=1',
      'quota small --hard=pods=20',
      'service clusterip web --tcp=80:80',
      'token robot',
    ])
      await kubectl(`-n made create ${line}`);
    await kubectl('create clusterrole everywhere --verb=list --resource=nodes');
    await kubectl('create clusterrolebinding everyone --clusterrole=everywhere --group=dev');
    await kubectl('create priorityclass urgent --value=10');
    await kubectl('-n made autoscale deployment web --min=1 --max=3');
    assert.equal(
      await kubectl('-n made get ingress front -o jsonpath={.spec.rules[0].host}'),
      'example.com',
    );
    await kubectl('delete clusterrole everywhere');
    await kubectl('delete clusterrolebinding everyone');
    await kubectl('delete priorityclass urgent');
    assert.match(await kubectl('delete namespace made --timeout=15s'), /namespace "made" deleted/);
    assert.match(await refusal('get namespace made'), /NotFound/);
  });

  it('runs, exposes and reads logs', async () => {
    await fresh('serving');
    await kubectl('-n serving run web --image=nginx:1.27 --port=80 --labels=app=web');
    await kubectl('-n serving wait --for=condition=Ready pod/web --timeout=15s');
    await kubectl('-n serving expose pod web --port=80 --name=front');
    assert.match(await kubectl('-n serving get service front'), /ClusterIP +10\.96\.\d+\.\d+/);
    const slices =
      '-n serving get endpointslices -o jsonpath={.items[*].endpoints[*].addresses[0]}';
    await until(async () => /^10\.244\./.test(await kubectl(slices)));
    assert.match(await kubectl('-n serving logs web'), /nginx|start/);
    assert.equal((await kubectl('-n serving logs web --tail=1')).trim().split('\n').length, 1);
    assert.match(await refusal('-n serving exec web -- ls'), /not simulated/);
    await kubectl('-n serving delete pod web --grace-period=0 --force');
  });

  it('watches', async () => {
    await fresh('watched');
    const watch = spawn(file, ['-n', 'watched', 'get', 'configmaps', '-w', '-o', 'name'], {
      env: { ...process.env, ...cluster.env },
    });
    children.push(watch);
    let text = '';
    watch.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until(() => text.includes('kube-root-ca.crt'));
    await kubectl('-n watched create configmap seen --from-literal=a=b');
    await until(() => text.includes('configmap/seen'));
    watch.kill();
  });

  it('asks what one may do', async () => {
    assert.equal(await kubectl('auth can-i create deployments'), 'yes\n');
    assert.match(
      (await cluster.run(file, ['auth', 'can-i', 'delete', 'nodes', '--as=bob'])).stdout,
      /^no/,
    );
    assert.match(await kubectl('auth can-i --list'), /\*\.\* +\[\] +\[\] +\[\*\]/);
    assert.match(
      await kubectl('auth whoami'),
      /Username +kubernetes-admin\nGroups +\[system:masters/,
    );
    const bob = path.join(cluster.folder, 'bob.kubeconfig');
    assert.match(
      await refusal(`--kubeconfig ${bob} get pods`),
      /pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"/,
    );
    await kubectl('create rolebinding dev --clusterrole=view --group=dev');
    await kubectl(`--kubeconfig ${bob} get pods`);
  });

  it('takes nodes out of service and back', async () => {
    await kubectl('cordon node-3');
    assert.match(await kubectl('get node node-3'), /Ready,SchedulingDisabled/);
    assert.match(
      await kubectl('drain node-3 --ignore-daemonsets --force --timeout=15s'),
      /drained/,
    );
    await kubectl('uncordon node-3');
    await kubectl('taint nodes node-3 only=special:NoSchedule');
    assert.match(await kubectl('describe node node-3'), /Taints: +only=special:NoSchedule/);
    await kubectl('taint nodes node-3 only-');
    await ready('lifecycle-demo');
  });

  it('learns what there is, and what it is for', async () => {
    const resources = await kubectl('api-resources');
    assert.match(resources, /deployments +deploy +apps\/v1 +true +Deployment/);
    assert.match(await kubectl('api-resources --namespaced=false -o name'), /^namespaces$/m);
    assert.match(await kubectl('api-versions'), /^apps\/v1$/m);
    assert.match(await kubectl('explain deployment'), /enables declarative updates for Pods/);
    assert.match(
      await kubectl('explain deployment.spec.replicas'),
      /FIELD: replicas <integer>[\s\S]*Number of desired pods/,
    );
    assert.match(await kubectl('explain pod.spec.containers.image'), /Container image name/);
    assert.match(await kubectl('explain service --recursive'), /clusterIP\t<string>/);
    assert.doesNotMatch(await kubectl('explain pod.spec'), /<empty>|<no description>/);
  });

  it('replaces, waits and deletes', async () => {
    await fresh('gone');
    await kubectl('-n gone create configmap a --from-literal=a=b');
    const object = await kubectl('-n gone get configmap a -o json');
    const replaced = await cluster.run(file, ['replace', '-f', '-'], object.replace('"b"', '"c"'));
    assert.equal(replaced.stdout, 'configmap/a replaced\n', replaced.stderr);
    await kubectl('-n gone delete configmap -l nothing=here');
    await kubectl('-n gone delete configmap a --dry-run=server');
    await kubectl('-n gone delete configmap a');
    assert.match(await refusal('-n gone delete configmap a'), /NotFound/);
    await kubectl('-n gone delete configmap a --ignore-not-found');
    await kubectl('-n gone create deployment web --image=nginx');
    await kubectl('-n gone delete deployment web --cascade=foreground --timeout=15s');
    assert.equal(await kubectl('-n gone get replicasets,pods -o name'), '');
  });

  it('is audited', () => {
    const lines = fs
      .readFileSync(path.join(cluster.folder, 'audit.log'), 'utf8')
      .trim()
      .split('\n');
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const scaled = events.find(({ requestURI }) =>
      String(requestURI).includes('lifecycle-demo/scale'),
    );
    assert.equal(scaled?.['apiVersion'], 'audit.k8s.io/v1');
    assert.deepEqual(scaled['user'], {
      username: 'kubernetes-admin',
      groups: ['system:masters', 'system:authenticated'],
      extra: (scaled['user'] as { extra: object }).extra,
    });
  });
}

/** Waits for what other processes do. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`never true: ${condition.toString()}`);
}
