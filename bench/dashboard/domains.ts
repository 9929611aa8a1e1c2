import type { DomainInShort, OverviewDocument } from '#shared/api/routes/domain-schemas.ts';

/** As many as one customer is meant to have at most. */
export const DOMAINS = 10_000;

const names = Array.from(
  { length: DOMAINS },
  (_, index) => `customer-${String(index).padStart(5, '0')}.example`,
);

/** The answer to `GET /v1/overview` of a tenant with that many; the cursor is the next one's index. */
export function answerTo(query: URLSearchParams): OverviewDocument {
  const limit = Number(query.get('limit') ?? 1_000);
  const start = Number(query.get('cursor') ?? 0);
  return {
    domains: names.slice(start, start + limit).map(domainOf),
    mail: { outcomes: 1_000, bounced: 10, complained: 0, standing: 'good' },
    cursor: start + limit < names.length ? String(start + limit) : null,
  };
}

function domainOf(name: string, index: number): DomainInShort {
  const at = '2026-11-20T10:00:00.000Z';
  return {
    name,
    status: index % 100 === 99 ? 'at-risk' : 'verified',
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
    mail: { outcomes: index % 500, bounced: index % 7, complained: 0, standing: 'good' },
  };
}
