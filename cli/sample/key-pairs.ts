import { generateKeyPair } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** Different pairs; the stock repeats them. Nothing is protected by a sample's keys. */
const DIFFERENT = 6;
const PER_DOMAIN = 3;

/**
 * Writes RSA-2048 pairs for so many domains, for KMS's stand-in to take from: to make one for each
 * slot takes a tenth of a second or more.
 *
 * @param file as `keyPairs` of `startLocal`
 */
export async function writeKeyPairs(file: string, domains: number): Promise<void> {
  const pairs = await Promise.all(
    Array.from({ length: DIFFERENT }, async () => {
      const { publicKey, privateKey } = await generate('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'der' },
        privateKeyEncoding: { type: 'pkcs8', format: 'der' },
      });
      return [publicKey.toString('base64'), privateKey.toString('base64')] as const;
    }),
  );
  const stock = Array.from(
    { length: domains * PER_DOMAIN },
    (_, index) => pairs[index % DIFFERENT] as (typeof pairs)[number],
  );
  await writeFile(file, JSON.stringify(stock));
}
