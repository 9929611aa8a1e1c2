import * as z from 'zod';
import { allScopes } from '#shared/app/ports/tenant-store.ts';
import { components, type Route } from './route.ts';

const scopes = z
  .array(z.enum(allScopes))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'names a scope twice');

const issueRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(64).describe('By which people distinguish keys'),
    scopes: scopes.describe('What it may do; at most what the caller may'),
    strict: z
      .boolean()
      .optional()
      .describe('True: mail that needs a repair is refused, unless it is sent with `strict=false`'),
  })
  .register(components, { id: 'IssueRequest' });

const apiKeyDocument = z
  .object({
    id: z.string().describe('For `DELETE /v1/api-keys/{id}`'),
    name: z.string().nullable().describe('Null where it was made without one'),
    prefix: z.string().describe('The first characters of the key'),
    scopes: z.array(z.enum(allScopes)),
    strict: z.boolean().describe('Its mail is refused rather than repaired'),
    createdAt: z.iso.datetime().describe('ISO 8601, UTC'),
    revokedAt: z.iso.datetime().nullable().describe('Since when it is refused'),
  })
  .register(components, { id: 'ApiKey' });

const issuedApiKey = apiKeyDocument
  .extend({
    key: z.string().describe('The key itself, which is shown only now'),
  })
  .register(components, { id: 'IssuedApiKey' });

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
      'The key is shown once, in the answer. Sent again it makes another key; revoke the one that got lost.',
    body: issueRequest,
    answersSecret: true,
    answer: { status: 201, says: 'Made', json: issuedApiKey, location: '/v1/api-keys/{id}' },
    refusals: ['too-many-api-keys'],
  },
  revokeApiKey: {
    function: 'api-keys',
    method: 'DELETE',
    path: '/v1/api-keys/{id}',
    scope: 'keys',
    summary: 'Revoke an API key',
    description: 'It is refused from the next request on, for good.',
    answer: { status: 200, says: 'Revoked', json: apiKeyDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
