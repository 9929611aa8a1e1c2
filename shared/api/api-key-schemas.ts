import * as z from 'zod';
import { allScopes } from '#shared/app/ports/tenant-store.ts';

const scopes = z
  .array(z.enum(allScopes))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'names a scope twice');

/** The body of `POST /v1/api-keys`. */
export const issueRequest = z.strictObject({
  name: z.string().trim().min(1).max(64).describe('By which people tell keys apart'),
  scopes: scopes.describe('What it may do; at most what the caller may'),
});

export const apiKeyDocument = z.object({
  id: z.string().describe('For `DELETE /v1/api-keys/{id}`'),
  name: z.string().nullable().describe('Null where it was made without one'),
  prefix: z.string().describe('The first characters of the key'),
  scopes: z.array(z.enum(allScopes)),
  createdAt: z.iso.datetime().describe('ISO 8601, UTC'),
  revokedAt: z.iso.datetime().nullable().describe('Since when it is refused'),
});

export const issuedApiKey = apiKeyDocument.extend({
  key: z.string().describe('The key itself, which is shown only now'),
});

export const apiKeyList = z.object({
  keys: z.array(apiKeyDocument).describe('Newest first; revoked ones too'),
});

export type ApiKeyDocument = z.infer<typeof apiKeyDocument>;
