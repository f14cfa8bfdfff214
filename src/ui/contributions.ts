// What package.json contributes, named once. A test compares both.

export const commands = {
  start: 'k8sInternals.cluster.start',
  stop: 'k8sInternals.cluster.stop',
  reset: 'k8sInternals.cluster.reset',
  pause: 'k8sInternals.cluster.pause',
  resume: 'k8sInternals.cluster.resume',
  stepTimer: 'k8sInternals.cluster.step',
  copyKubeconfig: 'k8sInternals.cluster.copyKubeconfig',
  openTerminal: 'k8sInternals.cluster.openTerminal',
  showLog: 'k8sInternals.showLog',
  openKey: 'k8sInternals.keys.open',
  searchKeys: 'k8sInternals.keys.search',
  refreshKeys: 'k8sInternals.keys.refresh',
  keyHistory: 'k8sInternals.keys.history',
  previousRevision: 'k8sInternals.keys.previousRevision',
  nextRevision: 'k8sInternals.keys.nextRevision',
  diffRevision: 'k8sInternals.keys.diff',
  whoWrote: 'k8sInternals.keys.whoWrote',
  copyKey: 'k8sInternals.keys.copy',
  showSecrets: 'k8sInternals.keys.showSecrets',
  showManagedFields: 'k8sInternals.keys.showManagedFields',
  presentRevision: 'k8sInternals.keys.present',
  earlierKeys: 'k8sInternals.keys.earlier',
  laterKeys: 'k8sInternals.keys.later',
  travel: 'k8sInternals.keys.travel',
  openWrite: 'k8sInternals.keys.openWrite',
  compareBefore: 'k8sInternals.keys.compareBefore',
  stopMember: 'k8sInternals.etcd.stopMember',
  startMember: 'k8sInternals.etcd.startMember',
  moveLeader: 'k8sInternals.etcd.moveLeader',
  slowDisk: 'k8sInternals.etcd.slowDisk',
  cutOff: 'k8sInternals.etcd.cutOff',
  slowLinks: 'k8sInternals.etcd.slowLinks',
  clockSkew: 'k8sInternals.etcd.clockSkew',
  healFaults: 'k8sInternals.etcd.heal',
  compact: 'k8sInternals.etcd.compact',
  defragment: 'k8sInternals.etcd.defragment',
  disarm: 'k8sInternals.etcd.disarm',
  openTimeline: 'k8sInternals.timeline.open',
  newestTimeline: 'k8sInternals.timeline.newest',
  timelineForward: 'k8sInternals.timeline.forward',
  timelineBack: 'k8sInternals.timeline.back',
  dryRun: 'k8sInternals.dryRun.run',
  dryRunFile: 'k8sInternals.dryRun.file',
  dryRunAs: 'k8sInternals.dryRun.as',
  dryRunFolder: 'k8sInternals.dryRun.folder',
  clearDryRun: 'k8sInternals.dryRun.clear',
  showStage: 'k8sInternals.dryRun.showStage',
  openStage: 'k8sInternals.dryRun.openStage',
  diffStage: 'k8sInternals.dryRun.diffStage',
  openRemedy: 'k8sInternals.dryRun.openRemedy',
} as const;

export const views = {
  cluster: 'k8sInternals.cluster',
  keys: 'k8sInternals.keys',
  etcdHistory: 'k8sInternals.etcdHistory',
  traces: 'k8sInternals.traces',
  stages: 'k8sInternals.stages',
} as const;

export const contextKeys = {
  state: 'k8sInternals.state',
  paused: 'k8sInternals.paused',
  hasVerdict: 'k8sInternals.hasVerdict',
  atRevision: 'k8sInternals.atRevision',
  etcdFaulty: 'k8sInternals.etcdFaulty',
  etcdAlarm: 'k8sInternals.etcdAlarm',
} as const;

export const settings = {
  nodes: 'k8sInternals.cluster.nodes',
  seed: 'k8sInternals.cluster.seed',
  speed: 'k8sInternals.cluster.speed',
  port: 'k8sInternals.cluster.port',
  etcdMembers: 'k8sInternals.etcd.members',
  etcdPort: 'k8sInternals.cluster.etcdPort',
  allowPrivileged: 'k8sInternals.apiServer.allowPrivileged',
  enableAdmissionPlugins: 'k8sInternals.apiServer.enableAdmissionPlugins',
  disableAdmissionPlugins: 'k8sInternals.apiServer.disableAdmissionPlugins',
  keepState: 'k8sInternals.cluster.keepState',
  codeLens: 'k8sInternals.dryRun.codeLens',
  dryRunOn: 'k8sInternals.dryRun.on',
  forecastSeconds: 'k8sInternals.dryRun.forecastSeconds',
  showSecrets: 'k8sInternals.keys.showSecrets',
  showManagedFields: 'k8sInternals.keys.showManagedFields',
} as const;

export const terminalProfile = 'k8sInternals.terminal';
export const keyScheme = 'k8s-etcd';
/** What kustomize made of a folder, to be read and judged. */
export const renderedScheme = 'k8s-rendered';
