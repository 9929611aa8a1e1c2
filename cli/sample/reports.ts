import { createHash } from 'node:crypto';
import { mapLimited } from '#shared/async/limit.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import { parseDomainName } from '#shared/core/model/names.ts';
import { dayOf, daysAfter, type Day } from '#shared/core/reports/day.ts';
import type { Group } from '#shared/core/reports/group.ts';
import type { SampleTenant, Stage } from './stage.ts';
import { numbers } from './time.ts';

const DAYS = 30;
const AT_ONCE = { tasks: 16 };

/** The share of a domain's reported mail that each receiver reports. */
const reporters = [
  { domain: 'google.com', organization: 'google.com', share: 0.6 },
  { domain: 'microsoft.com', organization: 'Enterprise Outlook', share: 0.3 },
  { domain: 'yahooinc.com', organization: 'Yahoo', share: 0.1 },
] as const;

/** Writes a month of receivers' reports about the tenant's domains. */
export async function addReports(tenant: SampleTenant, { ports, past }: Stage): Promise<void> {
  const random = numbers(7 * tenant.domains.length);
  const days = Array.from({ length: DAYS }, (_, index) => daysAfter(dayOf(past.now), -index - 1));
  for (const { name, mails } of tenant.domains) {
    if (mails === undefined) continue;
    const claim = await ports.claims.get({ tenant: tenant.id, domain: parseDomainName(name) });
    if (claim === undefined) throw new Error(`${name} is not claimed`);
    const selector = currentKey(claim.keys)?.selector ?? 'zero';
    const planned = days.flatMap((day) =>
      reporters.map((reporter) => ({
        day,
        reporter,
        count: Math.round(mails.reported * reporter.share * (0.6 + random() * 0.8)),
      })),
    );
    await mapLimited(planned, AT_ONCE, ({ day, reporter, count }) =>
      ports.reports.add({
        label: claim.label,
        day,
        reporter: reporter.domain,
        key: keyOf(name, day, reporter.domain),
        earlierKey: undefined,
        coarse: false,
        organization: reporter.organization,
        unreadableRows: 0,
        groups: groupsOf(name, selector, count),
      }),
    );
    await ports.reports.add(unproven(claim.label, name, days[2] as Day));
  }
}

const keyOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 16);

/** Anybody may send this: it is no evidence. */
const unproven = (
  label: Parameters<Stage['ports']['claims']['getByLabel']>[0],
  name: string,
  day: Day,
) => ({
  label,
  day,
  reporter: undefined,
  key: keyOf(name, day, 'unproven'),
  earlierKey: undefined,
  coarse: false,
  organization: 'somebody',
  unreadableRows: 0,
  groups: groupsOf(name, 'zero', 12),
});

const base = {
  scope: 'domain',
  disposition: 'none',
  dkim: false,
  spf: false,
  signature: undefined,
  envelope: undefined,
} as const;

/** The domain's own mail, that of a newsletter service and a shop, what was passed on, and forgeries. */
function groupsOf(domain: string, selector: string, count: number): Group[] {
  const part = (share: number): number => Math.round(count * share);
  const own = { domain, selector, result: 'pass' } as const;
  const groups: Group[] = [
    {
      ...base,
      source: '54.240.11.28',
      dkim: true,
      spf: true,
      signature: own,
      envelope: { domain: `bounces.${domain}`, result: 'pass' },
      messages: part(0.72),
    },
    {
      ...base,
      source: '198.2.180.60',
      signature: { domain: 'mcsv.net', selector: 'k3', result: 'pass' },
      envelope: { domain: 'mail180.suw.mcsv.net', result: 'pass' },
      messages: part(0.12),
    },
    {
      ...base,
      source: '192.0.2.44',
      spf: true,
      envelope: { domain: `shop.${domain}`, result: 'pass' },
      messages: part(0.05),
    },
    {
      ...base,
      source: '203.0.113.9',
      dkim: true,
      signature: own,
      envelope: { domain: 'lists.university.example', result: 'pass' },
      messages: part(0.03),
    },
    ...['45.86.200.14', '185.220.101.7', '103.75.190.2'].map((source) => ({
      ...base,
      source,
      envelope: { domain, result: 'fail' as const },
      messages: part(0.026),
    })),
  ];
  return groups.filter(({ messages }) => messages > 0);
}
