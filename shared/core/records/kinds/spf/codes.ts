import type { Codes, CommonCode } from '../../common-codes.ts';

/** Faults that only an SPF record can have; the limits are those of RFC 7208 §4.6.4. */
export const codes = {
  'spf-several': 'more than one SPF record',
  'spf-no-include': 'our include is not in it',
  'spf-include-after-all': 'our include is after `all`, where it does not count',
  'spf-senders-after-all': 'senders after `all`, where they do not count (`warning`)',
  'spf-include-negated': 'our include has `-`, `~` or `?` before it',
  'spf-include-duplicated': 'our include is there twice (`warning`)',
  'spf-unrecognized':
    'text that was meant as SPF, and that receivers do not take for it (`warning` beside a record that they read)',
  'spf-invalid': 'the record breaks the grammar',
  'spf-loop': 'the record includes itself, or something that it includes does',
  'spf-broken-include': 'something that it includes has no valid record; `spf` has the whole tree',
  'spf-too-many-lookups': 'over 10 DNS lookups; `spf` has the whole tree, with counts',
  'spf-too-many-voids':
    'over 2 DNS lookups that find nothing; `spf` has the whole tree, with counts',
  'spf-open': '`+all` or a network of all addresses: anybody may send (`warning`)',
  'spf-ptr': '`ptr`, which receivers may ignore and must not be used (`warning`)',
  'spf-unregistered':
    'a name in it, or the target of a CNAME at its name, is below a domain that is not registered: whoever registers that may send (`warning`)',
  'spf-own-senders': 'your own record lists our senders, without our include (`ok-external`)',
  'spf-at-cname': 'the name is a CNAME, where SPF cannot be and is not needed (`ok-external`)',
} satisfies Codes;
export type SpfCode = keyof typeof codes | CommonCode;
