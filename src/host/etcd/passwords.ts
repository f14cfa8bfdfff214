import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, 32, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });

/** What is kept of a password: nobody makes it a password again. */
export async function hashOfPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}.${(await derive(password, salt)).toString('hex')}`;
}

export async function fitsPassword(password: string, hash: string): Promise<boolean> {
  const [salt = '', key = ''] = hash.split('.');
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'hex')), Buffer.from(key, 'hex'));
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The part of a token that nobody can guess. Models go.etcd.io/etcd/server/v3/auth genTokenPrefix. */
export const newTokenPrefix = (): string =>
  Array.from({ length: 16 }, () => letters.charAt(randomInt(letters.length))).join('');
