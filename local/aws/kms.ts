import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { answering } from './errors.ts';
import { AwsError } from './http.ts';
import type { AwsHandler, Clock } from './http.ts';
import { JsonInput, jsonResponse, targetOperation } from './json-protocol.ts';
import { KEY_PAIR_SPECS, KeyPairs, readKeyPairs } from './kms-key-pairs.ts';
import type { KeyPair, KeyPairSpec } from './kms-key-pairs.ts';
import {
  newSigningKey,
  publicKeyOf,
  signed,
  SIGNING_ALGORITHMS,
  type SigningKeySpec,
} from './kms-signing.ts';
import { RateLimit } from './rate-limit.ts';
import { readJsonFile, writeFileAtomically } from './state-file.ts';

export interface KmsOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly accountId: string;
  /** RSA-2048 pairs made in advance; default 30. */
  readonly keyPairsInStock?: number;
  /** A file of RSA-2048 pairs that are taken before any is made; see `readKeyPairs`. */
  readonly keyPairs?: string | undefined;
  /** Holds key pair requests to AWS's default quotas; otherwise there is no limit. */
  readonly rateLimits?: boolean;
  readonly now?: Clock;
}

export interface KeySettings {
  /** A UUID that the caller chooses, so that it is the same after a restart. */
  readonly keyId: string;
  readonly description: string;
  /** The key policy, as the template has it; the gateway's `authorize` is who enforces it. */
  readonly policy: unknown;
  /** With the prefix `alias/`. */
  readonly aliases?: readonly string[];
  /** A key to sign with; otherwise it is a symmetric one, to encrypt with. */
  readonly signing?: SigningKeySpec;
}

export interface Kms {
  readonly handle: AwsHandler;
  /** Makes the key or, where it is there, gives it this description, policy and aliases. Returns its ARN. */
  putKey(settings: KeySettings): string;
  /** The ARN of the key that a request is about: by its KeyId, or as its ciphertext says. */
  keyArnOf(reference: {
    readonly keyId?: string | undefined;
    readonly ciphertext?: Buffer | undefined;
  }): string | undefined;
  /** The key policy as it was put. */
  keyPolicy(arn: string): unknown;
  /** The number of RSA-2048 pairs that are ready. */
  readonly keyPairsReady: number;
  close(): void;
}

interface StoredKey {
  readonly keyId: string;
  readonly secret: string;
  readonly createdAt: number;
  readonly description: string;
  readonly policy: unknown;
  readonly aliases: readonly string[];
  /** Of a key to sign with. */
  readonly signing?: SigningKeySpec | undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const VERSION = 1;
const KEY_ID_LENGTH = 16;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const HEADER_LENGTH = 1 + KEY_ID_LENGTH + IV_LENGTH + TAG_LENGTH;
/** AWS's own limit on what Encrypt takes. */
const MAX_PLAINTEXT = 4096;
/** AWS's own limit on what Decrypt takes. */
const MAX_CIPHERTEXT = 6144;

type EncryptionContext = Readonly<Record<string, string>>;

/** The order of the pairs does not matter, so they are sorted before they are bound. */
const additionalData = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));

function encrypt(key: StoredKey, plaintext: Buffer, context: EncryptionContext): Buffer {
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.secret, 'base64'), iv);
  cipher.setAAD(additionalData(context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const id = Buffer.from(key.keyId.replaceAll('-', ''), 'hex');
  return Buffer.concat([Buffer.from([VERSION]), id, iv, cipher.getAuthTag(), sealed]);
}

const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');

function keyIdIn(ciphertext: Buffer): string {
  if (ciphertext.length <= HEADER_LENGTH || ciphertext[0] !== VERSION) throw invalidCiphertext();
  const hex = ciphertext.toString('hex', 1, 1 + KEY_ID_LENGTH);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function decrypt(key: StoredKey, ciphertext: Buffer, context: EncryptionContext): Buffer {
  const ivEnd = 1 + KEY_ID_LENGTH + IV_LENGTH;
  const iv = ciphertext.subarray(1 + KEY_ID_LENGTH, ivEnd);
  const secret = Buffer.from(key.secret, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', secret, iv);
  decipher.setAAD(additionalData(context));
  decipher.setAuthTag(ciphertext.subarray(ivEnd, HEADER_LENGTH));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(HEADER_LENGTH)), decipher.final()]);
  } catch {
    // Another context, or another ciphertext, than was sealed: AWS does not say which.
    throw invalidCiphertext();
  }
}

