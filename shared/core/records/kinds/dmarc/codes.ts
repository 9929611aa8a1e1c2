import type { Codes, CommonCode } from '../../common-codes.ts';

/** Faults that only a DMARC record can have. */
export const codes = {
  'dmarc-own-record':
    'a valid DMARC record of your own; `policy` is what it asks for (`ok-external`)',
  'dmarc-stale': 'a copy of our record as it was before (`warning`)',
  'dmarc-beside-cname': 'a DMARC record beside our CNAME',
  'dmarc-several': 'more than one DMARC record',
  'dmarc-invalid': 'a tag of the DMARC record is not valid, so that receivers apply nothing',
  'dmarc-unrecognized': 'text that is no DMARC record to receivers; `corrected` is what was meant',
  'dmarc-tag-unread':
    'a tag that receivers skip, or that is there twice; `corrected` is what was meant (`warning`)',
  'dmarc-address':
    'a report address that receivers cannot use; `corrected` is what was meant (`warning`)',
  'dmarc-address-refused':
    'a report address of others who do not agree to get reports of the domain (`warning`)',
} satisfies Codes;
export type DmarcCode = keyof typeof codes | CommonCode;
