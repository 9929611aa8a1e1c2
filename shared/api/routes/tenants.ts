import * as z from 'zod';
import { LONGEST_EXTERNAL_ID, LONGEST_ORIGIN, MOST_ORIGINS } from '#shared/core/model/platform.ts';
import { TOKEN_SECONDS, tokenScopes } from '#shared/core/model/page-token.ts';
import { brand, contacts } from './brand-schemas.ts';
import { components, type Route } from './route.ts';

const externalId = z
  .string()
  .max(LONGEST_EXTERNAL_ID)
  .describe('The id that it has in your own system: visible ASCII, without spaces');

const name = z.string().trim().min(1).max(200).describe('By which people know it');
const reason = z.string().trim().min(1).max(500).describe('For whoever asks later');

const tenantRequest = z
  .strictObject({
    externalId,
    name: name.optional().describe('By default the external id'),
    contacts: contacts.optional(),
    brand: brand.optional(),
  })
  .register(components, { id: 'TenantRequest' });

const tenantChange = z
  .strictObject({
    name: name.optional(),
    contacts: contacts.nullable().optional(),
    brand: brand.nullable().optional().describe('In the place of the one before; null: none'),
  })
  .register(components, { id: 'TenantChange' });

const reasonRequest = z.strictObject({ reason }).register(components, { id: 'ReasonRequest' });

const resumeRequest = z
  .strictObject({
    refuseHeld: z
      .boolean()
      .optional()
      .describe('True: the mail that the suspension held is refused, not sent'),
  })
  .register(components, { id: 'ResumeRequest' });

const tenantDocument = z
  .object({
    id: z.string(),
    externalId: z.string(),
    name: z.string(),
    status: z.enum(['active', 'suspended', 'closed']),
    statusSince: z.iso.datetime().nullable().describe('Null where it never had another'),
    statusReason: z.string().nullable(),
    statusBy: z
      .enum(['operator', 'platform'])
      .nullable()
      .describe('Only the operator resumes what the operator suspended or closed'),
    contacts,
    brand: brand.nullable(),
    createdAt: z.iso.datetime(),
  })
  .register(components, { id: 'Tenant' });

const tenantPage = z
  .object({
    tenants: z.array(tenantDocument).describe('By external id'),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'TenantPage' });

const pageQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const tokenRequest = z
  .strictObject({
    scopes: z
      .array(z.enum(tokenScopes))
      .min(1)
      .default(['domains:read'])
      .describe('`domains:read` reads domains and has them checked; `domains` changes them too'),
    domains: z
      .array(z.string().max(1_024))
      .min(1)
      .max(20)
      .optional()
      .describe('The domains that it is for; all of the tenant where it is absent'),
    origins: z
      .array(z.string().max(LONGEST_ORIGIN))
      .min(1)
      .optional()
      .describe('Some of the platform’s origins; all of them where it is absent'),
    seconds: z.int().min(60).max(TOKEN_SECONDS).default(TOKEN_SECONDS),
  })
  .register(components, { id: 'TokenRequest' });

const tokenDocument = z
  .object({
    token: z.string().describe('`sdt_...`, sent as `Authorization: Bearer`; it is shown only now'),
    tenant: z.string(),
    scopes: z.array(z.enum(tokenScopes)),
    domains: z.array(z.string()).nullable().describe('Null: all of the tenant'),
    origins: z.array(z.string()),
    expiresAt: z.iso.datetime(),
  })
  .register(components, { id: 'Token' });

const platformDocument = z
  .object({
    id: z.string(),
    name: z.string(),
    origins: z.array(z.string()).describe('The origins of the pages that may use your tokens'),
    createdAt: z.iso.datetime(),
  })
  .register(components, { id: 'Platform' });

const platformChange = z
  .strictObject({
    origins: z
      .array(z.string().max(LONGEST_ORIGIN))
      .max(MOST_ORIGINS)
      .describe('All of them: `https://app.example.com`; none refuses every page'),
  })
  .register(components, { id: 'PlatformChange' });

