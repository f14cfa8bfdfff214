import {
  fieldForbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type {
  AppArmorProfile,
  SeccompProfile,
  SecurityContext,
  WindowsSecurityContextOptions,
} from '../../../../api/types/coreV1.ts';
import {
  all,
  allInvalid,
  mustBeOneOf,
  oneOf,
  unixId,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { isDns1123Subdomain, utf8Length } from '../shared/names.ts';
import { localPath } from './paths.ts';

// Security contexts of containers, and the profiles that pods have, too. Models core/validation ValidateSecurityContext.

/** What --allow-privileged allows. Models pkg/capabilities, which validation asks. */
export const disallowed = (path: FieldPath, what: string): FieldError => ({
  ...fieldForbidden(path, `${what}disallowed by cluster policy`),
  unlessAllowed: 'privileged',
});

type Optional<T> = Loose<T> | null | undefined;

export function validateSecurityContext(
  context: Optional<SecurityContext>,
  path: FieldPath,
  hostUsers: boolean,
): FieldError[] {
  if (!context) return [];
  const { procMount, allowPrivilegeEscalation, privileged, capabilities } = context;
  const contradiction = (what: string): FieldError =>
    invalid(
      path,
      internalForm('core.SecurityContext', context),
      `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
    );
  const at = path.child('procMount');
  return all(
    privileged && disallowed(path.child('privileged'), ''),
    unixId(context.runAsUser, path.child('runAsUser')),
    unixId(context.runAsGroup, path.child('runAsGroup')),
    typeof procMount === 'string' && [
      oneOf(procMount, ['Default', 'Unmasked'], at),
      hostUsers &&
        procMount === 'Unmasked' &&
        invalid(at, procMount, '`hostUsers` must be false to use `Unmasked`'),
    ],
    validateSeccomp(context.seccompProfile, path.child('seccompProfile')),
    allowPrivilegeEscalation === false && [
      privileged && contradiction('`privileged` to true'),
      capabilities?.add
        ?.filter((name) => name === 'CAP_SYS_ADMIN')
        .map(() => contradiction('`capabilities.Add` CAP_SYS_ADMIN')),
    ],
    validateWindowsOptions(context.windowsOptions, path.child('windowsOptions')),
    validateAppArmor(context.appArmorProfile, path.child('appArmorProfile')),
  );
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

export function validateSeccomp(profile: Optional<SeccompProfile>, path: FieldPath): Found {
  if (!profile) return undefined;
  const { type, localhostProfile: file } = profile;
  const at = path.child('localhostProfile');
  const hasFile = typeof file === 'string';
  return [
    type
      ? oneOf(type, profileTypes, path.child('type'))
      : required(path.child('type'), 'type is required when seccompProfile is set'),
    type === 'Localhost'
      ? hasFile
        ? localPath(file, at)
        : required(at, 'must be set when seccomp type is Localhost')
      : hasFile &&
        invalid(
          at,
          internalForm('core.SeccompProfile', profile),
          'can only be set when seccomp type is Localhost',
        ),
  ];
}

export function validateAppArmor(
  profile: Optional<AppArmorProfile>,
  path: FieldPath,
): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile: name } = profile;
  const at = path.child('localhostProfile');
  const must = required(at, 'must be set when AppArmor type is Localhost');
  switch (type) {
    case 'Localhost':
      if (typeof name !== 'string') return [must];
      return all(
        name.trim() !== name
          ? invalid(at, name, 'must not be padded with whitespace')
          : name === '' && must,
        utf8Length(name) > 4095 && tooLong(at, 4095),
      );
    case 'RuntimeDefault':
    case 'Unconfined':
      return all(
        typeof name === 'string' &&
          invalid(at, name, 'can only be set when AppArmor type is Localhost'),
      );
    default:
      return type
        ? all(mustBeOneOf(type, profileTypes, path.child('type')))
        : [required(path.child('type'), 'type is required when appArmorProfile is set')];
  }
}

const maxCredentialSpec = 64 * 1024;

export function validateWindowsOptions(
  options: Optional<WindowsSecurityContextOptions>,
  path: FieldPath,
): FieldError[] {
  const {
    gmsaCredentialSpecName: specName,
    gmsaCredentialSpec: spec,
    runAsUserName,
  } = options ?? {};
  const at = path.child('gmsaCredentialSpec');
  return all(
    typeof specName === 'string' &&
      allInvalid(path.child('gmsaCredentialSpecName'), specName, isDns1123Subdomain(specName)),
    spec === '' && invalid(at, spec, 'gmsaCredentialSpec cannot be an empty string'),
    utf8Length(spec ?? '') > maxCredentialSpec &&
      invalid(at, spec, 'gmsaCredentialSpec size must be under 64 KiB'),
    typeof runAsUserName === 'string' &&
      allInvalid(path.child('runAsUserName'), runAsUserName, userNameProblems(runAsUserName)),
  );
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const domainLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsDomain = new RegExp(`^${domainLabel}(?:\\.${domainLabel})*$`);

/** `DOMAIN\user` */
function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];

  if (/[\u0000-\u001f\u007f]/.test(name))
    return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length > 1 ? (parts[0] ?? '') : undefined;
  const rules: readonly (readonly [boolean, string])[] = [
    [utf8Length(domain ?? '') >= 256, "runAsUserName's Domain length must be under 256 characters"],
    [
      domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain),
      "runAsUserName's Domain doesn't match the NetBios nor the DNS format",
    ],
    [user === '', "runAsUserName's User cannot be empty"],
    [utf8Length(user) > 104, "runAsUserName's User length must not be longer than 104 characters"],
    [/^[. ]+$/.test(user), "runAsUserName's User cannot contain only periods or spaces"],
    [
      /["/\\:;|=,+*?<>@[\]]/.test(user),
      'runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]',
    ],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, text]) => text);
}

/** The field that an old annotation of AppArmor stands for. Models ApparmorFieldForAnnotation. */
export function appArmorOfAnnotation(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const [, name] = /^localhost\/(.+)$/s.exec(annotation) ?? [];
  return name === undefined ? undefined : { type: 'Localhost', localhostProfile: name };
}
