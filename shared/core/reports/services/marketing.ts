import type { MailService } from './service.ts';

/** Services that send campaigns and newsletters. */
export const marketing: readonly MailService[] = [
  {
    name: 'Mailchimp',
    includes: ['servers.mcsv.net'],
    domains: ['mcsv.net', 'mcdlv.net', 'rsgsv.net'],
    align: 'Authenticate your domain in Mailchimp, by the CNAME records that it shows.',
    source: 'https://mailchimp.com/help/set-up-email-domain-authentication/',
    read: '2026-11-29',
  },
  {
    name: 'Brevo',
    includes: [],
    domains: ['mailin.fr', 'brevosend.com'],
    align: 'Authenticate your domain with the Brevo code and the DKIM record.',
    source: 'https://help.brevo.com/hc/en-us/articles/10415456027666',
    read: '2026-11-29',
  },
  {
    name: 'HubSpot',
    includes: [],
    domains: ['hubspotemail.net', 'hubspot.com'],
    align: 'Connect your email sending domain, which sets up DKIM by two CNAME records.',
    source: 'https://knowledge.hubspot.com/email/do-i-need-to-add-hubspot-to-our-spf-record',
    read: '2026-11-29',
  },
  {
    name: 'Constant Contact',
    includes: [],
    domains: ['constantcontact.com', 'msgexch.com'],
    align: 'Self-authenticate your domain with its DKIM CNAME records, or with its TXT record.',
    source:
      'https://knowledgebase.constantcontact.com/email-digital-marketing/articles/KnowledgeBase/5932-self-publishing-for-authentication',
    read: '2026-11-29',
  },
  {
    name: 'Klaviyo',
    includes: [],
    domains: ['klaviyomail.com'],
    align:
      'Set up a branded sending domain; by default mail is sent by the shared domain klaviyomail.com.',
    source:
      'https://help.klaviyo.com/hc/en-us/articles/115000357752-Setting-Up-a-Dedicated-Sending-Domain',
    read: '2026-11-29',
  },
  {
    name: 'ActiveCampaign',
    includes: ['emsd1.com'],
    domains: ['acems1.com', 'activehosted.com'],
    align: 'Set up DKIM for your From domain, and a mailserver domain that matches it.',
    source:
      'https://help.activecampaign.com/hc/en-us/articles/5955748151964-How-to-achieve-Full-Domain-Alignment',
    read: '2026-11-29',
  },
  {
    name: 'Campaign Monitor',
    includes: [],
    domains: ['createsend.com', 'cmail20.com'],
    align: 'Authenticate your sending domain with the DKIM record that it generates.',
    source: 'https://help.campaignmonitor.com/articles/Knowledge/manage-your-own-authentication',
    read: '2026-11-29',
  },
  {
    name: 'Adobe Marketo',
    includes: ['mktomail.com'],
    domains: ['mktomail.com'],
    align: 'Set up DKIM for your From domain; SPF aligns only with a branded return path.',
    source:
      'https://experienceleague.adobe.com/en/docs/marketo/using/getting-started/initial-setup/configure-protocols-for-marketo',
    read: '2026-11-30',
  },
  {
    name: 'GetResponse',
    includes: ['_spf.getresponse.com'],
    domains: ['getresponse.com'],
    align:
      'Authenticate your domain with the records that it shows, and merge its include into your one SPF record.',
    source: 'https://www.getresponse.com/help/how-to-merge-spf-records.html',
    read: '2026-11-30',
  },
  {
    name: 'Zoho Campaigns',
    includes: [],
    domains: ['zcsend.net'],
    align:
      'Authenticate your domain with its SPF and DKIM records; else Gmail shows the mail as sent via zcsend.net.',
    source:
      'https://help.zoho.com/portal/en-gb/community/topic/marketers-space-why-email-authentication-matters-in-zoho-campaigns',
    read: '2026-11-30',
  },
];
