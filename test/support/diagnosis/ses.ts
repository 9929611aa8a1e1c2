import type { RecordCode } from '#shared/core/records/codes.ts';
import { changed, txt, type DiagnosisCase, type Situation } from './case.ts';

const sesOf = ({ claim }: Situation) => `_amazonses.${claim.domain}`;

const tokenIs = (
  what: string,
  code: RecordCode,
  text: (token: string) => string,
): DiagnosisCase => ({
  what,
  published: (s) => changed(s, txt(sesOf(s), text(s.value('ses-identity')))),
  codes: { 'ses-identity': code },
});

export const sesCases: readonly DiagnosisCase[] = [
  tokenIs('an SES value in quotes', 'form-residue', (token) => `"${token}"`),
  tokenIs('an SES value with the type in front', 'form-residue', (token) => `TXT ${token}`),
  tokenIs('an SES value with a space behind', 'form-residue', (token) => `${token} `),
  tokenIs('an SES value of another account', 'other-value', () => 'anothertoken'),
];
