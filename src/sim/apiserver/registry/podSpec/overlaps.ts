import { goQuote } from '../../../../api/field.ts';
import type { Volume, VolumeProjection } from '../../../../api/types/coreV1.ts';

// Files of a volume that would be written over each other. Models kubernetes/pkg/api/pod warningsForOverlappingVirtualPaths.

interface Place {
  readonly path: string;
  /** '' where the volume has one source only. */
  readonly source: string;
}

export function overlappingPaths(volume: Volume): string[] {
  const { configMap, secret, downwardAPI, projected } = volume;
  const warn = (what: string, places: readonly Place[]): string[] =>
    overlaps(places).map(
      (pair) => `volume ${goQuote(volume.name)} (${what}): overlapping paths: ${pair}`,
    );
  return [
    ...warn(`ConfigMap ${goQuote(configMap?.name ?? '')}`, placesOf(configMap?.items)),
    ...warn(`Secret ${goQuote(secret?.secretName ?? '')}`, placesOf(secret?.items)),
    ...warn('DownwardAPI', placesOf(downwardAPI?.items)),
    ...(projected?.sources ?? []).flatMap((source) =>
      Object.keys(source).length
        ? []
        : [`volume ${goQuote(volume.name)} (Projected) has no sources provided`],
    ),
    ...warn('Projected', (projected?.sources ?? []).flatMap(placesOfSource)),
  ];
}

const placesOf = (items: readonly { readonly path: string }[] | undefined, source = ''): Place[] =>
  (items ?? []).map(({ path }) => ({ path, source }));

function placesOfSource(source: VolumeProjection): Place[] {
  const {
    configMap,
    secret,
    downwardAPI,
    serviceAccountToken,
    clusterTrustBundle,
    podCertificate,
  } = source;
  if (configMap?.items)
    return placesOf(configMap.items, `ConfigMap ${goQuote(configMap.name ?? '')}`);
  if (secret?.items) return placesOf(secret.items, `Secret ${goQuote(secret.name ?? '')}`);
  if (downwardAPI?.items) return placesOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return placesOf([serviceAccountToken], 'ServiceAccountToken');
  if (clusterTrustBundle) {
    const name = clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? '';
    return placesOf([clusterTrustBundle], `ClusterTrustBundle ${goQuote(name)}`);
  }
  const {
    certificateChainPath: chain,
    keyPath,
    credentialBundlePath: bundle,
  } = podCertificate ?? {};
  return [
    ...(chain ? [{ path: chain, source: 'PodCertificate chain' }] : []),
    ...(keyPath ? [{ path: keyPath, source: 'PodCertificate key' }] : []),
    ...(bundle ? [{ path: bundle, source: 'PodCertificate credential bundle' }] : []),
  ];
}

/** `"a/b" with "a"`, for each pair of which one is the other or lies in it. */
function overlaps(places: readonly Place[]): string[] {
  const seen: Place[] = [];
  return places.flatMap(({ path, source }) => {
    const place = { path: path.replace(/\/+$/, ''), source };
    const found = seen.filter((other) => meet(other.path, place.path));
    seen.push(place);
    return found.map((other) => `${textOf(place)} with ${textOf(other)}`);
  });
}

const meet = (a: string, b: string): boolean =>
  a !== '' && b !== '' && (`${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`));

const textOf = ({ path, source }: Place): string =>
  source ? `${goQuote(path)} (${source})` : goQuote(path);
