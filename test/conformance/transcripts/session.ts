import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run, type Output } from '../../support/program.ts';
import { normalise, type SessionWords } from './normalise.ts';
import type { Printed, Transcript, TranscriptStep } from './transcript.ts';

/** The cluster that transcripts are played on, and the clients that play. */
export interface Stage {
  /** Name to path: kubectl, helm, etcdctl, etcdutl. */
  readonly programs: Readonly<Record<string, string>>;
  readonly kubeconfig: string;
  readonly apiServer: string;
  /** HOST:PORT of the cluster's store. */
  readonly etcd: string;
  /** HOST:PORT of a store that may be spoilt. */
  readonly etcdAlone: string;
}

/** A shell with the clients on its PATH and a fresh namespace as the default one. */
export class Session {
  readonly #transcript: Transcript;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'transcript-'));
  readonly #words: SessionWords;
  readonly #env: Record<string, string>;

  private constructor(transcript: Transcript, stage: Stage, namespace: string) {
    this.#transcript = transcript;
    const needs = transcript.needs ?? [];
    const isEtcd = needs.includes('etcd') || needs.includes('etcd-alone');
    this.#words = isEtcd
      ? { folder: this.#folder }
      : { folder: this.#folder, namespace, server: stage.apiServer };
    for (const [name, text] of Object.entries(transcript.files ?? {}))
      this.#write(name, (file) => fs.writeFileSync(file, text));
    for (const [name, program] of Object.entries(stage.programs))
      this.#write(`.bin/${name}`, (file) => fs.symlinkSync(program, file));
    const config = path.join(this.#folder, '.kubeconfig');
    if (!isEtcd) fs.copyFileSync(stage.kubeconfig, config);
    this.#env = {
      HOME: this.#folder,
      PATH: `${this.#folder}/.bin${path.delimiter}${process.env.PATH ?? ''}`,
      KUBECONFIG: config,
      LC_ALL: 'C',
      TZ: 'UTC',
      ETCDCTL_ENDPOINTS: needs.includes('etcd-alone') ? stage.etcdAlone : stage.etcd,
      ...(!isEtcd && { NS: namespace }),
    };
  }

  static async open(transcript: Transcript, stage: Stage, namespace: string): Promise<Session> {
    const session = new Session(transcript, stage, namespace);
    if (session.#words.namespace === undefined) return session;
    await session.#bash(`kubectl create namespace ${namespace}`);
    await session.#bash(`kubectl config set-context --current --namespace=${namespace}`);
    for (let tries = 0; tries < 25; tries++) {
      if ((await session.#bash('kubectl get serviceaccount default')).code === 0) break;
      await pause(200);
    }
    return session;
  }

  /** What a step prints, normalised. */
  async run(step: TranscriptStep): Promise<Printed> {
    const { code, stdout, stderr } = await this.#bash(step.run, step.stdin);
    const clean = (text: string) => normalise(text, this.#words);
    return { exit: code, stdout: clean(stdout), stderr: clean(stderr) };
  }

  async close(): Promise<void> {
    for (const command of this.#transcript.after ?? []) await this.#bash(command);
    const { namespace } = this.#words;
    if (namespace !== undefined)
      await this.#bash(`kubectl delete namespace ${namespace} --wait=false`);
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #bash(command: string, input?: string): Promise<Output> {
    return run('bash', ['-c', command], {
      cwd: this.#folder,
      env: this.#env,
      timeoutMs: 60_000,
      ...(input !== undefined && { input }),
    });
  }

  #write(name: string, write: (file: string) => void): void {
    const file = path.join(this.#folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    write(file);
  }
}

export const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs));
