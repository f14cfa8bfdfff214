import { millisecond, second, type Micros } from '../../base/time.ts';
import type { Container } from '../../api/types/coreV1.ts';
import type { Random } from '../../base/random.ts';

// What simulated images are and do: declared, not guessed from names in code elsewhere.

interface Declared {
  /** Tags that exist. */
  readonly tags: RegExp;
  readonly bytes: number;
  /** What it prints when it starts without a command of its own. */
  readonly log?: readonly string[];
  /** Ends by itself when it has no command: an image without a server. */
  readonly exits?: true;
}

const versions = (range: string, variants = '(?:-[a-z][a-z0-9.-]*)?'): RegExp =>
  new RegExp(
    `^(?:latest|stable|mainline|alpine|slim|(?:${range})(?:\\.\\d{1,2}){0,2}${variants})$`,
  );

/** Official images of Docker Hub, by name. A name without a slash that is not here does not exist there. */
const official: Readonly<Record<string, Declared>> = {
  nginx: {
    tags: versions('1\\.(?:[7-9]|1\\d|2\\d)|1'),
    bytes: 71_005_258,
    log: [
      '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
      '/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh',
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
      '[notice] 1#1: using the "epoll" event method',
      '[notice] 1#1: start worker processes',
    ],
  },
  httpd: {
    tags: versions('2(?:\\.\\d)?'),
    bytes: 58_700_000,
    log: ["AH00094: Command line: 'httpd -D FOREGROUND'"],
  },
  redis: {
    tags: versions('[3-8]'),
    bytes: 45_600_000,
    log: ['1:M * Ready to accept connections tcp'],
  },
  postgres: {
    tags: versions('9|1[0-8]'),
    bytes: 158_000_000,
    log: ['LOG:  database system is ready to accept connections'],
  },
  mysql: { tags: versions('[5-9]'), bytes: 170_000_000 },
  mongo: { tags: versions('[4-8]'), bytes: 280_000_000 },
  busybox: { tags: versions('1'), bytes: 2_200_000, exits: true },
  alpine: { tags: versions('3|edge'), bytes: 3_800_000, exits: true },
  debian: { tags: /^[a-z0-9.-]+$/, bytes: 48_000_000, exits: true },
  ubuntu: { tags: /^[a-z0-9.-]+$/, bytes: 29_700_000, exits: true },
  perl: { tags: /^[a-z0-9.-]+$/, bytes: 336_000_000, exits: true },
  python: { tags: versions('[23]'), bytes: 48_000_000, exits: true },
  node: { tags: versions('\\d{1,2}'), bytes: 40_000_000, exits: true },
  memcached: { tags: versions('1'), bytes: 30_000_000 },
  'hello-world': {
    tags: /^(?:latest|linux)$/,
    bytes: 10_000,
    exits: true,
    log: ['Hello from Docker!'],
  },
};

export interface Reference {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  /** `docker.io/library/nginx:1.25` */
  readonly full: string;
}

/** Takes a reference apart as containerd does. */
export function parseReference(image: string): Reference {
  const [name = '', digest] = image.split('@');
  const slash = name.indexOf('/');
  const head = slash < 0 ? '' : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(head) || head === 'localhost';
  const registry = hasRegistry ? head : 'docker.io';
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = digest ?? (colon < 0 ? 'latest' : rest.slice(colon + 1));
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return {
    registry,
    repository,
    tag,
    full: `${registry}/${repository}${digest ? '@' : ':'}${tag}`,
  };
}

export type Pull =
  { readonly bytes: number; readonly duration: Micros } | { readonly error: string };

/**
 * Pulls an image. Official images exist with their declared tags; every other image that names a user, an organization
 * or a registry is believed to exist.
 */
