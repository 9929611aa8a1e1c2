import * as z from 'zod';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

/** The body of `POST /v1/domains/{name}/rotations`. */
export const rotationRequest = z.strictObject({
  reason: z
    .enum(['manual', 'compromise'])
    .describe(
      '`manual`: moves on to the next key, where that is due. `compromise`: revokes the current key at once and for good; another that is in DNS takes its place, or mail waits for one.',
    ),
});

export const keyDocument = z.object({
  id: z.string(),
  selector: z.string(),
  algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
  publicKey: z.string().describe('The `p=` of its record: base64'),
  state: z
    .enum(['spare', 'next', 'current', 'previous', 'revoked', 'prepared', 'gone'])
    .describe(
      '`current` signs. `next` will. `previous` signed, and is published so that late mail verifies. `spare` never signed. `revoked`: its record has an empty `p=`. `prepared`: it waits to be seen in the DNS of a self-hosted domain. `gone`: its slot has taken another key.',
    ),
  revoked: z.boolean().describe('Whether it was compromised'),
  createdAt: timestamp,
  signed: z
    .array(z.object({ from: timestamp, to: timestamp.nullable().describe('Null while it signs') }))
    .describe('When it was the key that signs, oldest first'),
  goneAt: timestamp.nullable(),
  disclosedPrivateKey: z
    .string()
    .nullable()
    .describe('PKCS #8, PEM; only of a `gone` key of a domain with disclosure, and for everybody'),
  disclosedAt: timestamp.nullable(),
});

/** The answer of `GET /v1/domains/{name}/keys`. */
export const keyHistory = z.object({
  name: z.string(),
  keys: z.array(keyDocument).describe('Newest first; kept for ever'),
});

export type KeyDocument = z.infer<typeof keyDocument>;
export type KeyHistory = z.infer<typeof keyHistory>;
