import * as z from 'zod';
import { domain } from './fields.ts';

/**
 * Domain Connect, by which a customer's DNS provider writes the records itself; off unless it is
 * given. Providers take templates on by hand: see docs/deploy.md.
 */
export const domainConnect = z
  .strictObject({
    /** A domain of yours; names the template, together with `serviceId`. */
    providerId: domain.max(63, 'give at most 63 characters'),
    /** Your name, as DNS providers show it to customers. */
    providerName: z.string().min(1, 'give a name').max(64, 'give at most 64 characters'),
    /** Names the template among those of your `providerId`. */
    serviceId: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'give 1 to 63 lower-case letters, digits, . _ -')
      .default('sender-domains'),
    /** The service's name, as DNS providers show it to customers. */
    serviceName: z.string().min(1, 'give a name').max(255, 'give at most 255 characters'),
    /** A picture that DNS providers may show. */
    logoUrl: z.url({ protocol: /^https$/, error: 'give an https URL' }).optional(),
    /** The host that customers reach the dashboard at, which they come back to. */
    dashboard: domain,
  })
  .optional();
