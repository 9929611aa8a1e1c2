import type { Mutation } from './spf.ts';

/** DMARC records as real domains have them. */
export const realDmarcRecords: readonly string[] = [
  'v=DMARC1; p=none',
  'v=DMARC1; p=none; rua=mailto:d@shop.test',
  'v=DMARC1; p=quarantine; pct=10; rua=mailto:d@shop.test',
  'v=DMARC1; p=reject; sp=none; rua=mailto:d@shop.test,mailto:e@shop.test; fo=1',
  'v=DMARC1; p=reject; sp=quarantine; adkim=s; aspf=s; rua=mailto:d@shop.test',
  'v=DMARC1; p=reject; pct=0; rua=mailto:d@shop.test; ruf=mailto:f@shop.test',
  'v=DMARC1; p=quarantine; t=y; rua=mailto:d@shop.test',
  'v=DMARC1; p=none; sp=reject; np=reject',
];

const replace = (what: string, pattern: RegExp, by: string): Mutation => ({
  what,
  apply: (text) => text.replace(pattern, by),
});
const around = (what: string, before: string, after = before): Mutation => ({
  what,
  apply: (text) => `${before}${text}${after}`,
});

const ofCharacters: readonly Mutation[] = [
  replace('commas', /;/g, ','),
  replace('escaped semicolons', /;/g, '\\;'),
  replace('no semicolons', /;/g, ''),
  replace('no first semicolon', /;/, ''),
  replace('no space', /; /g, ';'),
  replace('no-break spaces', / /g, '\u00a0'),
  replace('a zero-width space', /=/, '=\u200b'),
  replace('a byte order mark', /^/, '\ufeff'),
  replace('full-width semicolons', /;/g, '\uff1b'),
  around('double quotes', '"'),
  around('curly quotes', '\u201c', '\u201d'),
  around('escaped quotes', '\\"'),
  around('a line of a zone file', '_dmarc 300 IN TXT "', '"'),
  around('a semicolon behind', '', ';'),
  around('brackets', '(', ')'),
  around('the name in front', '_dmarc ', ''),
  around('a caption', 'Value: ', ''),
  around('a note behind', '', ' # ours'),
  replace('Greek question marks', /;/g, '\u037e'),
  replace('bars', /;/g, ' |'),
  replace('semicolons twice', /;/g, ';;'),
  replace('semicolons of HTML', /;/g, '&#59;'),
  replace('semicolons of a zone file', /;/g, '\\059'),
  {
    what: 'escapes of a URL',
    apply: (text) => encodeURIComponent(text).replaceAll('%3D', '='),
  },
];

const ofTags: readonly Mutation[] = [
  replace('a version in small letters', /DMARC1/, 'dmarc1'),
  replace('no 1', /DMARC1/, 'DMARC'),
  replace('no v=', /v=/, ''),
  replace('spaces around =', /=/g, ' = '),
  replace('colons for =', /\bp=/g, 'p:'),
  replace('a policy in capitals', /p=(\w+)/, 'p=REJECT'),
  replace('a policy that is none', /sp=\w+|$/, '; sp=all'),
  replace('a hyphen in the version', /v=/, 'v-'),
  replace('another number', /DMARC1/, 'DMARC2'),
  replace('a letter for the number', /DMARC1/, 'DMARCl'),
  replace('letters exchanged', /DMARC1/, 'DMRAC1'),
  replace('the version of SPF', /DMARC1/, 'spf1'),
  replace('no version', /v=DMARC1; /, ''),
  replace('the version twice', /v=DMARC1; /, 'v=DMARC1; v=DMARC1; '),
  { what: 'the version behind', apply: (text) => `${text.slice('v=DMARC1; '.length)}; v=DMARC1` },
  replace('no sign behind p', /\bp=/, 'p '),
  replace('policy spelled out', /\bp=/, 'policy='),
  replace('a zero-width space in a tag', /\bp=/, 'p\u200b='),
  replace('a per cent sign', /pct=\d+/, '$&%'),
  replace('no colon behind mailto', /mailto:/g, 'mailto//'),
  replace('mailto: twice', /mailto:/g, 'mailto:mailto:'),
  replace('mail:', /mailto:/g, 'mail:'),
  replace('angle brackets', /mailto:([^,;]*)/g, 'mailto:<$1>'),
  replace('a dot behind an address', /@shop\.test/g, '@shop.test.'),
  replace('an address in a tag of its own', /,mailto/g, '; rua=mailto'),
  replace('a misspelled tag', /rua=/, 'ra='),
  replace('a misspelled policy', /p=\w+/, 'p=quarentine'),
  replace('no policy', / p=\w+;?/, ''),
  replace('no mailto:', /mailto:/g, ''),
  replace('a space after mailto:', /mailto:/g, 'mailto: '),
  replace('a semicolon between addresses', /,mailto/g, ';mailto'),
  replace('a space between addresses', /,mailto/g, ' mailto'),
];

/** Each alone, and each of the tags with each of the characters. */
export const dmarcMutations: readonly Mutation[] = [
  ...ofCharacters,
  ...ofTags,
  ...ofTags.flatMap((tag) =>
    ofCharacters.map((characters) => ({
      what: `${tag.what}, ${characters.what}`,
      apply: (text: string) => characters.apply(tag.apply(text)),
    })),
  ),
];
