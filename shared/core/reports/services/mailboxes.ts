import type { MailService } from './service.ts';

/** Services whose customers have mailboxes there. */
export const mailboxes: readonly MailService[] = [
  {
    name: 'Google Workspace',
    includes: ['_spf.google.com'],
    domains: ['google.com', 'gappssmtp.com'],
    align:
      'Turn DKIM on for your domain in the Admin console; by default mail is signed for gappssmtp.com.',
    source: 'https://support.google.com/a/answer/174124',
    read: '2026-11-29',
  },
  {
    name: 'Microsoft 365',
    includes: ['spf.protection.outlook.com'],
    domains: ['outlook.com', 'onmicrosoft.com'],
    align:
      'Include spf.protection.outlook.com in your SPF record, and enable DKIM for your custom domain.',
    source: 'https://learn.microsoft.com/defender-office-365/email-authentication-spf-configure',
    read: '2026-11-29',
  },
  {
    name: 'Apple iCloud',
    includes: ['icloud.com'],
    domains: ['icloud.com', 'me.com'],
    align: 'Include icloud.com in your SPF record, and add its CNAME record for DKIM.',
    source: 'https://support.apple.com/102374',
    read: '2026-11-30',
  },
  {
    name: 'Proton',
    includes: ['_spf.protonmail.ch'],
    domains: ['proton.ch', 'proton.me', 'protonmail.ch'],
    align:
      'Include _spf.protonmail.ch in your SPF record, and set up DKIM; the settings of the domain show both.',
    source: 'https://proton.me/support/anti-spoofing-custom-domain',
    read: '2026-11-30',
  },
  {
    name: 'Fastmail',
    includes: [],
    domains: ['messagingengine.com'],
    align:
      'Add its three CNAME records for DKIM, fm1, fm2 and fm3; its own signature is for messagingengine.com.',
    source: 'https://www.fastmail.help/hc/en-us/articles/360060591153',
    read: '2026-11-30',
  },
  {
    name: 'Yandex 360',
    includes: ['_spf.yandex.net'],
    domains: ['yandex.net'],
    align:
      'Include _spf.yandex.net in your SPF record, or redirect to it if nothing else sends for the domain.',
    source: 'https://yandex.com.tr/support/connect/dns/spf.html',
    read: '2026-11-30',
  },
  {
    name: 'Rackspace Email',
    includes: ['emailsrvr.com'],
    domains: ['emailsrvr.com'],
    align: 'Include emailsrvr.com in your SPF record, and set up DKIM for the domain.',
    source: 'https://docs.rackspace.com/docs/dns-record-definitions',
    read: '2026-11-30',
  },
  {
    name: 'Namecheap Private Email',
    includes: ['spf.privateemail.com'],
    domains: ['privateemail.com'],
    align:
      'Include spf.privateemail.com in your SPF record, and add the DKIM record at default._domainkey once a mailbox exists.',
    source:
      'https://www.namecheap.com/support/knowledgebase/article.aspx/1262/2176/what-does-namecheap-private-email-dns-verification-imply',
    read: '2026-11-30',
  },
  {
    name: 'GoDaddy',
    includes: ['secureserver.net'],
    domains: ['secureserver.net'],
    align:
      'Include secureserver.net in your SPF record; it covers Workspace Email, Professional Email and Microsoft 365 from GoDaddy.',
    source:
      'https://www.godaddy.com/help/use-spf-records-to-prevent-spoofing-and-ensure-mail-delivery-40499',
    read: '2026-11-30',
  },
  {
    name: 'OVH',
    includes: ['mx.ovh.com'],
    domains: ['ovh.net', 'ovh.us'],
    align:
      'Include mx.ovh.com in your SPF record; it covers MX Plan, E-mail Pro and Hosted Exchange.',
    source:
      'https://github.com/ovh/docs/blob/19c51ce4db56648c6d8966c7259bdd6c4adfcab2/pages/web_cloud/domains/dns_zone_spf/guide.en-gb.md',
    read: '2026-11-30',
  },
  {
    name: 'Gandi',
    includes: ['_mailcust.gandi.net', '_spf.gpaas.net'],
    domains: ['gandi.net', 'gpaas.net'],
    align:
      'Include _mailcust.gandi.net in your SPF record for mailboxes, and _spf.gpaas.net if its web hosting sends mail.',
    source: 'https://helpdesk.gandi.net/hc/en-us/articles/14001808469404-What-is-an-SPF-record',
    read: '2026-11-30',
  },
  {
    name: 'Infomaniak',
    includes: ['spf.infomaniak.ch'],
    domains: ['infomaniak.ch'],
    align:
      'Include spf.infomaniak.ch in your SPF record; where Infomaniak has the DNS zone, it does so itself.',
    source: 'https://www.infomaniak.com/en/support/faq/2199/manage-spf-records',
    read: '2026-11-30',
  },
  {
    name: 'Hostinger',
    includes: ['_spf.mail.hostinger.com'],
    domains: ['hostinger.com'],
    align:
      'Include _spf.mail.hostinger.com in your SPF record, merged with the senders that it already has.',
    source: 'https://www.hostinger.com/support/1583673-what-is-the-spf-record-for-hostinger-email/',
    read: '2026-11-30',
  },
  {
    name: 'DreamHost',
    includes: ['netblocks.dreamhost.com'],
    domains: ['dreamhost.com'],
    align:
      'Include netblocks.dreamhost.com and relay.mailchannels.net in your SPF record; a record of your own replaces the one it adds.',
    source: 'https://help.dreamhost.com/hc/en-us/articles/216107737',
    read: '2026-11-30',
  },
];
