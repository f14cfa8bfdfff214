import { decodeBase64 } from '../../../../base/base64.ts';
import { decodeUtf8 } from '../../../../base/bytes.ts';
import { equal } from '../../../../api/meta.ts';
import type { CertificateSigningRequest } from '../../../../api/types/certificatesV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';

const isRequest = ({ group, resource }: RequestAttributes): boolean =>
  group === 'certificates.k8s.io' && resource === 'certificatesigningrequests';

/** Who may approve for a signer. Models kubernetes/plugin/pkg/admission/certificates/approval. */
export const certificateApproval = {
  name: 'CertificateApproval',

  async validate(attributes, context) {
    if (!isRequest(attributes) || attributes.subresource !== 'approval') return undefined;
    const { signerName } = (attributes.oldObject as CertificateSigningRequest).spec;
    if (!(await mayActFor(attributes, context, 'approve', signerName)))
      throw refuse(
        attributes,
        `user not permitted to approve requests with signerName "${signerName}"`,
      );
    return `${attributes.user.name} may approve for signer ${signerName}.`;
  },
} satisfies AdmissionPlugin;

/** Who may sign. Models kubernetes/plugin/pkg/admission/certificates/signing. */
export const certificateSigning = {
  name: 'CertificateSigning',

  async validate(attributes, context) {
    if (!isRequest(attributes) || attributes.subresource !== 'status') return undefined;
    const old = attributes.oldObject as CertificateSigningRequest;
    const { status } = attributes.object as CertificateSigningRequest;
    if (
      old.status?.certificate === status?.certificate &&
      equal(old.status?.conditions ?? [], status?.conditions ?? [])
    )
      return 'Nothing is signed.';
    const { signerName } = old.spec;
    if (!(await mayActFor(attributes, context, 'sign', signerName)))
      throw refuse(
        attributes,
        `user not permitted to sign requests with signerName "${signerName}"`,
      );
    return `${attributes.user.name} may sign for signer ${signerName}.`;
  },
} satisfies AdmissionPlugin;

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/** Nobody gets into system:masters by a request. Models plugin/pkg/admission/certificates/subjectrestriction. */
export const certificateSubjectRestriction = {
  name: 'CertificateSubjectRestriction',

  validate(attributes) {
    if (!isRequest(attributes) || attributes.operation !== 'CREATE') return undefined;
    const { spec } = attributes.object as CertificateSigningRequest;
    if (spec.signerName !== CLIENT_SIGNER) return `Signer ${spec.signerName} has no such rule.`;
    if (organizations(spec.request).includes('system:masters'))
      throw refuse(
        attributes,
        `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`,
      );
    return 'The subject is not in system:masters.';
  },
} satisfies AdmissionPlugin;

/** For a signer by its name, or by its domain with `/*`. Models kubernetes/pkg/certauthorization. */
async function mayActFor(
  { user }: RequestAttributes,
  { authorizer }: AdmissionContext,
  verb: string,
  signer: string,
): Promise<boolean> {
  for (const name of [signer, `${signer.split('/')[0] ?? ''}/*`]) {
    const answer = await authorizer.authorize({
      user,
      verb,
      isResourceRequest: true,
      group: 'certificates.k8s.io',
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
      path: '',
    });
    if (answer.allowed) return true;
  }
  return false;
}

/** The DER of an attribute type: OBJECT IDENTIFIER 2.5.4.10, organizationName. */
const ORGANIZATION = [0x06, 0x03, 0x55, 0x04, 0x0a];

/** The organizations in the subject of a PKCS#10 request (PEM in base64, as `spec.request` holds it). */
function organizations(request: string): string[] {
  const pem = decodeBase64(request.replace(/\s/g, ''));
  const body = pem && /-----BEGIN[^-]*-----([^-]*)-----END/.exec(decodeUtf8(pem))?.[1];
  const der = body === undefined ? undefined : decodeBase64(body.replace(/\s/g, ''));
  const found: string[] = [];
  for (let at = 0; der && at + ORGANIZATION.length + 2 < der.length; at++) {
    if (!ORGANIZATION.every((byte, index) => der[at + index] === byte)) continue;
    const start = at + ORGANIZATION.length + 2;
    found.push(decodeUtf8(der.slice(start, start + (der[start - 1] ?? 0))));
  }
  return found;
}
