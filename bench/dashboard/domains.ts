import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';

/** As many as one customer is meant to have at most. */
export const DOMAINS = 10_000;

const names = Array.from(
  { length: DOMAINS },
  (_, index) => `customer-${String(index).padStart(5, '0')}.example`,
);

/** The answer to `GET /v1/domains` of a tenant with that many; the cursor is the next one's index. */
export function answerTo(query: URLSearchParams): {
  domains: DomainDocument[];
  cursor: string | null;
} {
  const limit = Number(query.get('limit') ?? 50);
  const start = Number(query.get('cursor') ?? 0);
  const found = names.filter((name) => name.startsWith(query.get('prefix') ?? ''));
  return {
    domains: found.slice(start, start + limit).map(domainOf),
    cursor: start + limit < found.length ? String(start + limit) : null,
  };
}

function domainOf(name: string): DomainDocument {
  const at = '2026-11-20T10:00:00.000Z';
  return {
    name,
    status: 'verified',
    sending: 'ready',
    lifecycle: 'live',
    hosting: 'service',
    purpose: 'sending',
    records: ['dkim-zero', 'dkim-one', 'dkim-two', 'ses-identity', 'mail-from', 'dmarc', 'spf'].map(
      (id) => ({
        id,
        purpose: 'dkim',
        name: `zero._domainkey.${name}`,
        type: 'CNAME',
        value: 'zero._domainkey.mvkq3gu4vd2tqk5dx7bnvwcfga.s1.sd.example.net',
        required: true,
        why: 'Lets receivers find the key that your mail is signed with.',
        status: 'ok',
        code: null,
        observed: ['zero._domainkey.mvkq3gu4vd2tqk5dx7bnvwcfga.s1.sd.example.net'],
        hint: null,
      }),
    ),
    dkim: {
      current: 'zero',
      next: 'one',
      previous: null,
      rotatesAt: at,
      heldBack: null,
      prepared: [],
      disclosure: false,
    },
    dmarc: null,
    spf: {
      mechanisms: [],
      all: '~all',
      flattened: [],
      record: 'v=spf1 include:amazonses.com ~all',
      lookups: 1,
    },
    createdAt: at,
    verifiedAt: at,
  };
}
