// The import table of src/ARCHITECTURE.md as rules. test/tidy/imports.test.ts runs them.

/** Folder → what it may import from src beside itself. */
const table = {
  'src/base': [],
  'src/api': ['src/base', 'src/trace/event.ts'],
  'src/yaml': ['src/base', 'src/api'],
  'src/trace': ['src/base', 'src/api'],
  'src/sim/time': ['src/base'],
  'src/sim/etcd': ['src/base', 'src/trace'],
  'src/sim/client': ['src/base', 'src/api', 'src/trace'],
  // CEL's formats and addresses are the ones that validation knows.
  'src/sim/cel': [
    'src/base',
    'src/api',
    'src/sim/apiserver/registry/shared/names.ts',
    'src/sim/apiserver/registry/shared/ip.ts',
  ],
  'src/sim/apiserver': [
    'src/base',
    'src/api',
    'src/trace',
    'src/sim/etcd',
    'src/sim/client',
    'src/sim/cel',
  ],
  'src/sim/controllers': ['src/base', 'src/api', 'src/trace', 'src/sim/client'],
  'src/sim/scheduler': ['src/base', 'src/api', 'src/trace', 'src/sim/client'],
  'src/sim/kubelet': ['src/base', 'src/api', 'src/trace', 'src/sim/client'],
  'src/sim/network': ['src/base', 'src/api', 'src/trace', 'src/sim/client'],
  'src/sim/faults': ['src/base', 'src/trace'],
  'src/host/http2': [],
  'src/host/grpc': ['src/base', 'src/host/http2'],
  'src/host/etcd': ['src/base', 'src/trace', 'src/sim/etcd', 'src/host/grpc'],
  'src/source': ['src/base', 'src/api', 'src/trace'],
  'src/live': ['src/base', 'src/api', 'src/trace', 'src/source'],
  'src/timeline': ['src/base', 'src/api', 'src/yaml', 'src/trace', 'src/source', 'src/protocol'],
  'src/verdict': ['src/base', 'src/api', 'src/yaml', 'src/trace', 'src/source'],
  'src/protocol': ['src/base', 'src/trace/event.ts'],
  'src/ui': [
    'src/base',
    'src/api',
    'src/yaml',
    'src/source',
    'src/timeline',
    'src/verdict',
    'src/protocol',
    'src/trace',
  ],
  'src/webview': ['src/base', 'src/protocol'],
};

const folders = Object.entries(table).map(([folder, allowed]) => ({
  name: `imports-of-${folder.replaceAll('/', '-')}`,
  severity: 'error',
  comment: `${folder} may import ${['itself', ...allowed].join(', ')}. See src/ARCHITECTURE.md.`,
  from: { path: `^${folder}/` },
  to: {
    path: '^src/',
    pathNot: [
      `^${folder}/`,
      ...allowed.map((path) => (path.endsWith('.ts') ? `^${path}$` : `^${path}/`)),
    ],
  },
}));

const packages = (folder, allowed) => ({
  name: `packages-of-${folder.replaceAll('/', '-')}`,
  severity: 'error',
  comment: `${folder} may use only the packages ${allowed.join(', ') || '(none)'}.`,
  from: { path: `^${folder}/` },
  to: {
    dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'core', 'unknown', 'undetermined'],
    pathNot: allowed.map((name) => `node_modules/${name}/|^${name}$`),
  },
});

module.exports = {
  forbidden: [
    ...folders,
    packages('src/base', []),
    packages('src/api', []),
    packages('src/trace', []),
    packages('src/sim', ['sorted-btree', 'yaml', '@marcbachmann/cel-js', '@bufbuild/re2']),
    packages('src/yaml', ['yaml']),
    packages('src/timeline', []),
    packages('src/verdict', []),
    packages('src/protocol', []),
    packages('src/webview', ['preact', '@preact/signals']),
    packages('src/ui', ['vscode', '@types/vscode']),
    {
      name: 'only-ui-names-vscode',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/ui/', '^src/extension.ts$'] },
      to: { path: '^vscode$|@types/vscode' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '\\.json$' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.d.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
