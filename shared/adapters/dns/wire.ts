import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { QueryLimits } from './exchange.ts';
import { dnsResolver, parseServers } from './resolver.ts';

interface DnsSettings {
  readonly RESOLVERS: string;
  readonly AUTHORITATIVE_PORT: string;
}

/** The resolver, from a function's environment. */
export const resolver = (env: DnsSettings, queryLimits?: QueryLimits): Resolver =>
  dnsResolver({
    resolvers: parseServers(env.RESOLVERS),
    authoritativePort: Number(env.AUTHORITATIVE_PORT),
    // Only the local run has another port, and its servers on this machine.
    publicOnly: env.AUTHORITATIVE_PORT === '53',
    ...(queryLimits === undefined ? {} : { queryLimits }),
  });

/** A resolver whose queries end within a second: for mail that waits, and for an answer after it. */
export const briefResolver = (env: DnsSettings): Resolver =>
  resolver(env, { timeoutMs: 1_000, tries: 1 });
