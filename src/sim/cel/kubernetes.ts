import { joinFunctions, type Functions } from './environment.ts';
import { addresses } from './library/addresses.ts';
import { authorizer } from './library/authorizer.ts';
import { namedFormats } from './library/formats.ts';
import { jsonPatches } from './library/jsonPatches.ts';
import { lists } from './library/lists.ts';
import { optionals } from './library/optionals.ts';
import { quantities } from './library/quantities.ts';
import { regexes } from './library/regexes.ts';
import { semvers } from './library/semvers.ts';
import { sets } from './library/sets.ts';
import { standard } from './library/standard.ts';
import { strings } from './library/strings.ts';
import { urls } from './library/urls.ts';

/** All functions that expressions in Kubernetes 1.36 may call. Models apiserver/pkg/cel/environment/base.go. */
export const kubernetesFunctions: Functions = joinFunctions(
  standard,
  optionals,
  urls,
  regexes,
  lists,
  authorizer,
  quantities,
  strings,
  sets,
  addresses,
  namedFormats,
  semvers,
);

/** MutatingAdmissionPolicies may escape keys, too. */
export const mutationFunctions: Functions = new Map([
  ...kubernetesFunctions,
  ...joinFunctions(jsonPatches),
]);
