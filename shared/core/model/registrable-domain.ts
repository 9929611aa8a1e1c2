import { getDomain } from 'tldts';
import type { DomainName } from './names.ts';

/**
 * The name one label below the public suffix (`example.co.uk` for `a.b.example.co.uk`), private
 * suffixes included; the domain itself where it has none.
 *
 * The list of public suffixes is 130 KB of a function's bundle.
 */
export function registrableDomain(domain: DomainName): DomainName {
  return (getDomain(domain, { allowPrivateDomains: true }) ?? domain) as DomainName;
}
