import admissionFacts from '../../../api/facts/v1.36/admission.json' with { type: 'json' };
import type { JsonObject } from '../../../api/meta.ts';
import { goQuote } from '../../../api/field.ts';
import { AdmissionConfigurationError, joined } from './configuration.ts';
import { eventRateLimitPlugin } from './eventRateLimit/eventRateLimit.ts';
import { optionalPlugins } from './optionalPlugins.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { plugins } from './plugins.ts';
import { podNodeSelectorPlugin } from './podNodeSelector/podNodeSelector.ts';
import { podSecurityOptionsOf } from './podSecurity/configuration.ts';
import { podSecurityPlugin } from './podSecurity/podSecurity.ts';
import { podTolerationRestrictionPlugin } from './podTolerationRestriction/podTolerationRestriction.ts';

/** Which plugins a server has, and how they are configured: kube-apiserver's flags of the same names. */
export interface AdmissionOptions {
  /** Plugins beside those that are on by default: `AlwaysPullImages`. */
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  /** By name of the plugin: its part of --admission-control-config-file. */
  readonly admissionConfiguration?: Readonly<Record<string, JsonObject>>;
}

const facts = admissionFacts as {
  readonly mutating: readonly string[];
  readonly validating: readonly string[];
};

/** What makes a plugin of its configuration. */
const configurable: Readonly<
  Record<string, (configuration: JsonObject | undefined) => AdmissionPlugin>
> = {
  EventRateLimit: eventRateLimitPlugin,
  PodNodeSelector: podNodeSelectorPlugin,
  PodSecurity: (configuration) => podSecurityPlugin(podSecurityOptionsOf(configuration)),
  PodTolerationRestriction: podTolerationRestrictionPlugin,
};

export const optionalNames: readonly string[] = [
  ...optionalPlugins.map(({ name }) => name),
  'EventRateLimit',
].sort();
export const defaultNames: readonly string[] = [
  ...new Set([...facts.mutating, ...facts.validating]),
].sort();

/** A real server has them, and nothing here does their work. */
const unavailable: readonly string[] = [
  'AlwaysAdmit',
  'AlwaysDeny',
  'ImagePolicyWebhook',
  'NamespaceAutoProvision',
  'NamespaceExists',
];
const registered = new Set([...defaultNames, ...optionalNames, ...unavailable]);

export interface ChosenPlugins {
  /** Those beside the plugins that are on by default. */
  readonly optional: readonly AdmissionPlugin[];
  readonly byDefault: readonly AdmissionPlugin[];
  readonly disabled: ReadonlySet<string>;
}

/** Throws an AdmissionConfigurationError. Models apiserver/pkg/server/options/admission.go. */
export function choosePlugins(options: AdmissionOptions): ChosenPlugins {
  const enable = options.enableAdmissionPlugins ?? [];
  const disable = options.disableAdmissionPlugins ?? [];
  checkNames(enable, disable);
  const configured = (name: string, otherwise: AdmissionPlugin | undefined) => {
    const configuration = options.admissionConfiguration?.[name];
    const make = configurable[name];
    if (!make || (otherwise && !configuration)) return otherwise ? [otherwise] : [];
    try {
      return [make(configuration)];
    } catch (error) {
      if (!(error instanceof AdmissionConfigurationError)) throw error;
      throw new AdmissionConfigurationError(
        `couldn't init admission plugin ${goQuote(name)}: ${error.message}`,
        { cause: error },
      );
    }
  };
  return {
    optional: optionalNames
      .filter((name) => enable.includes(name))
      .flatMap((name) =>
        configured(
          name,
          optionalPlugins.find((it) => it.name === name),
        ),
      ),
    byDefault: plugins
      .filter(({ name }) => !disable.includes(name))
      .flatMap((plugin) => configured(plugin.name, plugin)),
    disabled: new Set(disable),
  };
}

function checkNames(enable: readonly string[], disable: readonly string[]): void {
  const both = [...new Set(enable)].filter((name) => disable.includes(name)).sort();
  const errors = [
    ...unknown('enable', enable),
    ...unknown('disable', disable),
    ...(both.length
      ? [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`]
      : []),
  ];
  if (errors.length) throw new AdmissionConfigurationError(joined(errors));
  const absent = enable.find((name) => unavailable.includes(name));
  if (absent !== undefined)
    throw new AdmissionConfigurationError(
      `enable-admission-plugins plugin ${goQuote(absent)} is not simulated; leave it out`,
    );
}

const unknown = (flag: string, names: readonly string[]): readonly string[] =>
  names
    .filter((name) => !registered.has(name))
    .map((name) => `${flag}-admission-plugins plugin ${goQuote(name)} is unknown`);
