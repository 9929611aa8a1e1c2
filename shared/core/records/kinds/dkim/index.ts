import type { Selector } from '../../../model/names.ts';
import type { RecordKind } from '../../kind.ts';
import { codes, type DkimCode } from './codes.ts';
import { judgeCname } from './judge.ts';
import { judgeOwnKey } from './judge-own-key.ts';
import { hostedKeyName, slotId, slotName } from './names.ts';

/** The three DKIM keys (RFC 6376), which also identify the domain's holder. */
export const dkim = {
  title: 'DKIM',
  codes,
  published: (claim) =>
    claim.keys.map(({ selector }) => ({
      id: slotId(selector),
      name: slotName(selector, claim.domain),
      type: 'CNAME',
      value: hostedKeyName(claim, selector),
      required: true,
      why: 'Lets receivers find the key that your mail is signed with, and proves that the domain is yours.',
    })),
  whyOwn:
    'The key that receivers verify your mail by; it is nobody else’s, so it proves that the domain is yours. We notify you when it is to be changed.',
  judge: (record, lookup, setting) =>
    setting.own === undefined
      ? judgeCname(record, lookup, setting)
      : judgeOwnKey(record, lookup, setting, setting.own),
  isProof: true,
  wrongNames: ({ name }, domain, above) => {
    const [selector] = name.split('.');
    return [
      `${selector}.domainkey.${domain}`,
      `${selector}.${domain}`,
      `${selector}_domainkey.${domain}`,
      ...above.map((one) => slotName(selector as Selector, one)),
      `${selector}._domainkey.www.${domain}`,
    ];
  },
} satisfies RecordKind<DkimCode>;
