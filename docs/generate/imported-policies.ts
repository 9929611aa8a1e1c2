import {
  newEnforcement,
  oldEnforcement,
  type Enforcement,
} from '#shared/core/dmarc/enforcement.ts';
import { initialDmarc } from '#shared/core/dmarc/initial-policy.ts';
import { policyInEffect } from '#shared/core/dmarc/policy-in-effect.ts';
import { composeDmarc } from '#shared/core/dmarc/record.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { code, type Table } from './markdown.ts';

/** Records of every tag that receivers of the two RFCs read differently, alone and together. */
export const importedRecords = [
  'p=none',
  'p=quarantine',
  'p=reject',
  'p=reject; pct=0',
  'p=reject; pct=50',
  'p=quarantine; pct=10',
  'p=quarantine; pct=0',
  'p=reject; sp=none',
  'p=none; sp=reject',
  'p=reject; sp=quarantine; pct=0',
  'p=none; np=reject',
  'p=reject; np=reject; pct=0',
  'p=reject; t=y',
  'p=quarantine; t=y',
  'p=reject; t=y; pct=0',
  'sp=reject',
] as const;

const domain = 'example.com' as DomainName;

/** The record that a claim starts with, where the domain has another. */
async function hostedFor(text: string): Promise<string> {
  const effect = await policyInEffect(domain, async (name) => ({
    outcome: 'ok',
    values: name === `_dmarc.${domain}` ? [text] : [],
  }));
  const { dmarc } = initialDmarc(effect, { zone: 'sd.example.net' as DomainName });
  if (dmarc === undefined) throw new Error(`no policy is started with for ${text}`);
  return composeDmarc(dmarc);
}

/** What becomes of mail that fails, by level: 0 delivered, 1 to spam, 2 refused, shares between. */
function fate(level: number): string {
  const fates = ['delivered', 'spam', 'refused'];
  const whole = Math.floor(level);
  const percent = Math.round((level - whole) * 100);
  const share = percent === 0 ? '' : `${percent}% ${fates[whole + 1]}, the rest `;
  return `${share}${fates[whole]}`;
}

function fates({ p, sp, np }: Enforcement): string {
  if (p === sp && sp === np) return fate(p);
  if (sp === np) return `${fate(p)}; subdomains: ${fate(sp)}`;
  return `${fate(p)}; subdomains: ${fate(sp)}; names that do not exist: ${fate(np)}`;
}

const withoutVersion = (text: string): string => text.replace('v=DMARC1; ', '');

/** What receivers do with mail that fails, by the record that a customer has and by the hosted one. */
export const importedPolicies: Table = {
  columns: [
    'your record',
    'RFC 7489 today',
    'RFC 9989 today',
    'starts here as',
    'RFC 7489 then',
    'RFC 9989 then',
  ],
  rows: await Promise.all(
    importedRecords.map(async (tags) => {
      const before = `v=DMARC1; ${tags}`;
      const after = await hostedFor(before);
      return [
        code(tags),
        fates(oldEnforcement(before)),
        fates(newEnforcement(before)),
        code(withoutVersion(after)),
        fates(oldEnforcement(after)),
        fates(newEnforcement(after)),
      ];
    }),
  ),
};
