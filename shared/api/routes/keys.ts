import * as z from 'zod';
import { domainDocument } from './domain-schemas.ts';
import { components, type Route } from './route.ts';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

const rotationRequest = z
  .strictObject({
    reason: z
      .enum(['manual', 'compromise'])
      .describe(
        '`manual`: moves on to the next key, where that is due. `compromise`: revokes the current key at once and for good; another that is in DNS takes its place, or mail waits for one.',
      ),
  })
  .register(components, { id: 'RotationRequest' });

const keyDocument = z.object({
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

const keyHistory = z
  .object({
    name: z.string(),
    keys: z.array(keyDocument).describe('Newest first; kept for ever'),
  })
  .register(components, { id: 'KeyHistory' });

export type KeyDocument = z.infer<typeof keyDocument>;
export type KeyHistory = z.infer<typeof keyHistory>;

/** The keys of a domain, and moving on to another. */
export const keys = {
  rotateDomain: {
    function: 'domains',
    method: 'POST',
    path: '/v1/domains/{name}/rotations',
    scope: 'domains:write',
    summary: 'Move a domain on to another key now',
    description:
      'Domains rotate by themselves every month. `manual` does it now, where it is due: 409 with `retryAfter` where it is not, and with what to correct where the next key is not found by the name in your DNS. `compromise` revokes the key that signs; at most once an hour, and two slots at a time.',
    body: rotationRequest,
    answer: {
      status: 200,
      says: 'The domain, with its keys as they now are',
      json: domainDocument,
    },
    refusals: [
      'not-found',
      'domain-not-verified',
      'domain-parked',
      'rotation-not-due',
      'rotation-held-back',
      'too-many-requests',
    ],
  },
  listKeys: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/keys',
    scope: 'domains:read',
    summary: 'Every key that a domain ever had, and when each signed',
    answer: { status: 200, says: 'The keys', json: keyHistory },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
