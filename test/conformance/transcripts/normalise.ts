/** What a session calls its own: these words are placeholders in what was recorded. */
export interface SessionWords {
  readonly folder: string;
  readonly namespace?: string;
  /** https://HOST:PORT */
  readonly server?: string;
}

type Rule = readonly [pattern: RegExp, to: string | ((line: string) => string)];

const rand = '[bcdfghjklmnpqrstvwxz2456789]';
const times = '20\\d\\d \\d\\d:\\d\\d:\\d\\d';
const weekday = '\\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const squeezedTo = (blanks: string) => (line: string) => line.replace(/ {2,}/g, blanks);
const duration = '<invalid>|\\d+d\\d+h|\\d+d|\\d+h\\d+m|\\d+h|\\d+m\\d+s|\\d{1,2}m|\\d+s';

const numbersOfEtcd = [
  'cluster_id|member_id|leader|ID|hash|revision|create_revision|mod_revision|compact_revision',
  'raft_term|raftTerm|raftIndex|raftAppliedIndex|dbSize|dbSizeInUse|total-size|totalSize|version',
].join('|');

/** For etcdctl alone: numbers that follow from what was written before. */
const etcdRules: readonly Rule[] = [
  [new RegExp(`("?(?:${numbersOfEtcd})"? ?: ?)\\d+`, 'gi'), '$1<n>'],
  [/etcd-endpoints:\/\/0x[0-9a-f]+\/\S+?"/g, 'etcd-endpoints://<etcd>"'],
];

/** Times, names and addresses, in the order in which they have to be found. */
const valueRules: readonly Rule[] = [
  [/\b([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ /g, '$1<time> <pid> '],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [new RegExp(`${weekday}, \\d\\d \\w{3} ${times} [+-]\\d{4}`, 'g'), '<time>'],
  [new RegExp(`${weekday} \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d 20\\d\\d`, 'g'), '<time>'],
  [/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4}( UTC)?( m=\S+)?/g, '<time>'],
  [/\/tmp\/(LIVE|MERGED)-\d+/g, '/tmp/$1-<rand>'],
  [/(resourceVersion\\*"?: ?\\*")\d+/g, '$1<rv>'],
  [/(Resource Version: +)\d+/g, '$1<rv>'],
  [/\b10\.(96|244)\.\d+\.\d+\b/g, '<ip>'],
  [/(:|\s)(?!300[0-7]\d)3[0-2]\d{3}(?=\/(?:TCP|UDP|SCTP))/g, '$1<port>'],
  [/(nodePort"?: )(?!300[0-7]\d)3[0-2]\d{3}/g, '$1<port>'],
  [/\.[0-9a-f]{16}\b/g, '.<hex16>'],
  [new RegExp(`-${rand}{5}(?![\\w])`, 'g'), '-<rand5>'],
  [/(topology\.kubernetes\.io\/zone"?[=:] ?"?)zone-\d/g, '$1<zone>'],
  [/X509SHA256=[0-9a-f]{64}/g, 'X509SHA256=<hash>'],
  [/(Age:\s+|Duration:\s+)\S+/g, '$1<age>'],
];

/** The recorded cluster has no real kubelets: what they tell goes. */
const kubeletRules: readonly Rule[] = [
  [/^ *(?:Container ID|Image ID):.*\n/gm, ''],
  [/^ +(?:Normal|Warning) .* kubelet( |,).*\n/gm, ''],
  [
    /^.*\b(?:Normal|Warning)\s+(?:Pulling|Pulled|Created|Started|Killing|BackOff)\s+pod\/.*\n/gm,
    '',
  ],
  [/^(?:Normal +)?(?:Pulling|Pulled|Created|Started|Killing)(?: +Pod\b.*)?\n/gm, ''],
];

/** Ages, and the blanks that follow from how long a value is. */
const layoutRules: readonly Rule[] = [
  [
    new RegExp(
      `(?<!\\bfor|leading)(^|\\s)(?:${duration})(?: \\(x\\d+ over (?:<invalid>|[\\dhms]+)\\))?(?=\\s|$)`,
      'gm',
    ),
    '$1<age>',
  ],
  [/ +(?=$)/gm, ''],
  [/(<(?:age|ip|rand5|time|uid|port)>)(?: {2,}|\t+)/g, '$1  '],
  [/ {2,}(<(?:age|ip)>)/g, '  $1'],
  [/^((?:NAME|LAST SEEN|NAMESPACE|EVENT|REVISION)\b.*)$/gm, squeezedTo('   ')],
  [/^ +(?:Type|----) +(?:Reason|------) .*$/gm, squeezedTo('  ')],
  [/^(?=.*<(?:age|ip|rand5|port|hex16)>)(.*)$/gm, squeezedTo('   ')],
  // How often the scheduler tries depends on the weather.
  [/^(.*FailedScheduling.*\n)\1+/gm, '$1'],
];

/** Replaces what differs from run to run, as it was replaced in the record. Hashes stay: they follow from the object. */
export function normalise(text: string, { folder, namespace, server }: SessionWords): string {
  let out = text.replaceAll(folder, '<dir>');
  if (namespace !== undefined) out = out.replaceAll(namespace, '<namespace>');
  if (server !== undefined)
    out = out
      .replaceAll(server, '<server>')
      .replaceAll(server.replace(/^https?:\/\//, ''), '<host>');
  const rules = [...valueRules, ...kubeletRules, ...layoutRules];
  for (const [pattern, to] of namespace === undefined ? [...etcdRules, ...rules] : rules)
    out = typeof to === 'string' ? out.replace(pattern, to) : out.replace(pattern, to);
  return out;
}
