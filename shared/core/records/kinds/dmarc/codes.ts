import type { Codes, CommonCode } from '../../common-codes.ts';

/** Faults that only a DMARC record can have. */
export const codes = {
  'dmarc-own-record':
    'a valid DMARC record of your own; `policy` is what it asks for (`ok-external`)',
  'dmarc-stale': 'a copy of our record as it was before (`warning`)',
  'dmarc-beside-cname': 'a DMARC record beside our CNAME',
  'dmarc-several': 'more than one DMARC record',
  'dmarc-invalid': 'no DMARC record that receivers can use',
} satisfies Codes;
export type DmarcCode = keyof typeof codes | CommonCode;
