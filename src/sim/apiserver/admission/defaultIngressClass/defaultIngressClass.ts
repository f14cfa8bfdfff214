import { ingressclasses } from '../../../../api/resources.ts';
import type { Ingress } from '../../../../api/types/networkingV1.ts';
import { newestFirst } from '../defaultStorageClass/defaultStorageClass.ts';
import type { AdmissionPlugin } from '../plugin.ts';

/** Gives an Ingress without a class the default one. Models plugin/pkg/admission/network/defaultingressclass. */
export const defaultIngressClass = {
  name: 'DefaultIngressClass',

  async admit(attributes, object, context) {
    const { group, resource, subresource, operation } = attributes;
    if (group !== 'networking.k8s.io' || resource !== 'ingresses' || subresource) return undefined;
    if (operation !== 'CREATE' || !object) return undefined;
    const ingress = object as Ingress;
    if (
      ingress.spec?.ingressClassName !== undefined ||
      ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined
    )
      return 'The Ingress names its class.';
    const classes = (await context.list(ingressclasses, '')).filter(
      ({ metadata }) =>
        metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true',
    );
    const name = newestFirst(classes)[0]?.metadata.name;
    if (name === undefined) return 'There is no default IngressClass.';
    ingress.spec = { ...ingress.spec, ingressClassName: name };
    return `IngressClass ${name} is the default.`;
  },
} satisfies AdmissionPlugin;
