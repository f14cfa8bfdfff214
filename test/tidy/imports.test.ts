import assert from 'node:assert/strict';
import path from 'node:path';
import { createRequire } from 'node:module';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';

const root = path.join(import.meta.dirname, '../..');
const config = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: unknown[];
  options: object;
};

describe('the import table', () => {
  let result: ICruiseResult;
  before(async function () {
    this.timeout(60_000);
    const options = {
      ...config.options,
      validate: true,
      baseDir: root,
      ruleSet: { forbidden: config.forbidden },
    } as ICruiseOptions;
    result = (await cruise(['src'], options)).output as ICruiseResult;
  });

  it('was read: a cruiser that sees nothing would report success', () => {
    assert.ok(result.modules.filter(({ source }) => source.startsWith('src/')).length > 60);
  });

  it('holds', () => {
    const broken = result.summary.violations.map(
      ({ from, to, rule }) => `${from} imports ${to}: ${rule.name}`,
    );
    assert.deepEqual(broken, []);
  });
});
