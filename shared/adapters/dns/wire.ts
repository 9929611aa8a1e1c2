import type { Resolver } from '#shared/app/ports/resolver.ts';
import { dnsResolver, parseServers } from './resolver.ts';

/** The resolver, from a function's environment. */
export const resolver = (env: {
  readonly RESOLVERS: string;
  readonly AUTHORITATIVE_PORT: string;
}): Resolver =>
  dnsResolver({
    resolvers: parseServers(env.RESOLVERS),
    authoritativePort: Number(env.AUTHORITATIVE_PORT),
  });
