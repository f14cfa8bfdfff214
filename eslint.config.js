import tseslint from 'typescript-eslint';

const noClock = (what) => ({
  selector: what,
  message: 'Time and chance are arguments in src/sim: take a Clock or a Random.',
});

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'out/**',
      'coverage/**',
      'node_modules/**',
      'src/host/etcd/gen/**',
      'src/api/types/**',
      'src/api/resources.ts',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', '*.cjs', '*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        {
          allowNumber: true,
          allowBoolean: true,
          allow: ['FieldPath'],
        },
      ],
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      '@typescript-eslint/no-this-alias': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/sim/**', 'src/api/**', 'src/trace/**', 'src/base/**', 'src/timeline/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        noClock("MemberExpression[object.name='Date'][property.name='now']"),
        noClock("MemberExpression[object.name='Math'][property.name='random']"),
        noClock("NewExpression[callee.name='Date'][arguments.length=0]"),
      ],
      'no-restricted-globals': [
        'error',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'process',
        'console',
        'fetch',
        'performance',
        'crypto',
      ],
    },
  },
  {
    files: ['test/**', 'bench/**', 'scripts/**', 'src/host/cli/**'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it'], package: 'mocha' }],
        },
      ],
    },
  },
  {
    files: ['src/base/json.d.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    files: ['*.js', '*.cjs', '*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-restricted-exports': 'off', 'no-undef': 'off' },
  },
);
