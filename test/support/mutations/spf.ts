/** A way in which people get an SPF record wrong, or write it otherwise. */
export interface Mutation {
  readonly what: string;
  readonly apply: (text: string) => string;
}

/** SPF records as real domains have them, of names that `spfZones` answers for. */
export const realSpfRecords: readonly string[] = [
  'v=spf1 include:_spf.google.test ~all',
  'v=spf1 include:spf.outlook.test -all',
  'v=spf1 ip4:192.0.2.1 include:_spf.google.test ~all',
  'v=spf1 a mx include:mailer.test -all',
  'v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 include:spf.outlook.test include:mailer.test -all',
  'v=spf1 mx:mail.shop.test ip4:203.0.113.7 ?all',
  'v=spf1 a:web.shop.test/28 include:_spf.google.test ip6:2001:db8::25 ~all',
  'v=spf1 +ip4:192.0.2.10 -ip4:192.0.2.0/24 include:mailer.test ~all',
  'v=spf1 exists:%{i}._i.mailer.test include:spf.outlook.test -all',
  'v=spf1 ip4:192.0.2.1 redirect=_spf.google.test',
  'v=spf1 include:OURS include:_spf.google.test -all',
  'v=spf1 ip4:192.0.2.1 include:OURS ~all',
];

/** The zones of the names in `realSpfRecords`, and of the service's senders. */
export const spfZones = {
  'google.test': [
    ['_spf.google.test', 'TXT', 'v=spf1 include:_n1.google.test ip4:203.0.113.64/27 ~all'],
    ['_n1.google.test', 'TXT', 'v=spf1 ip6:2001:db8:f00::/44 ip4:203.0.113.32/28 ~all'],
  ],
  'amazonses.com': [['amazonses.com', 'TXT', 'v=spf1 ip4:199.255.192.0/22 -all']],
  'outlook.test': [['spf.outlook.test', 'TXT', 'v=spf1 ip4:203.0.113.96/28 -all']],
  'mailer.test': [
    ['mailer.test', 'TXT', 'v=spf1 a:out.mailer.test ip4:203.0.113.128/25 ~all'],
    ['out.mailer.test', 'A', '198.51.100.77'],
    ['203.0.113.9._i.mailer.test', 'A', '127.0.0.2'],
  ],
} as const;

/** The records of the domain's own hosts. */
export const ownHosts = [
  ['shop.test', 'A', '198.51.100.10'],
  ['shop.test', 'MX', '10 mail.shop.test'],
  ['mail.shop.test', 'A', '198.51.100.11'],
  ['web.shop.test', 'A', '198.51.100.16'],
] as const;

/** Senders in and around everything that the records list. */
export const senders: readonly string[] = [
  '192.0.2.1',
  '192.0.2.10',
  '192.0.2.77',
  '198.51.100.10',
  '198.51.100.11',
  '198.51.100.17',
  '198.51.100.77',
  '198.51.100.200',
  '203.0.113.7',
  '203.0.113.9',
  '203.0.113.40',
  '203.0.113.70',
  '203.0.113.100',
  '203.0.113.200',
  '2001:db8:1::9',
  '2001:db8::25',
  '2001:db8:f01::1',
  '192.88.99.1',
];

const replace = (what: string, pattern: RegExp, by: string): Mutation => ({
  what,
  apply: (text) => text.replace(pattern, by),
});
const around = (what: string, before: string, after = before): Mutation => ({
  what,
  apply: (text) => `${before}${text}${after}`,
});

/** What editors, forms and web pages make of any text. */
const ofCharacters: readonly Mutation[] = [
  replace('commas', / /g, ', '),
  replace('commas without spaces', / /g, ','),
  replace('semicolons', / /g, '; '),
  replace('tabs', / /g, '\t'),
  replace('two spaces', / /g, '  '),
  replace('no-break spaces', / /g, '\u00a0'),
  replace('one no-break space', / /, '\u00a0'),
  replace('thin spaces', / /g, '\u2009'),
  replace('a zero-width space', / /, ' \u200b'),
  replace('a zero-width joiner at the end', /$/, '\u200d'),
  replace('a soft hyphen', /=/, '=\u00ad'),
  replace('a byte order mark', /^/, '\ufeff'),
  replace('full-width colons', /:/g, '\uff1a'),
  replace('an en dash', / -/g, ' \u2013'),
  around('double quotes', '"'),
  around('single quotes', "'"),
  around('curly quotes', '\u201c', '\u201d'),
  around('guillemets', '\u00ab', '\u00bb'),
  around('escaped quotes', '\\"'),
  around('spaces around', ' '),
  around('a comma behind', '', ','),
  around('a semicolon behind', '', ';'),
  around('a line of a zone file', 'shop.test. 3600 IN TXT "', '"'),
  around('the type in front', 'TXT '),
  around('brackets', '(', ')'),
  around('angle brackets', '<', '>'),
  around('an equals sign in front', '=', ''),
  around('the name in front', '@ ', ''),
  around('a caption', 'SPF: ', ''),
  around('a note behind', '', ' # our mail'),
  around('line ends', '', '\r\n'),
  replace('lines', / /g, '\n'),
  replace('lines of a program', / /g, '\\n'),
  replace('bars', / /g, ' | '),
  replace('two strings', / (?=[^ ]*$)/, '" "'),
  replace('spaces of HTML', / /g, '&nbsp;'),
  replace('spaces of a zone file', / /g, '\\032'),
  replace('spaces of Route 53', / /g, '\\040'),
  replace('spaces of a URL', / /g, '%20'),
  replace('a letter colon', /:/g, '\ua789'),
  replace('a small tilde', /~/g, '\u02dc'),
  replace('an em dash', / -/g, ' \u2014'),
];

