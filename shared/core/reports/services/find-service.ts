import { byHost } from './by-host.ts';
import { senders } from './senders.ts';
import type { MailService } from './service.ts';

/** Every service that is known. */
export const mailServices: readonly MailService[] = [...senders, ...byHost];

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
