import * as z from 'zod';
import { components, type Route } from './route.ts';

/**
 * The reason why there is no link:
 * - `not-offered`: the service has no Domain Connect.
 * - `self-hosted`: the domain's customer publishes the keys themselves, which a provider is not to
 *   do.
 * - `preparing`: the domain has not been checked yet, or its SES value is not known yet.
 * - `no-provider`: the domain's DNS provider has no Domain Connect, or DNS does not show who it is.
 * - `provider-failed`: the provider did not answer, or not as it must.
 * - `no-template`: the provider does not know this service, or has no synchronous flow.
 * - `self-hosted`: the customer hosts the keys as TXT records, which no link writes.
 * - `delegated`: the one record is an NS record, for which there is no template.
 * - `other-account`: the domain's records point at another account of this service.
 * - `complete`: nothing remains that the provider could create.
 */
const domainConnectReasons = [
  'not-offered',
  'self-hosted',
  'preparing',
  'no-provider',
  'provider-failed',
  'no-template',
  'self-hosted',
  'delegated',
  'other-account',
  'complete',
] as const;
export type DomainConnectReason = (typeof domainConnectReasons)[number];

export const domainConnectDocument = z
  .object({
    supported: z.boolean(),
    provider: z
      .string()
      .nullable()
      .describe('The DNS provider, as it names itself; null where it is not known'),
    applyUrl: z
      .string()
      .nullable()
      .describe(
        'Where the provider asks whoever runs the domain’s DNS, and then creates the records; null where that is not supported',
      ),
    records: z.array(z.string()).describe('The `id` of each record that the provider would create'),
    reason: z
      .enum(domainConnectReasons)
      .nullable()
      .describe('Why it is not supported; `preparing` passes within seconds'),
    detail: z.string().nullable().describe('The reason in words'),
  })
  .register(components, { id: 'DomainConnect' });

export type DomainConnectDocument = z.infer<typeof domainConnectDocument>;

/** Having a domain's DNS provider create the records. */
export const domainConnect = {
  getDomainConnect: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/domain-connect',
    scope: 'domains:read',
    summary: 'Have the DNS provider of a domain create the records',
    description:
      'Where the provider supports Domain Connect, and knows this service: a link to a page of the provider, where whoever runs the DNS agrees, and is sent back to the dashboard. Follow it in a browser. It creates what remains to be done. Records of your own that serve are left as they are. What counts is what DNS says afterwards: check the domain.',
    answer: { status: 200, says: 'The link, or why there is none', json: domainConnectDocument },
    refusals: ['not-found', 'domain-deleting'],
  },
} as const satisfies Record<string, Route>;
