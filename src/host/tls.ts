import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import {
  X509Certificate,
  X509CertificateGenerator,
  BasicConstraintsExtension,
  KeyUsagesExtension,
  KeyUsageFlags,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  PemConverter,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';
const day = 86_400_000;

export interface KeyPair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a cluster: made with it, never used for anything else. */
export class Authority {
  readonly cert: string;
  readonly #certificate: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.cert = certificate.toString('pem');
  }

  static async create(): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=kubernetes',
      ...validity(),
      signingAlgorithm: algorithm,
      keys: keys as CryptoKeyPair,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(
          KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature,
          true,
        ),
      ],
    });
    return new Authority(certificate, keys);
  }

  /** One that was kept. */
  static async load({ cert, key }: KeyPair): Promise<Authority> {
    const certificate = new X509Certificate(cert);
    const privateKey = await webcrypto.subtle.importKey(
      'pkcs8',
      PemConverter.decodeFirst(key),
      algorithm,
      true,
      ['sign'],
    );
    const publicKey = (await certificate.publicKey.export(algorithm, [
      'verify',
    ])) as webcrypto.CryptoKey;
    return new Authority(certificate, { privateKey, publicKey });
  }

  /** The authority itself, to be kept. */
  async pair(): Promise<KeyPair> {
    return { cert: this.cert, key: await privatePem(this.#keys) };
  }

  /** A certificate for a user: the common name is the user, the organizations are its groups. */
  client(user: string, groups: readonly string[]): Promise<KeyPair> {
    const name = [...groups.map((group) => ({ O: [group] })), { CN: [user] }];
    return this.#issue(name, [new ExtendedKeyUsageExtension([clientAuth])]);
  }

  /** A certificate for the doors on this machine. */
  server(): Promise<KeyPair> {
    const names = [
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ];
    const alternatives = new SubjectAlternativeNameExtension([
      ...names.map((value) => ({ type: 'dns' as const, value })),
      ...['127.0.0.1', '10.96.0.1'].map((value) => ({ type: 'ip' as const, value })),
    ]);
    return this.#issue(
      [{ CN: ['kube-apiserver'] }],
      [new ExtendedKeyUsageExtension([serverAuth]), alternatives],
    );
  }

  async #issue(
    name: Record<string, string[]>[],
    extensions: (ExtendedKeyUsageExtension | SubjectAlternativeNameExtension)[],
  ): Promise<KeyPair> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
        .toString('hex')
        .replace(/^[89a-f]/, '7'),
      subject: name,
      issuer: this.#certificate.subject,
      ...validity(),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey as CryptoKey,
      signingKey: this.#keys.privateKey as CryptoKey,
      extensions: [
        new KeyUsagesExtension(
          KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment,
          true,
        ),
        ...extensions,
      ],
    });
    return { cert: certificate.toString('pem'), key: await privatePem(keys) };
  }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const privatePem = async ({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> =>
  PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - day), notAfter: new Date(now + 365 * day) };
}

/** SHA-256 of a DER certificate in hexadecimal. */
export const fingerprint = (der: Buffer): string => createHash('sha256').update(der).digest('hex');
