import fs from 'node:fs';
import path from 'node:path';
import { isObject, type JsonObject, type JsonValue } from '../../api/meta.ts';
import { choosePlugins, type AdmissionOptions } from '../../sim/apiserver/admission/choice.ts';
import {
  AdmissionConfigurationError,
  expectKind,
} from '../../sim/apiserver/admission/configuration.ts';
import { parseYaml, YamlError } from '../../sim/apiserver/decode/yaml.ts';
import { UsageError } from './usageError.ts';

interface Values {
  readonly 'enable-admission-plugins'?: string | undefined;
  readonly 'disable-admission-plugins'?: string | undefined;
  readonly 'admission-control-config-file'?: string | undefined;
}

const API_VERSIONS = ['v1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`);

/** The flags that kube-apiserver has, with their names and meanings there. Throws a UsageError. */
export function admissionFlagsOf(values: Values): AdmissionOptions {
  const file = values['admission-control-config-file'];
  const enable = namesOf(values['enable-admission-plugins']);
  const disable = namesOf(values['disable-admission-plugins']);
  try {
    const options = {
      ...(enable.length && { enableAdmissionPlugins: enable }),
      ...(disable.length && { disableAdmissionPlugins: disable }),
      ...(file && { admissionConfiguration: configurationIn(file) }),
    };
    choosePlugins(options);
    return options;
  } catch (error) {
    if (error instanceof AdmissionConfigurationError || error instanceof YamlError)
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

const namesOf = (list: string | undefined): readonly string[] => (list ? list.split(',') : []);

/** By name of the plugin. Models apiserver/pkg/admission/config.go ReadAdmissionConfiguration. */
function configurationIn(file: string): Record<string, JsonObject> {
  const what = `failed to read plugin config: `;
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${what}unable to read admission control configuration from "${file}" [${reasonOf(error, file)}]`,
      { cause: error },
    );
  }
  const all = objectIn(text, what);
  try {
    expectKind(all, API_VERSIONS, 'AdmissionConfiguration');
  } catch (error) {
    throw new UsageError(what + (error as Error).message, { cause: error });
  }
  const unknown = unknownFields(all);
  if (unknown.length) throw new UsageError(`${what}strict decoding error: ${unknown.join(', ')}`);
  const found: Record<string, JsonObject> = {};
  for (const plugin of listOf(all['plugins'])) {
    const { name } = plugin;
    // The first one of a name counts.
    if (typeof name !== 'string' || name in found) continue;
    const configuration = configurationOf(plugin, path.dirname(file));
    if (configuration) found[name] = configuration;
  }
  return found;
}

function configurationOf(plugin: JsonObject, folder: string): JsonObject | undefined {
  const { configuration, path: file } = plugin;
  if (isObject(configuration)) return configuration;
  if (typeof file !== 'string' || !file) return undefined;
  const absolute = path.resolve(folder, file);
  try {
    return objectIn(fs.readFileSync(absolute, 'utf8'), `${absolute}: `);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `Couldn't open admission plugin configuration ${absolute}: ${reasonOf(error, absolute)}`,
      { cause: error },
    );
  }
}

function objectIn(text: string, what: string): JsonObject {
  try {
    const { value } = parseYaml(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new UsageError(what + error.message, { cause: error });
  }
  throw new UsageError(`${what}it holds no object`);
}

function unknownFields(all: JsonObject): readonly string[] {
  const known = ['apiVersion', 'kind', 'plugins'];
  const ofPlugin = ['name', 'path', 'configuration'];
  return [
    ...Object.keys(all).filter((name) => !known.includes(name)),
    ...listOf(all['plugins']).flatMap((plugin, index) =>
      Object.keys(plugin)
        .filter((name) => !ofPlugin.includes(name))
        .map((name) => `plugins[${index}].${name}`),
    ),
  ].map((field) => `unknown field "${field}"`);
}

const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((it) => isObject(it)) : [];

/** As Go says why a file cannot be opened. */
function reasonOf(error: unknown, file: string): string {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? 'no such file or directory'
      : code === 'EACCES'
        ? 'permission denied'
        : code === 'EISDIR'
          ? 'is a directory'
          : String(code);
  return `${code === 'EISDIR' ? 'read' : 'open'} ${file}: ${why}`;
}
