import type { Codes, CommonCode } from '../../common-codes.ts';

/**
 * Faults that only a DKIM record can have; but for `copied-key`, where you host your keys yourself.
 */
export const codes = {
  'copied-key': 'the key itself instead of the CNAME: works until the key changes (`warning`)',
  'stale-key':
    'a key of yours that another is to take the place of (`warning`), or that is not used any more',
  'compromised-key': 'a key of yours that is known to others',
  'key-truncated': 'only the beginning of your key',
  'key-several': 'more than one record where your key is',
} satisfies Codes;
export type DkimCode = keyof typeof codes | CommonCode;
