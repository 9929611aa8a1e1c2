import type { MailService } from './service.ts';

/** Services for support and other business that send mail as part of their work. */
export const business: readonly MailService[] = [
  {
    name: 'Zendesk',
    includes: ['mail.zendesk.com'],
    domains: ['zendesk.com', 'zdsys.com'],
    align: 'Add the CNAME records of its domain keys, and enable digital signatures with DKIM.',
    source: 'https://support.zendesk.com/hc/pt-br/articles/4408822303386',
    read: '2026-11-29',
  },
  {
    name: 'Intercom',
    includes: [],
    domains: ['intercom-mail.com', 'intercom-mail.eu'],
    align:
      'Connect your domain with its CNAME records for DKIM and the return path, in place of the shared intercom-mail.com.',
    source:
      'https://www.intercom.com/help/en/articles/11183745-troubleshooting-email-authentication-issues-dkim-dmarc-and-dns-setup',
    read: '2026-11-29',
  },
  {
    name: 'Salesforce',
    includes: ['_spf.salesforce.com'],
    domains: ['salesforce.com'],
    align:
      'Include _spf.salesforce.com in your SPF record; other records of salesforce.com are not for mail of its application.',
    source: 'https://help.salesforce.com/s/articleView?id=000315520&type=1',
    read: '2026-11-30',
  },
  {
    name: 'ServiceNow',
    includes: ['b.spf.service-now.com', 'c.spf.service-now.com', 'd.spf.service-now.com'],
    domains: ['service-now.com'],
    align:
      'Include all three of its SPF records, since each of its regions may send for the others.',
    source: 'https://support.servicenow.com/kb?id=kb_article_view&sysparm_article=KB0535456',
    read: '2026-11-30',
  },
  {
    name: 'Atlassian',
    includes: [],
    domains: ['atlassian.net'],
    align:
      'Add your email domain to its administration, with CNAME records for the bounce domain and for two DKIM keys.',
    source:
      'https://support.atlassian.com/organization-administration/docs/what-are-the-dns-records-required-for-configuring-dmarc/',
    read: '2026-11-30',
  },
  {
    name: 'Qualtrics',
    includes: ['_spf.qualtrics.com'],
    domains: ['qemailserver.com', 'qualtrics-survey.com', 'qualtrics-research.com'],
    align:
      'Set up a custom From domain, or include _spf.qualtrics.com in its SPF record; by default mail is from qemailserver.com.',
    source: 'https://www.qualtrics.com/blog/7-letters-that-can-save-your-survey-emails-from-spam/',
    read: '2026-11-30',
  },
  {
    name: 'Odoo',
    includes: ['_spf.odoo.com'],
    domains: ['odoo.com'],
    align:
      'Include _spf.odoo.com in your SPF record, and make odoo._domainkey a CNAME to odoo._domainkey.odoo.com.',
    source:
      'https://github.com/odoo/documentation/blob/0542b9eba9f108a43f865e85e780e931d72b7458/content/applications/general/email_communication/email_domain.rst',
    read: '2026-11-30',
  },
];
