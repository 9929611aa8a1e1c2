import type { MailService } from './service.ts';

/** Services that send mail for applications. */
export const transactional: readonly MailService[] = [
  {
    name: 'Amazon SES',
    includes: ['amazonses.com'],
    domains: ['amazonses.com'],
    align: 'Set up a custom MAIL FROM domain and DKIM for the domain as an identity in SES.',
    source:
      'https://docs.aws.amazon.com/ses/latest/APIReference/API_SetIdentityMailFromDomain.html',
    read: '2026-11-29',
  },
  {
    name: 'Twilio SendGrid',
    includes: ['sendgrid.net'],
    domains: ['sendgrid.net', 'dlivry.co'],
    align:
      'Authenticate your domain with automated security, which gives three CNAME records for DKIM and the MAIL FROM.',
    source:
      'https://www.twilio.com/docs/sendgrid/api-reference/domain-authentication/authenticate-a-domain',
    read: '2026-11-29',
  },
  {
    name: 'Mailgun',
    includes: ['mailgun.org'],
    domains: ['mailgun.org', 'mailgun.net', 'mailgun.info', 'mailgun.us'],
    align:
      'Verify your domain in Mailgun with its SPF and DKIM records; mail then no longer says that it is sent by mailgun.org.',
    source: 'https://documentation.mailgun.com/docs/mailgun/user-manual/domains/domains-verify',
    read: '2026-11-29',
  },
  {
    name: 'Postmark',
    includes: ['spf.mtasv.net'],
    domains: ['mtasv.net'],
    align:
      'Add the DKIM record and a custom Return-Path, a CNAME to pm.mtasv.net; both are then aligned.',
    source: 'https://postmarkapp.com/blog/introducing-full-dmarc-support-with-custom',
    read: '2026-11-29',
  },
  {
    name: 'SparkPost',
    includes: ['sparkpostmail.com'],
    domains: ['sparkpostmail.com'],
    align:
      'Verify your sending domain with DKIM, and make a subdomain of it the bounce domain, a CNAME to sparkpostmail.com.',
    source: 'https://developers.sparkpost.com/api/sending-domains/',
    read: '2026-11-29',
  },
  {
    name: 'Mailchimp Transactional',
    includes: ['spf.mandrillapp.com'],
    domains: ['mandrillapp.com'],
    align:
      'Add the sending domain with its two DKIM records, CNAMEs to dkim1 and dkim2.mandrillapp.com.',
    source: 'https://mailchimp.com/developer/transactional/docs/authentication-delivery/',
    read: '2026-11-29',
  },
  {
    name: 'Mailjet',
    includes: ['spf.mailjet.com'],
    domains: ['mailjet.com'],
    align: 'Set up SPF and DKIM for the domain on its page of sending domains.',
    source:
      'https://documentation.mailjet.com/hc/en-us/articles/360042412734-Authenticating-Domains-with-SPF-DKIM',
    read: '2026-11-29',
  },
  {
    name: 'SMTP2GO',
    includes: [],
    domains: ['smtp2go.com'],
    align:
      'Verify your sender domain with its three CNAME records, which cover the return path and DKIM.',
    source: 'https://support.smtp2go.com/hc/en-gb/articles/28543815517209-SPF-DKIM-and-DMARC',
    read: '2026-11-29',
  },
  {
    name: 'Elastic Email',
    includes: ['_spf.elasticemail.com'],
    domains: ['elasticemail.com'],
    align:
      'Verify your domain: include _spf.elasticemail.com in its SPF record, and add the DKIM record at api._domainkey.',
    source: 'https://elasticemail.com/support/guides/your-domain/',
    read: '2026-11-30',
  },
  {
    name: 'SocketLabs',
    includes: [],
    domains: ['email-od.com'],
    align:
      'Make a subdomain of yours the custom bounce domain, a CNAME to tracking.socketlabs.com; by default it is email-od.com.',
    source: 'https://help.socketlabs.com/docs/custom-bounce-domains',
    read: '2026-11-30',
  },
  {
    name: 'MailChannels',
    includes: ['relay.mailchannels.net'],
    domains: ['mailchannels.net'],
    align: 'Include relay.mailchannels.net in your SPF record, and sign with DKIM for your domain.',
    source: 'https://docs.mailchannels.com/email-api/spf-dkim-dmarc',
    read: '2026-11-30',
  },
  {
    name: 'Oracle Cloud Email Delivery',
    includes: [
      'rp.oracleemaildelivery.com',
      'ap.rp.oracleemaildelivery.com',
      'eu.rp.oracleemaildelivery.com',
    ],
    domains: ['oracleemaildelivery.com'],
    align:
      'Include the domain of the region that you send from in your SPF record, and set up DKIM for the email domain.',
    source: 'https://docs.oracle.com/en-us/iaas/Content/Email/Tasks/configurespf.htm',
    read: '2026-11-30',
  },
];
