import * as z from 'zod';
import { actorKinds } from '#shared/core/model/actor.ts';
import { allScopes, scopeNames } from '#shared/core/model/scopes.ts';
import { components, type Route } from './route.ts';

const scopes = z
  .array(z.enum(scopeNames))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'names a scope twice');

const issueRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(64).describe('By which people distinguish keys'),
    scopes: scopes.describe(
      'What it may do; at most what the caller may. `domains` includes `domains:read`, `domains:write` and `webhooks`, `messages` includes `messages:send` and `messages:read`',
    ),
    strict: z
      .boolean()
      .optional()
      .describe('True: mail that needs a repair is refused, unless it is sent with `strict=false`'),
    domains: z
      .array(z.string().max(1_024))
      .min(1)
      .max(20)
      .optional()
      .describe(
        'The domains that it is for: it uses the routes of these, and sends and reads mail from these',
      ),
    addresses: z
      .array(z.string().max(64))
      .min(1)
      .max(20)
      .optional()
      .describe('The addresses that it is used from: `192.0.2.0/24`, `2001:db8::/32`'),
    expiresAt: z.iso.datetime().optional().describe('When it ends by itself'),
  })
  .register(components, { id: 'IssueRequest' });

const apiKeyDocument = z
  .object({
    id: z.string().describe('For `DELETE /v1/api-keys/{id}`'),
    name: z.string().nullable().describe('Null where it was made without one'),
    prefix: z.string().describe('The first characters of the key'),
    scopes: z.array(z.enum(allScopes)),
    strict: z.boolean().describe('Its mail is refused rather than repaired'),
    domains: z.array(z.string()).nullable().describe('Null: all of yours'),
    addresses: z.array(z.string()).nullable().describe('Null: any'),
    expiresAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime().describe('ISO 8601, UTC'),
    madeBy: z
      .object({ kind: z.enum(actorKinds), id: z.string().nullable() })
      .nullable()
      .describe(
        'Who made it: for a `key` its `id` in this list. Null for keys from before December 2026',
      ),
    lastUsed: z
      .object({ at: z.iso.datetime(), address: z.string() })
      .nullable()
      .describe('The hour of its last use, and an address that it was used from in that hour'),
    self: z.boolean().describe('Whether you call with it'),
    revokedAt: z.iso.datetime().nullable().describe('Since when it is refused'),
  })
  .register(components, { id: 'ApiKey' });

const issuedApiKey = apiKeyDocument
  .extend({
    key: z.string().describe('The key itself, which is shown only now'),
  })
  .register(components, { id: 'IssuedApiKey' });

const revokedApiKey = apiKeyDocument
  .extend({
    made: z
      .array(z.string())
      .describe('The ids of keys that it made, itself or by others, and that are live still'),
  })
  .register(components, { id: 'RevokedApiKey' });

const apiKeyList = z
  .object({
    keys: z.array(apiKeyDocument).describe('Newest first; revoked ones too'),
  })
  .register(components, { id: 'ApiKeyList' });

export type ApiKeyDocument = z.infer<typeof apiKeyDocument>;

/** A tenant's own API keys. */
export const apiKeys = {
  listApiKeys: {
    function: 'api-keys',
    method: 'GET',
    path: '/v1/api-keys',
    scope: 'keys',
    summary: 'List your API keys',
    answer: { status: 200, says: 'The keys', json: apiKeyList },
    refusals: [],
  },
  issueApiKey: {
    function: 'api-keys',
    method: 'POST',
    path: '/v1/api-keys',
    scope: 'keys',
    summary: 'Make an API key',
    description:
      'The key is shown once, in the answer: `sd_`, 52 characters, and a checksum of 7. It may do no more than whoever makes it.',
    body: issueRequest,
    answersSecret: true,
    answer: { status: 201, says: 'Made', json: issuedApiKey, location: '/v1/api-keys/{id}' },
    refusals: ['too-many-api-keys', 'domain-invalid'],
  },
  revokeApiKey: {
    function: 'api-keys',
    method: 'DELETE',
    path: '/v1/api-keys/{id}',
    scope: 'keys',
    summary: 'Revoke an API key',
    description:
      'It is refused from the next request on, for good. The answer names the keys that it made; with `made=true` these are revoked too. Only who may do all that a key may revokes it.',
    query: z.object({
      made: z
        .enum(['true', 'false'])
        .default('false')
        .describe('True: the keys that it made are revoked too, and those that these made'),
    }),
    answer: { status: 200, says: 'Revoked', json: revokedApiKey },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
