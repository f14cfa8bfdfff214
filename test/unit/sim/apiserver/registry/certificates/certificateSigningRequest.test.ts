import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of CertificateSigningRequest', () => {
  itJudges(
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'csr9' },
      spec: {
        request:
          'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQ1hUQ0NBVVVDQVFBd0dERUtNQWdHQTFVRUF3d0JlREVLTUFnR0ExVUVDZ3dCZVRDQ0FTSXdEUVlKS29aSQpodmNOQVFFQkJRQURnZ0VQQURDQ0FRb0NnZ0VCQUwyYnl5TEQ2aDQ0TVluVFc4RU5xY1YvVFFwaUFrZGt4L1U1Ck9CNmhJMzlRVDF1WTMxM1Fkc1ZJWHRvRUUwK1R3MjUrdVJhWGRpTTc2eWVOcXZ4SlhGaTRGa3VWUzZkc1JkMGQKYmpoek5qUHoxelNUT3R6cElDWFpIK1luTCs1bjV3TFdPOUxhME9QbVJ0VjhYOUpJZHJGR2U4Wm0xajhlMDlvMApFV1AybGFMRFBMVk5qL0s2eVpEOG0rTWRvNFlWR3dXMzlZaVNQQkFhVG9uZ29SRURqTTQ1aE0yTll1aGhoWTJaCmhRcjRNS25jM1ZMajlSNVpxUjgvL3RnOEJzKzVFVWNEM2hudzM5TDdiTTRsN0hVbWlJb29sTEREVXhKQ2tCSGoKaktjdGtWZjNGT1VyNTgzamJETnFvaFBOK1pOU2tKZ29PbWpmdHVPR0U4eGtMSTYyakk4Q0F3RUFBYUFBTUEwRwpDU3FHU0liM0RRRUJDd1VBQTRJQkFRQmp5eVNrZm1wREZ1d2RtV0pQSXV3SEt2akQxWktIelFGcTBlSVY5dEtWCmE2QWphSTVNNEt4ZnhONDlHN3ZWSzNqZXZuTVJ5R3FmWExSUHQrQ0tRRTV3MTI0WjFWU2JkL1RqSG1iQmk1Mm4KUEwreXFPZ05OdndzQkxLMVBpZ1F6RDhsTG1vMGlHSHpYS2pyVjNodjl0ZUU5MGRBclRHVXo3TDllUjRjVWYwVQoyTFpiRVpCb0VpRVlLTVhwN3FDb21mc1UxUUVOSFU0SmlnWlBnRFB5YjFqUXdzU3F2eHNLaWlKOVJvYk41dENXCjR5d2F5dzhmZHpwN1c0NkFPREQ1NHMvS3NxNC9UUnMvZHM1anJqK1JGTkRsUVR1d3BTalVjTFZGQVp5d2hvUVUKcFBFdjQrblk2VVBaL2NjdFg5eEtKaGxOSU4rNkM5Mnhtd1RrSGNUVEMwNHIKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==',
        signerName: 'example.com/signer',
        expirationSeconds: 600,
        usages: ['digital signature', 'client auth'],
      },
    },
    {
      created: [
        [
          '/spec/signerName',
          '2001:db8::1',
          'spec.signerName: Invalid value: "2001:db8::1": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
        ],
        [
          '/spec/usages',
          ['digital signature', 'client auth', 'digital signature'],
          'spec.usages[2]: Duplicate value: "digital signature"',
        ],
        [
          '/spec/expirationSeconds',
          101,
          'spec.expirationSeconds: Invalid value: 101: may not specify a duration less than 600 seconds (10 minutes)',
        ],
        [
          '/spec/request',
          undefined,
          'spec.request: Invalid value: null: PEM block type must be CERTIFICATE REQUEST',
        ],
      ],
    },
  );
});
