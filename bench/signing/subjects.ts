import { type KeyObject, hash, sign } from 'node:crypto';
import { createRequire } from 'node:module';
import { finished } from 'node:stream/promises';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import DKIM from 'nodemailer/lib/dkim';
import { BodyHash } from '#shared/core/dkim/body/hash.ts';
import { RelaxedBody } from '#shared/core/dkim/body/relaxed.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { type Signer, signHeader, signMessage } from '#shared/core/dkim/sign.ts';
import { fieldValue, parseMessage } from '#shared/core/mail/parse.ts';
import { prepareForSes } from '#shared/core/mail/ses.ts';

/** The key that every subject signs with. */
export interface BenchKey {
  readonly key: KeyObject;
  readonly pem: string;
}

export const domain = 'example.com';
export const selector = 'zero';

/** A signer: gives the DKIM-Signature field, or a message that begins with it. */
export interface Subject {
  readonly name: string;
  sign(message: Buffer): Buffer | string | Promise<Buffer | string>;
}

/** The limit of a message: one RSA signature, and SHA-256 of its canonical body. */
export function limitOf(canonicalBody: Buffer, { key }: BenchKey): () => void {
  const signed = Buffer.alloc(700, 'x'); // about what the signed fields come to
  return () => {
    hash('sha256', canonicalBody, 'base64');
    sign('sha256', signed, key);
  };
}

/** The signer of this project as the service calls it, and without its kernel. */
export function ourSubjects({ key }: BenchKey): Subject[] {
  const signer: Signer = { domain, selector, key, profile: sesProfile, time: Date.now() / 1_000 };
  return [
    {
      name: 'sender-domains',
      sign: (message) => signMessage(prepareForSes(parseMessage(message)), signer),
    },
    {
      name: 'sender-domains without SIMD',
      sign: (message) => {
        const { header, body } = prepareForSes(parseMessage(message));
        const hashed = new BodyHash(new RelaxedBody());
        hashed.update(body);
        return signHeader(header, hashed.digest(), signer);
      },
    },
  ];
}

interface DkimSigner {
  DKIMSign(
    message: Buffer,
    options: { privateKey: string; domainName: string; keySelector: string },
  ): string;
}

interface HarakaDkim {
  DKIMSignStream: new (
    properties: {
      selector: string;
      domain: string;
      private_key: string;
      headers: string[];
      body_canon: string;
    },
    header: { get_all(name: string): string[] },
    done: (error: Error | null, field: string) => void,
  ) => { write(octets: Buffer): void; end(): void };
}

const require = createRequire(import.meta.url);
const signedNames = [
  'from',
  'to',
  'cc',
  'subject',
  'reply-to',
  'mime-version',
  'content-type',
  'list-unsubscribe',
  'list-unsubscribe-post',
];

/** The signers that npm has, each used as its documentation says. */
export function npmPeers({ key, pem }: BenchKey): Subject[] {
  const dkimSigner = require('dkim-signer') as DkimSigner;
  const { DKIMSignStream } = require('haraka-plugin-dkim/lib/dkim.js') as HarakaDkim;
  return [
    {
      name: 'mailauth',
      sign: async (message) => {
        // it signs for the entries of signatureData; its types ask for the same at the top as well
        const entry = { signingDomain: domain, selector, privateKey: pem };
        const options = { ...entry, canonicalization: 'relaxed/relaxed', signatureData: [entry] };
        const signed = await dkimSign(message, options);
        return signed.signatures;
      },
    },
    nodemailerWith('nodemailer', pem),
    nodemailerWith('nodemailer with a KeyObject', key),
    {
      name: 'dkim-signer',
      sign: (message) =>
        `${dkimSigner.DKIMSign(message, { privateKey: pem, domainName: domain, keySelector: selector })}\r\n`,
    },
    {
      name: 'haraka-plugin-dkim',
      sign: (message) =>
        new Promise((resolve, reject) => {
          // the plugin is handed a parsed header; the time to parse it is not counted against it
          const { header } = parseMessage(message);
          const get_all = (name: string) =>
            header.fields
              .filter((field) => field.name === name)
              .map((field) => fieldValue(header, field).toString().trimStart());
          const stream = new DKIMSignStream(
            { selector, domain, private_key: pem, headers: signedNames, body_canon: 'relaxed' },
            { get_all },
            (error, field) =>
              error === null ? resolve(`DKIM-Signature: ${field}\r\n`) : reject(error),
          );
          stream.write(message);
          stream.end();
        }),
    },
  ];
}

/** nodemailer's signer, whose output stream begins with the signature. */
function nodemailerWith(name: string, privateKey: unknown): Subject {
  const dkim = new DKIM({
    domainName: domain,
    keySelector: selector,
    privateKey: privateKey as string, // passes a KeyObject, which node:crypto takes as well
  });
  return {
    name,
    sign: async (message) => {
      const chunks: Buffer[] = [];
      const output = dkim.sign(message);
      output.on('data', (chunk: Buffer) => chunks.push(chunk));
      await finished(output);
      return chunks[0]!;
    },
  };
}
