import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { parse } from 'yaml';

interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: readonly { readonly name: string; readonly context: Context }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: Fields }[];
  readonly users: readonly { readonly name: string; readonly user: Fields }[];
}
interface Context {
  readonly cluster: string;
  readonly user: string;
}
type Fields = Readonly<Record<string, string>>;

/** One connection to the API server of a kubeconfig, with its client certificate or token, that stays open. */
export class ServerConnection {
  readonly #agent: https.Agent;
  readonly #server: URL;
  readonly #token: string | undefined;

  constructor(file: string) {
    const config = parse(fs.readFileSync(file, 'utf8')) as Kubeconfig;
    const named = <T extends { readonly name: string }>(list: readonly T[], name: string): T => {
      const found = list.find((it) => it.name === name);
      if (!found) throw new Error(`${file} names "${name}", which is not in it`);
      return found;
    };
    const { context } = named(config.contexts, config['current-context']);
    const { cluster } = named(config.clusters, context.cluster);
    const { user } = named(config.users, context.user);
    const pem = (fields: Fields, name: string): Buffer | undefined => {
      const data = fields[`${name}-data`];
      if (data !== undefined) return Buffer.from(data, 'base64');
      const from = fields[name];
      return from === undefined
        ? undefined
        : fs.readFileSync(path.resolve(path.dirname(file), from));
    };
    const ca = pem(cluster, 'certificate-authority');
    const cert = pem(user, 'client-certificate');
    const key = pem(user, 'client-key');
    this.#token = user['token'];
    this.#server = new URL(cluster['server'] ?? '');
    this.#agent = new https.Agent({
      keepAlive: true,
      maxSockets: 1,
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    });
  }

  /** The code of the answer, when all of it has come. */
  post(target: string, body: object): Promise<number> {
    const payload = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = https.request(
        new URL(target, this.#server),
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
            ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
          },
        },
        (response) => {
          response.on('data', () => undefined);
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      request.on('error', reject);
      request.end(payload);
    });
  }

  dispose(): void {
    this.#agent.destroy();
  }
}
