import type { Resolver } from '#shared/app/ports/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { dnsResolver, parseServers, type ResolverOptions } from './resolver.ts';
import { likelyRegistrableDomain } from './zone-servers.ts';

interface DnsSettings {
  readonly RESOLVERS: string;
  readonly AUTHORITATIVE_PORT: string;
}

/** The resolver, from a function's environment. */
export const resolver = (env: DnsSettings): Resolver =>
  dnsResolver({ ...optionsOf(env), topOf: registrableDomain });

/** The signer's resolver: without the list of public suffixes, which each cold start would load. */
export const signerResolver = (
  env: DnsSettings,
  limits: Pick<ResolverOptions, 'queryLimits' | 'silentMs'> = {},
): Resolver => dnsResolver({ ...optionsOf(env), ...limits, topOf: likelyRegistrableDomain });

/**
 * The signer's resolver for mail that waits: its queries end within a second. A server that was
 * silent is asked again for the second of two sights that are 10 s apart.
 */
export const briefSignerResolver = (env: DnsSettings): Resolver =>
  signerResolver(env, { queryLimits: { timeoutMs: 1_000, tries: 1 }, silentMs: 5_000 });

const optionsOf = (env: DnsSettings) => ({
  resolvers: parseServers(env.RESOLVERS),
  authoritativePort: Number(env.AUTHORITATIVE_PORT),
  // Only the local run has another port, and its servers on this machine.
  publicOnly: env.AUTHORITATIVE_PORT === '53',
});
