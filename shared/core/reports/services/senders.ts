import { type MailService, READ } from './service.ts';

/** Services whose own pages say how their customers' mail comes to pass DMARC. */
export const senders: readonly MailService[] = [
  {
    name: 'Google Workspace',
    includes: ['_spf.google.com'],
    domains: ['google.com', 'gappssmtp.com'],
    align:
      'Turn DKIM on for your domain in the Admin console; by default mail is signed for gappssmtp.com.',
    source: 'https://support.google.com/a/answer/174124',
    read: READ,
  },
  {
    name: 'Microsoft 365',
    includes: ['spf.protection.outlook.com'],
    domains: ['outlook.com', 'onmicrosoft.com'],
    align:
      'Include spf.protection.outlook.com in your SPF record, and enable DKIM for your custom domain.',
    source: 'https://learn.microsoft.com/defender-office-365/email-authentication-spf-configure',
    read: READ,
  },
  {
    name: 'Amazon SES',
    includes: ['amazonses.com'],
    domains: ['amazonses.com'],
    align: 'Set up a custom MAIL FROM domain and DKIM for the domain as an identity in SES.',
    source:
      'https://docs.aws.amazon.com/ses/latest/APIReference/API_SetIdentityMailFromDomain.html',
    read: READ,
  },
  {
    name: 'Mailchimp',
    includes: ['servers.mcsv.net'],
    domains: ['mcsv.net', 'mcdlv.net', 'rsgsv.net'],
    align: 'Authenticate your domain in Mailchimp, by the CNAME records that it shows.',
    source: 'https://mailchimp.com/help/set-up-email-domain-authentication/',
    read: READ,
  },
  {
    name: 'Twilio SendGrid',
    includes: ['sendgrid.net'],
    domains: ['sendgrid.net', 'dlivry.co'],
    align:
      'Authenticate your domain with automated security, which gives three CNAME records for DKIM and the MAIL FROM.',
    source:
      'https://www.twilio.com/docs/sendgrid/api-reference/domain-authentication/authenticate-a-domain',
    read: READ,
  },
  {
    name: 'Mailgun',
    includes: ['mailgun.org'],
    domains: ['mailgun.org', 'mailgun.net', 'mailgun.info', 'mailgun.us'],
    align:
      'Verify your domain in Mailgun with its SPF and DKIM records; mail then no longer says that it is sent by mailgun.org.',
    source: 'https://documentation.mailgun.com/docs/mailgun/user-manual/domains/domains-verify',
    read: READ,
  },
  {
    name: 'Postmark',
    includes: ['spf.mtasv.net'],
    domains: ['mtasv.net'],
    align:
      'Add the DKIM record and a custom Return-Path, a CNAME to pm.mtasv.net; both are then aligned.',
    source: 'https://postmarkapp.com/blog/introducing-full-dmarc-support-with-custom',
    read: READ,
  },
  {
    name: 'SparkPost',
    includes: ['sparkpostmail.com'],
    domains: ['sparkpostmail.com'],
    align:
      'Verify your sending domain with DKIM, and make a subdomain of it the bounce domain, a CNAME to sparkpostmail.com.',
    source: 'https://developers.sparkpost.com/api/sending-domains/',
    read: READ,
  },
  {
    name: 'Brevo',
    includes: [],
    domains: ['mailin.fr', 'brevosend.com'],
    align: 'Authenticate your domain with the Brevo code and the DKIM record.',
    source: 'https://help.brevo.com/hc/en-us/articles/10415456027666',
    read: READ,
  },
  {
    name: 'HubSpot',
    includes: [],
    domains: ['hubspotemail.net', 'hubspot.com'],
    align: 'Connect your email sending domain, which sets up DKIM by two CNAME records.',
    source: 'https://knowledge.hubspot.com/email/do-i-need-to-add-hubspot-to-our-spf-record',
    read: READ,
  },
  {
    name: 'Zendesk',
    includes: ['mail.zendesk.com'],
    domains: ['zendesk.com', 'zdsys.com'],
    align: 'Add the CNAME records of its domain keys, and enable digital signatures with DKIM.',
    source: 'https://support.zendesk.com/hc/pt-br/articles/4408822303386',
    read: READ,
  },
  {
    name: 'Constant Contact',
    includes: [],
    domains: ['constantcontact.com', 'msgexch.com'],
    align: 'Self-authenticate your domain with its DKIM CNAME records, or with its TXT record.',
    source:
      'https://knowledgebase.constantcontact.com/email-digital-marketing/articles/KnowledgeBase/5932-self-publishing-for-authentication',
    read: READ,
  },
  {
    name: 'SMTP2GO',
    includes: [],
    domains: ['smtp2go.com'],
    align:
      'Verify your sender domain with its three CNAME records, which cover the return path and DKIM.',
    source: 'https://support.smtp2go.com/hc/en-gb/articles/28543815517209-SPF-DKIM-and-DMARC',
    read: READ,
  },
  {
    name: 'Mailchimp Transactional',
    includes: ['spf.mandrillapp.com'],
    domains: ['mandrillapp.com'],
    align:
      'Add the sending domain with its two DKIM records, CNAMEs to dkim1 and dkim2.mandrillapp.com.',
    source: 'https://mailchimp.com/developer/transactional/docs/authentication-delivery/',
    read: READ,
  },
  {
    name: 'Mailjet',
    includes: ['spf.mailjet.com'],
    domains: ['mailjet.com'],
    align: 'Set up SPF and DKIM for the domain on its page of sending domains.',
    source:
      'https://documentation.mailjet.com/hc/en-us/articles/360042412734-Authenticating-Domains-with-SPF-DKIM',
    read: READ,
  },
  {
    name: 'Klaviyo',
    includes: [],
    domains: ['klaviyomail.com'],
    align:
      'Set up a branded sending domain; by default mail is sent by the shared domain klaviyomail.com.',
    source:
      'https://help.klaviyo.com/hc/en-us/articles/115000357752-Setting-Up-a-Dedicated-Sending-Domain',
    read: READ,
  },
  {
    name: 'ActiveCampaign',
    includes: ['emsd1.com'],
    domains: ['acems1.com', 'activehosted.com'],
    align: 'Set up DKIM for your From domain, and a mailserver domain that matches it.',
    source:
      'https://help.activecampaign.com/hc/en-us/articles/5955748151964-How-to-achieve-Full-Domain-Alignment',
    read: READ,
  },
  {
    name: 'Campaign Monitor',
    includes: [],
    domains: ['createsend.com', 'cmail20.com'],
    align: 'Authenticate your sending domain with the DKIM record that it generates.',
    source: 'https://help.campaignmonitor.com/articles/Knowledge/manage-your-own-authentication',
    read: READ,
  },
  {
    name: 'Intercom',
    includes: [],
    domains: ['intercom-mail.com', 'intercom-mail.eu'],
    align:
      'Connect your domain with its CNAME records for DKIM and the return path, in place of the shared intercom-mail.com.',
    source:
      'https://www.intercom.com/help/en/articles/11183745-troubleshooting-email-authentication-issues-dkim-dmarc-and-dns-setup',
    read: READ,
  },
];
