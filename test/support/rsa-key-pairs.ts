import { createPrivateKey, createPublicKey, generatePrime } from 'node:crypto';

const EXPONENT = 65_537n;
const PRIME_BITS = 1024;

/**
 * Makes RSA-2048 key pairs by the hundred in seconds: their primes are the time that keys take, and
 * n primes make n(n-1)/2 pairs. Two of them suffice to break both, so they are for tests alone.
 *
 * @returns `[publicKey, privateKey]` of each, base64 of DER: SubjectPublicKeyInfo and PKCS #8
 */
export async function rsaKeyPairs(count: number): Promise<[string, string][]> {
  const primes = new Set<bigint>();
  const pairs: [string, string][] = [];
  while (pairs.length < count) {
    const p = await prime();
    if (primes.has(p) || p % EXPONENT === 1n) continue;
    for (const q of primes) if (pairs.length < count) pairs.push(keyPair(p, q));
    primes.add(p);
  }
  return pairs;
}

const prime = (): Promise<bigint> =>
  new Promise((resolve, reject) => {
    generatePrime(PRIME_BITS, { bigint: true }, (error, found) =>
      error instanceof Error ? reject(error) : resolve(found),
    );
  });

function keyPair(p: bigint, q: bigint): [string, string] {
  const phi = (p - 1n) * (q - 1n);
  const d = inverse(EXPONENT, phi);
  const numbers = {
    n: p * q,
    e: EXPONENT,
    d,
    p,
    q,
    dp: d % (p - 1n),
    dq: d % (q - 1n),
    qi: inverse(q, p),
  };
  const key = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, base64url(value)]),
  );
  const privateKey = createPrivateKey({ key: { kty: 'RSA', ...key }, format: 'jwk' });
  const publicKey = createPublicKey(privateKey);
  return [
    publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  ];
}

/** The inverse of a number by a modulus that it has no factor with: the extended Euclidean algorithm. */
function inverse(number: bigint, modulus: bigint): bigint {
  let [rest, divisor, before, factor] = [modulus, number % modulus, 0n, 1n];
  while (divisor > 0n) {
    const quotient = rest / divisor;
    [rest, divisor] = [divisor, rest % divisor];
    [before, factor] = [factor, before - quotient * factor];
  }
  return ((before % modulus) + modulus) % modulus;
}

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