/** The keys and their secrets, in one file that is replaced whole. */
class KeyStore {
  readonly #path: string;
  readonly #keys: Map<string, StoredKey>;

  constructor(path: string) {
    this.#path = path;
    const stored = (readJsonFile(path) ?? []) as readonly StoredKey[];
    this.#keys = new Map(stored.map((key) => [key.keyId, key]));
  }

  put(settings: KeySettings, now: number): void {
    const { keyId, description, policy, aliases = [], signing } = settings;
    if (!UUID.test(keyId)) throw new Error(`the key id ${keyId} is not a UUID in lower case`);
    for (const alias of aliases) {
      if (!/^alias\/[\w/-]+$/.test(alias)) throw new Error(`${alias} is not an alias/ name`);
      const holder = this.byAlias(alias);
      if (holder !== undefined && holder.keyId !== keyId) {
        throw new Error(`${alias} belongs to the key ${holder.keyId}`);
      }
    }
    const known = this.#keys.get(keyId);
    if (known !== undefined && known.signing !== signing) {
      throw new Error(`the key ${keyId} is of another kind: KMS cannot change that of a key`);
    }
    const secret =
      known?.secret ??
      (signing === undefined ? randomBytes(32).toString('base64') : newSigningKey(signing));
    const createdAt = known?.createdAt ?? now;
    this.#keys.set(keyId, { keyId, secret, createdAt, description, policy, aliases, signing });
    writeFileAtomically(this.#path, JSON.stringify([...this.#keys.values()], undefined, 2));
  }

  byId(keyId: string): StoredKey | undefined {
    return this.#keys.get(keyId);
  }

  byAlias(alias: string): StoredKey | undefined {
    return [...this.#keys.values()].find((key) => key.aliases.includes(alias));
  }
}

const isSupportedSpec = (spec: string): spec is KeyPairSpec =>
  (KEY_PAIR_SPECS as readonly string[]).includes(spec);

/** The values that AWS knows beside; the stand-in says so instead of calling them invalid. */
const OTHER_SPECS = [
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'SM2',
] as const;

function readSpec(input: JsonInput): KeyPairSpec {
  const spec = input.string('KeyPairSpec');
  if (isSupportedSpec(spec)) return spec;
  if ((OTHER_SPECS as readonly string[]).includes(spec)) {
    throw new AwsError(
      'UnsupportedOperationException',
      `The stand-in makes no ${spec} pairs, only ${KEY_PAIR_SPECS.join(', ')}.`,
    );
  }
  const all = [...KEY_PAIR_SPECS, ...OTHER_SPECS].join(', ');
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${spec}' at 'keyPairSpec' failed to satisfy constraint: Member must satisfy enum value set: [${all}]`,
  );
}

/** AWS's default quotas of key pairs a second. */
const PAIRS_PER_SECOND: Readonly<Record<KeyPairSpec, number>> = {
  RSA_2048: 20,
  RSA_3072: 4,
  RSA_4096: 1,
  ECC_NIST_EDWARDS25519: 100,
};

const usageOf = ({ signing }: StoredKey): string =>
  signing === undefined ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY';

/** KMS's description of a key's kind. */
function kindOf(key: StoredKey): object {
  const spec = key.signing ?? 'SYMMETRIC_DEFAULT';
  return {
    KeyUsage: usageOf(key),
    KeySpec: spec,
    CustomerMasterKeySpec: spec,
    ...(key.signing === undefined
      ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }
      : { SigningAlgorithms: SIGNING_ALGORITHMS }),
  };
}

