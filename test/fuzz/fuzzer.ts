import { stringify } from 'yaml';
import type { JsonObject, JsonValue } from '../../src/api/meta.ts';
import { identityOf } from '../../src/verdict/identity.ts';
import { problemsOf } from '../../src/verdict/problems.ts';
import { parseDocuments } from '../../src/yaml/documents.ts';
import { dryRun } from '../../src/sim/dryRun.ts';
import { SeededRandom } from '../../src/sim/time/random.ts';
import { InProcessApi } from '../conformance/inProcessApi.ts';
import { bodyOf, readBases, readCases } from '../conformance/verdicts/cases.ts';
import { setUpWorlds } from '../conformance/verdicts/replay.ts';
import { drain } from '../support/drain.ts';
import { plainTokens } from '../support/plainTokens.ts';
import { mutateJson, pick } from './mutateJson.ts';
import { mutateText } from './mutateText.ts';

/**
 * A verdict that takes longer than this is a hang to who types; what no person types (a manifest of a few hundred thousand
 * brackets) may take so long for each part of this many characters.
 */
const limitMs = 100;
const largeText = 25_000;

/** Failures that a real server has too: it answers 500 to them itself. */
const realFailures = [
  /failed to create typed patch object/,
  /strconv\.Parse/,
  /target\.name: Required value/,
  /resourceVersion should not be set on objects to be created/,
];

/** A manifest as it was recorded, and where it goes. */
interface Recorded {
  readonly path: string;
  readonly object: JsonObject;
}

/** What a case does: judged as objects, read from YAML text first, or sent as bytes past the dry run. */
type Mode = 'objects' | 'text' | 'bytes';

export interface FuzzCase {
  readonly seed: number;
  readonly index: number;
  readonly mode: Mode;
  readonly as: string | undefined;
  readonly objects: readonly JsonObject[];
  readonly text: string;
  readonly path: string;
  readonly contentType: string;
}

/** What is wrong with a case. The line replays it. */
export interface Failure {
  readonly line: string;
  readonly problem: string;
}

/** Recorded manifests, changed by chance, must be judged: without an exception, without a 500, at once. */
export class Fuzzer {
  readonly #api: InProcessApi;
  readonly #corpus: readonly Recorded[];

  private constructor(api: InProcessApi, corpus: readonly Recorded[]) {
    this.#api = api;
    this.#corpus = corpus;
  }

  static async start(): Promise<Fuzzer> {
    const api = await InProcessApi.boot();
    await setUpWorlds(api.send);
    return new Fuzzer(api, corpus());
  }

  /** The same for the same seed and index, whatever ran before. */
  caseOf(seed: number, index: number): FuzzCase {
    const random = new SeededRandom(seed).fork(String(index));
    const recorded = pick(random, this.#corpus);
    const other = pick(random, this.#corpus).object;
    const object = structuredClone(recorded.object);
    const times = 1 + random.below(4);
    const mode = pick<Mode>(random, ['objects', 'objects', 'objects', 'text', 'bytes']);
    if (mode === 'objects' || random.below(2))
      for (let i = 0; i < times; i++) mutateJson(object, other, random);
    const isUpdate = random.below(4) === 0;
    const isYaml = mode === 'text' || random.below(2) === 0;
    let text = mode === 'objects' ? '' : isYaml ? yamlOf(object) : JSON.stringify(object);
    if (mode !== 'objects') for (let i = 0; i < times; i++) text = mutateText(text, random);
    return {
      seed,
      index,
      mode,
      as: random.below(10) === 0 ? pick(random, ['alice:developers', 'system:node:n']) : undefined,
      objects: isUpdate ? [recorded.object, object] : [object],
      text,
      path: recorded.path,
      contentType: isYaml ? 'application/yaml' : 'application/json',
    };
  }

  /**
   * undefined when all is well. The time is that of the processor, for others may be busy on the machine; what is slow is
   * tried again, for code is compiled and garbage collected at times.
   */
  async check(test: FuzzCase): Promise<Failure | undefined> {
    const limit = limitMs * Math.max(1, lengthOf(test) / largeText);
    let fastest = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 3; tries++) {
      const before = process.threadCpuUsage();
      const problem = await this.run(test).then(problemIn, (error: unknown) =>
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
      if (problem !== undefined) return { line: replayLine(test), problem };
      const { user, system } = process.threadCpuUsage(before);
      fastest = Math.min(fastest, (user + system) / 1000);
      if (fastest < limit) return undefined;
    }
    return { line: replayLine(test), problem: `took ${fastest.toFixed(0)} ms` };
  }

  /** The codes and messages of all that was judged. */
  async run(test: FuzzCase): Promise<Answer[]> {
    if (test.mode === 'bytes') return [await this.#send(test)];
    const placed =
      test.mode === 'objects'
        ? undefined
        : parseDocuments(test.text).flatMap((document) =>
            document.type === 'object' ? [document] : [],
          );
    const { documents } = await dryRun(
      {
        store: this.#api.store,
        apiServer: this.#api.server,
        now: this.#api.loop.now(),
        drain,
        cluster: { seed: 1, nodes: 0, caPem: '', tokens: plainTokens },
      },
      {
        documents: (placed ?? test.objects.map((object) => ({ object }))).map(({ object }) => ({
          object,
        })),
        forwardSeconds: 0,
        ...(test.as !== undefined && { as: identityOf(test.as) }),
      },
    );
    documents.forEach((verdict, index) => {
      const fields = placed?.[index]?.fields;
      if (fields) problemsOf(verdict, fields);
    });
    return documents.map(({ code = 0, message }) => ({ code, message }));
  }

  async #send({ path, contentType, text }: FuzzCase): Promise<Answer> {
    const { code, text: answer } = await this.#api.send('admin', {
      method: 'POST',
      url: `${path}?dryRun=All&fieldValidation=Strict`,
      headers: { accept: 'application/json', 'content-type': contentType },
      body: Buffer.from(text),
    });
    return { code, message: answer };
  }
}

const lengthOf = ({ text, objects }: FuzzCase): number =>
  text ? text.length : JSON.stringify(objects).length;

export interface Answer {
  readonly code: number;
  readonly message: string;
}

function problemIn(answers: readonly Answer[]): string | undefined {
  const bad = answers.find(
    ({ code, message }) => code >= 500 && !realFailures.some((real) => real.test(message)),
  );
  return bad && `${bad.code}: ${bad.message.slice(0, 300)}`;
}

const replayLine = ({ seed, index }: FuzzCase): string =>
  `node test/fuzz/fuzz.ts --seed ${seed} --case ${index}`;

const yamlOf = (object: JsonObject): string => {
  try {
    return stringify(object, { aliasDuplicateObjects: false });
  } catch {
    return JSON.stringify(object); // too deep to be written
  }
};

function corpus(): Recorded[] {
  const bases = readBases();
  return [...readCases().values()].flat().flatMap((test): Recorded[] => {
    if (test.method !== 'POST' || test.repeat || typeof test.body === 'string') return [];
    const body = bodyOf(test, bases);
    if (!body) return [];
    const object = JSON.parse(Buffer.from(body).toString()) as JsonValue;
    if (object === null || typeof object !== 'object' || Array.isArray(object)) return [];
    return [{ path: test.path, object }];
  });
}
