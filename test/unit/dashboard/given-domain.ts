import type { DomainInShort } from '../../../dashboard/src/api/client.ts';

const at = '2026-11-20T10:00:00.000Z';

/** A verified domain in short, changed as the test wants. */
export const givenDomain = (name: string, changes: Partial<DomainInShort> = {}): DomainInShort => ({
  name,
  status: 'verified',
  statusSince: at,
  statusReason: null,
  lostAt: null,
  lifecycle: 'live',
  hosting: 'service',
  purpose: 'sending',
  dmarc: 'none',
  policyHeld: false,
  selector: 'zero',
  rotatesAt: at,
  mail: { outcomes: 0, bounced: 0, complained: 0, standing: 'good' },
  ...changes,
});