export type TenantDocument = z.infer<typeof tenantDocument>;
export type PlatformDocument = z.infer<typeof platformDocument>;

/** The path takes its id or its external id. */
const ofTenant = { function: 'tenants', scope: 'platform' } as const;

/** A platform's tenants, and the platform itself. */
export const tenants = {
  createTenant: {
    ...ofTenant,
    method: 'POST',
    path: '/v1/tenants',
    summary: 'Make a tenant',
    description:
      'Idempotent by the external id: where there is one with it, that is answered as it is, and nothing changes.',
    body: tenantRequest,
    answer: {
      status: 201,
      says: 'The tenant, made now or before',
      json: tenantDocument,
      location: '/v1/tenants/{id}',
    },
    refusals: [],
  },
  listTenants: {
    ...ofTenant,
    method: 'GET',
    path: '/v1/tenants',
    summary: 'List the tenants that you made',
    query: pageQuery,
    answer: { status: 200, says: 'A page', json: tenantPage },
    refusals: ['invalid-cursor'],
  },
  getTenant: {
    ...ofTenant,
    method: 'GET',
    path: '/v1/tenants/{id}',
    summary: 'Read a tenant, by its id or external id',
    answer: { status: 200, says: 'The tenant', json: tenantDocument },
    refusals: ['tenant-not-found'],
  },
  changeTenant: {
    ...ofTenant,
    method: 'PATCH',
    path: '/v1/tenants/{id}',
    summary: 'Change name, contacts or brand of a tenant',
    body: tenantChange,
    answer: { status: 200, says: 'The tenant', json: tenantDocument },
    refusals: ['tenant-not-found'],
  },
  suspendTenant: {
    ...ofTenant,
    method: 'POST',
    path: '/v1/tenants/{id}/suspend',
    summary: 'Suspend a tenant',
    description:
      'Within a second nothing of it is signed; queued mail is held, and its keys and users may only read. Sent again it changes the reason only.',
    body: reasonRequest,
    answer: { status: 200, says: 'The tenant', json: tenantDocument },
    refusals: ['tenant-not-found', 'account-closed'],
  },
  resumeTenant: {
    ...ofTenant,
    method: 'POST',
    path: '/v1/tenants/{id}/resume',
    summary: 'Make a suspended or closed tenant active again',
    body: resumeRequest,
    answer: { status: 200, says: 'The tenant', json: tenantDocument },
    refusals: ['tenant-not-found', 'operators-decision'],
  },
  closeTenant: {
    ...ofTenant,
    method: 'POST',
    path: '/v1/tenants/{id}/close',
    summary: 'Close a tenant',
    description: 'Its keys and users may do nothing, and mail that waits is refused.',
    body: reasonRequest,
    answer: { status: 200, says: 'The tenant', json: tenantDocument },
    refusals: ['tenant-not-found'],
  },
  createToken: {
    ...ofTenant,
    method: 'POST',
    path: '/v1/tenants/{id}/tokens',
    summary: 'Make a token for a page that you embed',
    description:
      'It is valid for an hour at most, for pages of your origins, and ends with the key that made it.',
    body: tokenRequest,
    answersSecret: true,
    answer: { status: 201, says: 'Made', json: tokenDocument },
    refusals: ['tenant-not-found', 'origin-unknown', 'domain-invalid'],
  },
  getPlatform: {
    ...ofTenant,
    method: 'GET',
    path: '/v1/platform',
    summary: 'Read your platform',
    answer: { status: 200, says: 'The platform', json: platformDocument },
    refusals: [],
  },
  changePlatform: {
    ...ofTenant,
    method: 'PATCH',
    path: '/v1/platform',
    summary: 'Change the origins of the pages that may use your tokens',
    description: 'Tokens that exist keep the origins that they were made with.',
    body: platformChange,
    answer: { status: 200, says: 'The platform', json: platformDocument },
    refusals: [],
  },
} as const satisfies Record<string, Route>;
