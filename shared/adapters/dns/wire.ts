import type { Resolver } from '#shared/app/ports/resolver.ts';
import { dnsResolver, parseServers, type ResolverOptions } from './resolver.ts';

interface DnsSettings {
  readonly RESOLVERS: string;
  readonly AUTHORITATIVE_PORT: string;
}

/** The resolver, from a function's environment. */
export const resolver = (
  env: DnsSettings,
  options: Pick<ResolverOptions, 'queryLimits' | 'silentMs'> = {},
): Resolver =>
  dnsResolver({
    resolvers: parseServers(env.RESOLVERS),
    authoritativePort: Number(env.AUTHORITATIVE_PORT),
    // Only the local run has another port, and its servers on this machine.
    publicOnly: env.AUTHORITATIVE_PORT === '53',
    ...options,
  });

/**
 * A resolver whose queries end within a second, for mail that waits. A server that was silent is
 * asked again for the second of two sights that are 10 s apart.
 */
export const briefResolver = (env: DnsSettings): Resolver =>
  resolver(env, { queryLimits: { timeoutMs: 1_000, tries: 1 }, silentMs: 5_000 });