export function pullImage(image: string, random: Random): Pull {
  const { registry, repository, tag, full } = parseReference(image);
  const isOfficial = registry === 'docker.io' && repository.startsWith('library/');
  const declared = isOfficial ? official[repository.slice('library/'.length)] : undefined;
  if (isOfficial && !declared) {
    return {
      error: `failed to pull and unpack image "${full}": failed to resolve reference "${full}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    };
  }
  if (declared && !tag.startsWith('sha256:') && !declared.tags.test(tag)) {
    return {
      error: `rpc error: code = NotFound desc = failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: not found`,
    };
  }
  const bytes = declared?.bytes ?? 20_000_000 + random.below(80_000_000);
  // 40 MB/s, and what a registry takes to answer.
  return {
    bytes,
    duration: Math.round((400 + random.below(400)) * millisecond + (bytes / 40_000_000) * second),
  };
}

/** What a container does once it runs. */
export interface Behaviour {
  readonly log: readonly string[];
  /** Absent: it runs until it is stopped. */
  readonly exit?: { readonly after: Micros; readonly code: number };
}

/** Annotations that declare what a container does: `sim.kubernetes.io/app: exit=1,after=5s`. */
export const behaviourAnnotation = (container: string): string => `sim.kubernetes.io/${container}`;

/** How a container behaves: as declared by an annotation, else by its command, else by its image. */
export function behaviourOf(container: Container, annotation: string | undefined): Behaviour {
  if (annotation !== undefined) return declaredBehaviour(annotation);
  const command = [...(container.command ?? []), ...(container.args ?? [])];
  const declared =
    official[parseReference(container.image ?? '').repository.replace(/^library\//, '')];
  if (command.length) return commandBehaviour(command, declared);
  if (declared?.exits)
    return { log: declared.log ?? [], exit: { after: 100 * millisecond, code: 0 } };
  return { log: declared?.log ?? [] };
}

function declaredBehaviour(text: string): Behaviour {
  const options = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', value = ''] = part.split('=', 2);
    options.set(key.trim(), value.trim());
  }
  const log = options.get('log');
  const code = options.get('exit');
  const after = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(options.get('after') ?? '0');
  const unit = { ms: millisecond, s: second, m: 60 * second }[after?.[2] ?? 's'] ?? second;
  return {
    log: log ? [log] : [],
    ...(code !== undefined && {
      exit: { after: Number(after?.[1] ?? 0) * unit, code: Number(code) },
    }),
  };
}

/** A few commands that manifests and labs use: sleep, echo, exit, true, false, and shells that run them. */
function commandBehaviour(command: readonly string[], declared: Declared | undefined): Behaviour {
  const [program = '', ...rest] = command;
  const name = program.split('/').at(-1) ?? '';
  if ((name === 'sh' || name === 'bash') && rest.includes('-c'))
    return scriptBehaviour(rest[rest.indexOf('-c') + 1] ?? '');
  return scriptBehaviour(
    command.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' '),
    declared,
  );
}

function scriptBehaviour(script: string, declared?: Declared): Behaviour {
  const log: string[] = [];
  let after = 100 * millisecond;
  let code = 0;
  if (/\bwhile\s+(?:true|:|\[)|\btail\s+-f|sleep\s+(?:infinity|inf)\b/.test(script))
    return { log: echoes(script) };
  for (const step of script.split(/\s*(?:;|&&|\n)\s*/)) {
    const [word = '', argument = ''] = step.trim().split(/\s+/, 2);
    const base = word.split('/').at(-1) ?? '';
    if (base === 'sleep') after += duration(argument);
    else if (base === 'echo') log.push(...echoes(step));
    else if (base === 'exit') return { log, exit: { after, code: Number(argument || 0) } };
    else if (base === 'false') code = 1;
    else if (
      /^(?:nginx|httpd|redis-server|postgres|mysqld|stress|java|node|python3?|npm|server|http-server|serve)$/.test(
        base,
      )
    )
      return { log: declared?.log ?? log };
  }
  return { log, exit: { after, code } };
}

const echoes = (script: string): string[] =>
  [...script.matchAll(/\becho\s+(?:-[ne]+\s+)?(?:"([^"]*)"|'([^']*)'|([^;&|]+))/g)].map((match) =>
    (match[1] ?? match[2] ?? match[3] ?? '').trim(),
  );

function duration(text: string): Micros {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  const unit = { s: 1, m: 60, h: 3600, d: 86400 }[match?.[2] || 's'] ?? 1;
  return Number(match?.[1] ?? 0) * unit * second;
}