/**
 * KMS with symmetric wrapping keys and the key pairs they seal, and with keys to sign with, in JSON
 * 1.1 as the SDK speaks it.
 */
export function createKms(options: KmsOptions): Kms {
  const { stateDir, region, accountId, now = Date.now } = options;
  const store = new KeyStore(join(stateDir, 'kms.json'));
  const made = options.keyPairs === undefined ? [] : readKeyPairs(options.keyPairs);
  const pairs = new KeyPairs(options.keyPairsInStock ?? 30, made);
  const prefix = `arn:aws:kms:${region}:${accountId}:`;
  const arnOf = (key: StoredKey): string => `${prefix}key/${key.keyId}`;
  const limits = new Map(
    KEY_PAIR_SPECS.map((spec) => {
      const perSecond = PAIRS_PER_SECOND[spec];
      return [spec, new RateLimit(perSecond, perSecond, now)];
    }),
  );

  const find = (reference: string): StoredKey | undefined => {
    const local = reference.startsWith(prefix) ? reference.slice(prefix.length) : reference;
    if (local.startsWith('alias/')) return store.byAlias(local);
    return store.byId(local.startsWith('key/') ? local.slice('key/'.length) : local);
  };
  const anyKeyFor = (reference: string): StoredKey => {
    const key = find(reference);
    if (key !== undefined) return key;
    const local = reference.startsWith('arn:') ? reference : undefined;
    if (reference.startsWith('alias/')) {
      throw new AwsError('NotFoundException', `Alias ${prefix}${reference} is not found.`);
    }
    throw new AwsError(
      'NotFoundException',
      `Key '${local ?? `${prefix}key/${reference}`}' does not exist`,
    );
  };

  /** The key, which must be for this. */
  const keyFor = (reference: string, use: 'encrypting' | 'signing'): StoredKey => {
    const key = anyKeyFor(reference);
    if ((key.signing === undefined) === (use === 'encrypting')) return key;
    throw new AwsError(
      'InvalidKeyUsageException',
      `${arnOf(key)} key usage is ${usageOf(key)} which is not valid for ${use}.`,
    );
  };

  const generatePair = async (input: JsonInput): Promise<{ output: object; pair: KeyPair }> => {
    input.only('KeyId', 'KeyPairSpec', 'EncryptionContext');
    const key = keyFor(input.string('KeyId'), 'encrypting');
    const spec = readSpec(input);
    const context = input.stringMap('EncryptionContext');
    if (options.rateLimits === true && limits.get(spec)?.take() === false) {
      throw new AwsError(
        'ThrottlingException',
        'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
      );
    }
    const pair = await pairs.take(spec);
    const sealed = encrypt(key, pair.privateKey, context);
    const output = {
      KeyId: arnOf(key),
      KeyPairSpec: spec,
      PublicKey: pair.publicKey.toString('base64'),
      PrivateKeyCiphertextBlob: sealed.toString('base64'),
    };
    return { output, pair };
  };

  const encryptBlob = (input: JsonInput): object => {
    input.only('KeyId', 'Plaintext', 'EncryptionContext', 'EncryptionAlgorithm');
    const algorithm = input.optionalString('EncryptionAlgorithm') ?? 'SYMMETRIC_DEFAULT';
    const key = keyFor(input.string('KeyId'), 'encrypting');
    if (algorithm !== 'SYMMETRIC_DEFAULT') {
      throw new AwsError(
        'InvalidKeyUsageException',
        `The key is symmetric, and cannot encrypt with ${algorithm}.`,
      );
    }
    const plaintext = input.blob('Plaintext');
    if (plaintext.length === 0 || plaintext.length > MAX_PLAINTEXT) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length from 1 to ${MAX_PLAINTEXT}`,
      );
    }
    const sealed = encrypt(key, plaintext, input.stringMap('EncryptionContext'));
    return {
      KeyId: arnOf(key),
      CiphertextBlob: sealed.toString('base64'),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  };

  const decryptBlob = (input: JsonInput): object => {
    input.only('CiphertextBlob', 'EncryptionContext', 'KeyId', 'EncryptionAlgorithm');
    const algorithm = input.optionalString('EncryptionAlgorithm') ?? 'SYMMETRIC_DEFAULT';
    if (algorithm !== 'SYMMETRIC_DEFAULT') {
      throw new AwsError(
        'InvalidKeyUsageException',
        `The key is symmetric, and cannot decrypt with ${algorithm}.`,
      );
    }
    const ciphertext = input.blob('CiphertextBlob');
    if (ciphertext.length === 0 || ciphertext.length > MAX_CIPHERTEXT) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length from 1 to ${MAX_CIPHERTEXT}`,
      );
    }
    const key = store.byId(keyIdIn(ciphertext));
    if (key === undefined) throw invalidCiphertext();
    const asked = input.optionalString('KeyId');
    if (asked !== undefined && keyFor(asked, 'encrypting') !== key) {
      throw new AwsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    const plaintext = decrypt(key, ciphertext, input.stringMap('EncryptionContext'));
    return {
      KeyId: arnOf(key),
      Plaintext: plaintext.toString('base64'),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  };

  const describeKey = (input: JsonInput): object => {
    const key = anyKeyFor(input.only('KeyId').string('KeyId'));
    return {
      KeyMetadata: {
        AWSAccountId: accountId,
        KeyId: key.keyId,
        Arn: arnOf(key),
        CreationDate: key.createdAt / 1000,
        Description: key.description,
        Enabled: true,
        KeyState: 'Enabled',
        ...kindOf(key),
        KeyManager: 'CUSTOMER',
        Origin: 'AWS_KMS',
        MultiRegion: false,
      },
    };
  };

  const getPublicKey = (input: JsonInput): object => {
    const key = anyKeyFor(input.only('KeyId').string('KeyId'));
    if (key.signing === undefined) {
      throw new AwsError(
        'UnsupportedOperationException',
        `${arnOf(key)} is symmetric, and has no public key.`,
      );
    }
    return { KeyId: arnOf(key), PublicKey: publicKeyOf(key.secret), ...kindOf(key) };
  };

  const signMessage = (input: JsonInput): object => {
    const key = keyFor(input.string('KeyId'), 'signing');
    return { KeyId: arnOf(key), ...signed(key.secret, input) };
  };

  const run = async (operation: string, input: JsonInput): Promise<object> => {
    switch (operation) {
      case 'GenerateDataKeyPairWithoutPlaintext':
        return (await generatePair(input)).output;
      case 'GenerateDataKeyPair': {
        const { output, pair } = await generatePair(input);
        return { ...output, PrivateKeyPlaintext: pair.privateKey.toString('base64') };
      }
      case 'Encrypt':
        return encryptBlob(input);
      case 'Decrypt':
        return decryptBlob(input);
      case 'DescribeKey':
        return describeKey(input);
      case 'GetPublicKey':
        return getPublicKey(input);
      case 'Sign':
        return signMessage(input);
      default:
        throw new AwsError(
          'UnknownOperationException',
          `The KMS stand-in has no operation ${operation}.`,
        );
    }
  };

  return {
    handle: (request) =>
      answering('json', async () =>
        jsonResponse(await run(targetOperation(request), new JsonInput(request.body))),
      ),
    putKey(settings) {
      store.put(settings, now());
      return `${prefix}key/${settings.keyId}`;
    },
    keyArnOf({ keyId, ciphertext }) {
      const found = keyId === undefined ? undefined : find(keyId);
      if (found !== undefined || ciphertext === undefined) return found && arnOf(found);
      try {
        const sealing = store.byId(keyIdIn(ciphertext));
        return sealing && arnOf(sealing);
      } catch (error) {
        if (error instanceof AwsError) return undefined;
        throw error;
      }
    },
    keyPolicy: (arn) => find(arn)?.policy,
    get keyPairsReady() {
      return pairs.stock;
    },
    close: () => pairs.close(),
  };
}
