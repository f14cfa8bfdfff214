export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/**
 * Who a dry run is made as, from one text: a user, and groups after colons or commas.
 *
 *     alice:developers:ops                        alice, in developers and ops
 *     alice:system:masters                        alice, in system:masters: what begins with system: goes on to the next comma
 *     system:serviceaccount:web:deployer          the ServiceAccount, in the groups of all and of its namespace
 *     system:node:node-1                          the node, in system:nodes
 */
export function identityOf(text: string): Identity {
  const [, account, namespace, rest = ''] =
    /^(system:serviceaccount:([^:,]*):[^:,]*)[:,]?(.*)$/.exec(text) ?? [];
  if (account !== undefined)
    return {
      user: account,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, ...groupsOf(rest)],
    };
  const [, node, more = ''] = /^(system:node:[^:,]*)[:,]?(.*)$/.exec(text) ?? [];
  if (node !== undefined) return { user: node, groups: ['system:nodes', ...groupsOf(more)] };
  const [, user = '', groups = ''] = /^((?:system:)?[^:,]*)[:,]?(.*)$/.exec(text) ?? [];
  return { user, groups: groupsOf(groups) };
}

function groupsOf(text: string): string[] {
  const groups = text.split(',').flatMap((part) => {
    const at = part.search(/(?:^|:)system:/);
    if (at < 0) return part.split(':');
    return [...part.slice(0, at).split(':'), part.slice(at).replace(/^:/, '')];
  });
  return groups.filter(Boolean);
}
