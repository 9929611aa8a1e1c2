import type { Resolver } from '#shared/app/ports/resolver.ts';

/** Returns the addresses of a host, IPv4 and IPv6; none where DNS does not answer. */
export const addressesBy =
  (resolver: Pick<Resolver, 'lookup'>) =>
  async (host: string): Promise<readonly string[]> => {
    const [four, six] = await Promise.all([
      resolver.lookup(host, 'A'),
      resolver.lookup(host, 'AAAA'),
    ]);
    return [...four.values, ...six.values];
  };
