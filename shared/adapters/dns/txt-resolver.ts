import type { TxtResolver } from '#shared/core/dkim/resolver.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';

/** A resolver as DKIM's verifier asks it; CNAMEs are followed. */
export const txtResolver =
  (resolver: Pick<Resolver, 'lookup'>): TxtResolver =>
  async (name) => {
    const { outcome, values } = await resolver.lookup(name, 'TXT');
    if (outcome === 'unknown') return { kind: 'failure', detail: 'no resolver answered' };
    return values.length > 0 ? { kind: 'records', texts: values } : { kind: 'none' };
  };