/** What people make of a record's terms, each with one reading. */
const ofTerms: readonly Mutation[] = [
  replace('no 1', /v=spf1/, 'v=spf'),
  replace('capitals in the version', /v=spf1/, 'V=SPF1'),
  replace('spaces in the version', /v=spf1/, 'v = spf1'),
  replace('a colon in the version', /v=spf1/, 'v:spf1'),
  replace('no v=', /v=spf1/, 'spf1'),
  replace('a hyphen in the version', /v=spf1/, 'v=spf-1'),
  replace('no space after the version', /v=spf1 /, 'v=spf1'),
  replace('a space after include:', /include:/g, 'include: '),
  replace('a space before the colon', /include:/g, 'include :'),
  replace('= after include', /include:/g, 'include='),
  replace('no colon after include', /include:/g, 'include '),
  replace('Include in capitals', /include:/g, 'INCLUDE:'),
  replace('a bare address', /ip[46]:/, ''),
  replace('bare addresses', /ip[46]:/g, ''),
  replace('= after ip4', /ip4:/g, 'ip4='),
  replace('a space after ip4:', /ip4:/g, 'ip4: '),
  replace('ipv4', /ip4:/g, 'ipv4:'),
  replace('ip', /ip4:/g, 'ip:'),
  replace('IPv6 as ip4', /ip6:/g, 'ip4:'),
  replace('IPv4 as ip6', /ip4:/g, 'ip6:'),
  replace('a space in front of all', /([~?-])all/, '$1 all'),
  replace('all joined to the term before', / ([~?])all/, '$1all'),
  replace('terms joined', / include:/, 'include:'),
  replace('addresses joined', / ip4:/, 'ip4:'),
  replace('https in front of a name', /include:/, 'include:https://'),
  replace('itself included', /v=spf1/, 'v=spf1 include:shop.test'),
  replace('ours after all', /$/, ' include:OURS'),
  replace('ours as a failure', / /, ' -include:OURS '),
  replace('ours with the domain appended', / /, ' include:OURS.shop.test '),
  replace('ours twice', / /, ' include:OURS include:OURS '),
  replace('another number', /v=spf1/, 'v=spf2'),
  replace('a letter for the number', /v=spf1/, 'v=spfl'),
  replace('letters exchanged', /v=spf1/, 'v=sfp1'),
  replace('a colon behind the version', /v=spf1/, 'v=spf1:'),
  replace('a dot behind the version', /v=spf1/, 'v=spf1.'),
  replace('no version', /v=spf1 /, ''),
  replace('two colons', /include:/g, 'include::'),
  replace('includes', /include:/g, 'includes:'),
  replace('inlcude', /include:/g, 'inlcude:'),
  replace('no include', /include:_/g, '_'),
  replace('an include of an address', /ip[46]:/g, 'include:'),
  replace('a port', /(ip4:[\d.]+)(?= )/g, '$1:25'),
  replace('brackets around values', /(ip[46]:)(\S+)/g, '$1<$2>'),
  replace('square brackets around addresses', /(ip[46]:)([\d.a-f:]+)/g, '$1[$2]'),
  replace('a network by stars', /ip4:198\.51\.100\.0\/24/, 'ip4:198.51.100.*'),
  replace('a netmask', /\/24/, '/255.255.255.0'),
  replace('a backslash in a network', /\/(?=\d)/, '\\'),
  replace('a space in a network', /\/(?=\d)/, ' /'),
  replace('a name as ip4', /a:web/, 'ip4:web'),
  replace('a preference of MX', /mx:/, 'mx:10 '),
  replace('a misspelled all', /all$/, 'alll'),
  replace('the sign of all twice', /([~?-])all$/, '$1$1all'),
  replace('a dot behind all', /all$/, 'all.'),
  replace('all joined to mx', /mx (.*) -all$/, '$1 mx-all'),
  replace('a slash behind a name', /(include:\S+)/g, '$1/'),
  replace('all in front', /v=spf1 (.*) ([~?-]all)$/, 'v=spf1 $2 $1'),
  replace('a plus before each include', / include:/g, ' +include:'),
];

/** Each alone, and each of the terms with each of the characters. */
export const spfMutations: readonly Mutation[] = [
  ...ofCharacters,
  ...ofTerms,
  ...ofTerms.flatMap((term) =>
    ofCharacters.map((characters) => ({
      what: `${term.what}, ${characters.what}`,
      apply: (text: string) => characters.apply(term.apply(text)),
    })),
  ),
];

/** Damage that may change what a record says. */
export const spfDamage: readonly Mutation[] = Array.from({ length: 40 }, (_, at) => [
  { what: `no character ${at}`, apply: (text: string) => text.slice(0, at) + text.slice(at + 1) },
  {
    what: `character ${at} twice`,
    apply: (text: string) => text.slice(0, at) + text.charAt(at) + text.slice(at),
  },
  {
    what: `characters ${at} and after exchanged`,
    apply: (text: string) =>
      text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2),
  },
]).flat();
