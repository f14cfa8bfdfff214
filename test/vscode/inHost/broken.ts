/** A broken manifest: « » stand around what the problem is to be on; `says` is in its message. */
export interface Broken {
  readonly name: string;
  readonly text: string;
  readonly says: string;
  /** The title of the quick fix that makes it acceptable. */
  readonly fix?: string;
}

const pod = (spec: string, metadata = '  name: web'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n${metadata}\nspec:\n${spec}\n`;
const container = (more: string): string =>
  pod(`  containers:\n    - name: app\n      image: nginx\n${more}`);
const deployment = (spec: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
${spec}
`;
const template = `  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: app
          image: nginx`;
const selector = '  selector:\n    matchLabels:\n      app: web\n';
const service = (spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n${spec}\n`;
const job = (spec: string): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: once
spec:
${spec}
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: app
          image: busybox
`;
const cronJob = (spec: string): string => `apiVersion: batch/v1
kind: CronJob
metadata:
  name: often
spec:
${spec}
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: app
              image: busybox
`;
const ingress = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n${spec}\n`;

export const broken: readonly Broken[] = [
  // Names, labels, annotations
  {
    name: 'name in upper case',
    text: pod('  containers:\n    - name: app\n      image: nginx', '  name: «Web»'),
    says: 'lowercase RFC 1123',
    fix: 'Change to web',
  },
  {
    name: 'no name',
    text: 'apiVersion: v1\nkind: ConfigMap\n«metadata»:\n  labels: {}\n',
    says: 'name or generateName is required',
  },
  {
    name: 'label with a space',
    text: pod(
      '  containers:\n    - name: app\n      image: nginx',
      '  name: web\n  labels:\n    app: «a b»',
    ),
    says: 'metadata.labels: Invalid value: "a b"',
  },
  {
    name: 'label key with two slashes',
    text: pod(
      '  containers:\n    - name: app\n      image: nginx',
      '  name: web\n  labels:\n    «a/b/c»: x',
    ),
    says: 'a/b/c',
  },
  {
    name: 'no such namespace',
    text: pod(
      '  containers:\n    - name: app\n      image: nginx',
      '  name: web\n  namespace: «nowhere»',
    ),
    says: 'namespaces "nowhere" not found',
    fix: 'Add Namespace nowhere before it',
  },
  {
    name: 'finalizer without a domain',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  finalizers:\n    - «done»\n',
    says: 'metadata.finalizers',
  },
  // Containers
  {
    name: 'no containers',
    text: pod('  «containers»: []'),
    says: 'spec.containers: Required value',
  },
  {
    name: 'no image',
    text: pod('  containers:\n    - «name: app»'),
    says: 'image: Required value',
  },
  {
    name: 'two containers of one name',
    text: pod(
      '  containers:\n    - name: app\n      image: nginx\n    - name: «app»\n      image: nginx',
    ),
    says: 'Duplicate value: "app"',
  },
  {
    name: 'pull policy',
    text: container('      imagePullPolicy: «Alway»'),
    says: 'Unsupported value: "Alway"',
    fix: 'Change to Always',
  },
  {
    name: 'port out of range',
    text: container('      ports:\n        - containerPort: «70000»'),
    says: 'must be between 1 and 65535',
  },
  {
    name: 'protocol',
    text: container('      ports:\n        - containerPort: 80\n          protocol: «tcp»'),
    says: 'Unsupported value: "tcp"',
    fix: 'Change to TCP',
  },
  {
    name: 'port name too long',
    text: container(
      '      ports:\n        - containerPort: 80\n          name: «a-name-that-is-too-long»',
    ),
    says: 'must be no more than 15',
  },
  {
    name: 'request over the limit',
    text: container(
      '      resources:\n        requests:\n          cpu: «2»\n        limits:\n          cpu: 1',
    ),
    says: 'must be less than or equal to cpu limit',
  },
  {
    name: 'negative memory',
    text: container('      resources:\n        requests:\n          memory: «-1»'),
    says: 'must be greater than or equal to 0',
  },
  {
    name: 'unknown environment source',
    text: container(
      '      env:\n        - name: A\n          valueFrom:\n            fieldRef:\n              fieldPath: «spec.nothing»',
    ),
    says: 'fieldPath: Invalid value',
  },
  {
    name: 'mount without a volume',
    text: container('      volumeMounts:\n        - name: «data»\n          mountPath: /data'),
    says: 'Not found: "data"',
  },
  {
    name: 'mount path twice',
    text: pod(
      '  volumes:\n    - name: a\n      emptyDir: {}\n  containers:\n    - name: app\n      image: nginx\n      volumeMounts:\n        - {name: a, mountPath: /x}\n        - {name: a, mountPath: «/x»}',
    ),
    says: 'must be unique',
  },
  {
    name: 'probe with two handlers',
    text: container(
      '      livenessProbe:\n        httpGet: {port: 80}\n        «tcpSocket»: {port: 80}',
    ),
    says: 'may not specify more than 1 handler type',
  },
  {
    name: 'probe threshold',
    text: container(
      '      livenessProbe:\n        tcpSocket: {port: 80}\n        successThreshold: «3»',
    ),
    says: 'must be 1',
  },
  {
    name: 'privileged escalation',
    text: container(
      '      securityContext:\n        privileged: true\n        allowPrivilegeEscalation: false',
    ).replace('securityContext', '«securityContext»'),
    says: 'allowPrivilegeEscalation',
  },
  // Pod
  {
    name: 'restart policy',
    text: pod('  restartPolicy: «Sometimes»\n  containers:\n    - name: app\n      image: nginx'),
    says: 'spec.restartPolicy: Unsupported value',
  },
  {
    name: 'DNS policy',
    text: pod('  dnsPolicy: «clusterfirst»\n  containers:\n    - name: app\n      image: nginx'),
    says: 'spec.dnsPolicy',
    fix: 'Change to ClusterFirst',
  },
  {
    name: 'no such ServiceAccount',
    text: pod('  serviceAccountName: «nobody»\n  containers:\n    - name: app\n      image: nginx'),
    says: 'serviceaccount "nobody" not found',
  },
  {
    name: 'no such PriorityClass',
    text: pod('  priorityClassName: «urgent»\n  containers:\n    - name: app\n      image: nginx'),
    says: 'no PriorityClass with name urgent',
  },
  {
    name: 'toleration',
    text: pod(
      '  tolerations:\n    - operator: «Exists»\n      value: x\n      key: a\n  containers:\n    - name: app\n      image: nginx',
    ),
    says: 'value must be empty when `operator` is',
  },
  {
    name: 'node affinity operator',
    text: pod(
      '  affinity:\n    nodeAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n        nodeSelectorTerms:\n          - matchExpressions:\n              - {key: a, operator: «Equals», values: [b]}\n  containers:\n    - name: app\n      image: nginx',
    ),
    says: 'not a valid selector operator',
  },
  {
    name: 'two volumes of one name',
    text: pod(
      '  volumes:\n    - {name: a, emptyDir: {}}\n    - {name: «a», emptyDir: {}}\n  containers:\n    - name: app\n      image: nginx',
    ),
    says: 'Duplicate value: "a"',
  },
  {
    name: 'volume with two sources',
    text: pod(
      '  volumes:\n    - name: a\n      emptyDir: {}\n      «hostPath»: {path: /x}\n  containers:\n    - name: app\n      image: nginx',
    ),
    says: 'may not specify more than 1 volume type',
  },
  {
    name: 'host alias',
    text: pod(
      '  hostAliases:\n    - ip: «1.2.3»\n      hostnames: [a]\n  containers:\n    - name: app\n      image: nginx',
    ),
    says: 'must be a valid IP address',
  },
  {
    name: 'deadline',
    text: pod('  activeDeadlineSeconds: «0»\n  containers:\n    - name: app\n      image: nginx'),
    says: 'activeDeadlineSeconds',
  },
  // Decoding
  {
    name: 'misspelt field',
    text: deployment(`  «replcias»: 2\n${selector}${template}`),
    says: 'unknown field "spec.replcias"',
    fix: 'Change to replicas',
  },
  {
    name: 'misspelt deep inside',
    text: container('      «imagePullpolicy»: Always'),
    says: 'unknown field',
    fix: 'Change to imagePullPolicy',
  },
  {
    name: 'text for a number',
    text: deployment(`  replicas: «"2"»\n${selector}${template}`),
    says: 'cannot unmarshal string',
    fix: 'Change to 2',
  },
  {
    name: 'number for a text',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  port: «8080»\n',
    says: 'cannot unmarshal number',
    fix: 'Quote it',
  },
  {
    name: 'list for a map',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n«data»:\n  - a\n',
    says: 'cannot unmarshal array',
  },
  {
    name: 'bad quantity',
    text: container('      resources:\n        requests:\n          cpu: «abc»'),
    says: 'quantities must match',
  },
  {
    name: 'removed apiVersion',
    text: 'apiVersion: «extensions/v1beta1»\nkind: Ingress\nmetadata:\n  name: web\nspec:\n  defaultBackend:\n    service:\n      name: web\n      port:\n        number: 80\n',
    says: 'no matches for kind "Ingress"',
    fix: 'Use apiVersion networking.k8s.io/v1',
  },
  {
    name: 'no such kind',
    text: 'apiVersion: «v1»\nkind: Pot\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: app\n      image: nginx\n',
    says: 'no matches for kind "Pot"',
    fix: 'Change kind to Pod',
  },
  // Deployments and their like
  {
    name: 'selector mismatch',
    text: deployment(
      `${selector}${template.replace('        app: web', '        app: other').replace('labels:', '«labels»:')}`,
    ),
    says: '`selector` does not match template `labels`',
    fix: 'Give the template the labels that the selector looks for',
  },
  {
    name: 'no selector',
    text: deployment(template).replace('spec:\n  template', '«spec»:\n  template'),
    says: 'spec.selector: Required value',
  },
  {
    name: 'negative replicas',
    text: deployment(`  replicas: «-1»\n${selector}${template}`),
    says: 'must be greater than or equal to 0',
  },
  {
    name: 'strategy',
    text: deployment(`  strategy:\n    type: «Rolling»\n${selector}${template}`),
    says: 'spec.strategy: Unsupported value',
  },
  {
    name: 'percentage',
    text: deployment(
      `  strategy:\n    rollingUpdate:\n      maxSurge: «25»\n      maxUnavailable: 0%\n${selector}${template}`,
    ).replace('«25»', '«x%»'),
    says: 'maxSurge',
  },
  {
    name: 'restart policy of a Deployment',
    text: deployment(`${selector}${template}\n      restartPolicy: «Never»`),
    says: 'Unsupported value: "Never"',
    fix: 'Change to Always',
  },
  { name: 'completions', text: job('  completions: «-1»'), says: 'spec.completions' },
  {
    name: 'indexed without completions',
    text: job('  parallelism: 2\n  completionMode: Indexed').replace(
      'spec:\n  par',
      '«spec»:\n  par',
    ),
    says: 'spec.completions: Required value',
  },
  {
    name: 'schedule',
    text: cronJob('  schedule: «every day»'),
    says: 'spec.schedule: Invalid value',
  },
  {
    name: 'time zone',
    text: cronJob('  schedule: "0 0 * * *"\n  timeZone: «Mars/Olympus»'),
    says: 'unknown time zone',
  },
  {
    name: 'concurrency policy',
    text: cronJob('  schedule: "0 0 * * *"\n  concurrencyPolicy: «forbid»'),
    says: 'Unsupported value: "forbid"',
    fix: 'Change to Forbid',
  },
  // Services, networking
  {
    name: 'no ports',
    text: service('  «selector»: {app: web}')
      .replace('«selector»', 'selector')
      .replace('spec:', '«spec»:'),
    says: 'spec.ports: Required value',
  },
  {
    name: 'Service type',
    text: service('  type: «nodePort»\n  ports: [{port: 80}]'),
    says: 'spec.type: Unsupported value',
    fix: 'Change to NodePort',
  },
  {
    name: 'node port',
    text: service('  type: NodePort\n  ports:\n    - port: 80\n      nodePort: «80»'),
    says: 'not in the valid range',
  },
  {
    name: 'cluster IP',
    text: service('  clusterIP: «1.2.3»\n  ports: [{port: 80}]'),
    says: 'clusterIP',
  },
  {
    name: 'two ports without names',
    text: service('  ports:\n    - «port: 80»\n    - port: 81'),
    says: 'name: Required value',
  },
  {
    name: 'path type',
    text: ingress(
      '  rules:\n    - http:\n        paths:\n          - path: /\n            pathType: «prefix»\n            backend:\n              service: {name: web, port: {number: 80}}',
    ),
    says: 'pathType: Unsupported value',
    fix: 'Change to Prefix',
  },
  {
    name: 'host',
    text: ingress(
      '  rules:\n    - host: «Web_1»\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service: {name: web, port: {number: 80}}',
    ),
    says: 'host: Invalid value',
  },
  {
    name: 'NetworkPolicy type',
    text: 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: net\nspec:\n  podSelector: {}\n  policyTypes:\n    - «ingress»\n',
    says: 'Unsupported value: "ingress"',
    fix: 'Change to Ingress',
  },
  {
    name: 'CIDR',
    text: 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: net\nspec:\n  podSelector: {}\n  ingress:\n    - from:\n        - ipBlock:\n            cidr: «10.0.0.0/40»\n',
    says: 'must be a valid CIDR',
  },
  // The rest
  {
    name: 'role without verbs',
    text: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: r\nrules:\n  - apiGroups: [""]\n    resources: [pods]\n    «verbs»: []\n',
    says: 'verbs must contain at least one value',
  },
  {
    name: 'subject',
    text: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: r\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects:\n  - kind: «user»\n    name: alice\n',
    says: 'Unsupported value: "user"',
    fix: 'Change to User',
  },
  {
    name: 'Secret key',
    text: 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  «"a b"»: YQ==\n',
    says: 'data[a b]: Invalid value',
  },
  {
    name: 'no access modes',
    text: 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: p\n«spec»:\n  resources:\n    requests: {storage: 1Gi}\n',
    says: 'at least 1 access mode is required',
  },
  {
    name: 'access mode',
    text: 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: p\nspec:\n  accessModes: [«ReadWrite»]\n  resources:\n    requests: {storage: 1Gi}\n',
    says: 'Unsupported value: "ReadWrite"',
  },
  {
    name: 'quota',
    text: 'apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: q\nspec:\n  hard:\n    pods: «-1»\n',
    says: 'must be greater than or equal to 0',
  },
  {
    name: 'autoscaler',
    text: 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: h\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 3\n  maxReplicas: «2»\n',
    says: 'must be greater than or equal to `minReplicas`',
  },
  {
    name: 'disruption budget',
    text: 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: b\n«spec»:\n  minAvailable: 1\n  maxUnavailable: 1\n  selector: {matchLabels: {a: b}}\n',
    says: 'minAvailable and maxUnavailable cannot be both set',
  },
  {
    name: 'reserved priority',
    text: 'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata:\n  name: p\nvalue: «2000000000»\n',
    says: 'maximum allowed value',
  },
];
