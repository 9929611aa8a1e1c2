import { generateKeyPair } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const KEY_PAIR_SPECS = [
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_EDWARDS25519',
] as const;
export type KeyPairSpec = (typeof KEY_PAIR_SPECS)[number];

export interface KeyPair {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  /** DER PKCS #8. */
  readonly privateKey: Buffer;
}

/**
 * Reads key pairs that were made before: a JSON array of `[publicKey, privateKey]`, each the base64 of
 * what `KeyPair` has.
 */
export const readKeyPairs = (file: string): KeyPair[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as [string, string][]).map(([publicKey, privateKey]) => ({
    publicKey: Buffer.from(publicKey, 'base64'),
    privateKey: Buffer.from(privateKey, 'base64'),
  }));

const ENCODINGS = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const;

const MODULUS_BITS = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 } as const;

const make = (spec: KeyPairSpec): Promise<KeyPair> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: Buffer, privateKey: Buffer): void => {
      if (error === null) resolve({ publicKey, privateKey });
      else reject(error);
    };
    if (spec === 'ECC_NIST_EDWARDS25519') generateKeyPair('ed25519', ENCODINGS, done);
    else generateKeyPair('rsa', { modulusLength: MODULUS_BITS[spec], ...ENCODINGS }, done);
  });

/**
 * The number of keys in the making at once: Node has four threads for this and for the file system.
 */
const MAX_AT_ONCE = 2;

/**
 * Makes key pairs, RSA-2048 ones in advance: one takes a tenth of a second or several here, while
 * AWS answers at once. The stock is refilled one pair at a time, with as long a rest. So it takes
 * at most half a core and never an open request's turn.
 */
export class KeyPairs {
  readonly #size: number;
  readonly #stock: KeyPair[];
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #refilling = false;
  #closed = false;
  #rest: NodeJS.Timeout | undefined;

  /**
   * @param size how many RSA-2048 pairs are kept in stock; 0 keeps none
   * @param made RSA-2048 pairs to begin with, which are taken first
   */
  constructor(size: number, made: readonly KeyPair[] = []) {
    this.#size = size;
    this.#stock = [...made];
    this.#refill();
  }

  /** The number of RSA-2048 pairs that are ready. */
  get stock(): number {
    return this.#stock.length;
  }

  async take(spec: KeyPairSpec): Promise<KeyPair> {
    const ready = spec === 'RSA_2048' ? this.#stock.shift() : undefined;
    this.#refill();
    return ready ?? (await this.#generate(spec));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#rest);
  }

  async #generate(spec: KeyPairSpec): Promise<KeyPair> {
    if (this.#running >= MAX_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      return await make(spec);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #refill(): void {
    if (this.#refilling || this.#closed || this.#stock.length >= this.#size) return;
    this.#refilling = true;
    const busy = this.#running > 0 || this.#waiting.length > 0;
    const again = (delay: number): void => {
      this.#refilling = false;
      if (this.#closed) return;
      this.#rest = setTimeout(() => this.#refill(), delay).unref();
    };
    if (busy) {
      again(50);
      return;
    }
    const started = performance.now();
    make('RSA_2048').then(
      (pair) => {
        this.#stock.push(pair);
        again(performance.now() - started);
      },
      // Running out of memory for one pair in stock does no harm: the next request fails visibly.
      () => again(1000),
    );
  }
}
