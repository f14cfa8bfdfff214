/** What of a host's folder is its state, beside the kubeconfigs: who removes these begins anew. */
export const stateFolders = { etcd: 'etcd', pki: 'pki' } as const;
