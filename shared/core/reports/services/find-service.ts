import { business } from './business.ts';
import { byHost } from './by-host.ts';
import { gateways } from './gateways.ts';
import { mailboxes } from './mailboxes.ts';
import { marketing } from './marketing.ts';
import type { MailService } from './service.ts';
import { transactional } from './transactional.ts';

/** Every service that is known. */
export const mailServices: readonly MailService[] = [
  ...mailboxes,
  ...transactional,
  ...marketing,
  ...business,
  ...gateways,
  ...byHost,
];

const byDomain = new Map(
  mailServices.flatMap((service) =>
    [...service.domains, ...service.includes].map((domain) => [domain, service] as const),
  ),
);

/** Finds the service that a domain, or a name below it, belongs to. */
export function serviceOf(domain: string): MailService | undefined {
  for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const found = byDomain.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
