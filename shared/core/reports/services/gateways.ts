import type { MailService } from './service.ts';

/** Services that other hosts send through, and services that forward mail. */
export const gateways: readonly MailService[] = [
  {
    name: 'Mimecast',
    includes: ['_netblocks.mimecast.com'],
    domains: ['mimecast.com'],
    align:
      'Include its networks in your SPF record: those of your region, below _netblocks.mimecast.com.',
    source: 'https://mimecastsupport.zendesk.com/hc/en-us/articles/34000792642963',
    read: '2026-11-30',
  },
  {
    name: 'Cloudflare Email Routing',
    includes: ['_spf.mx.cloudflare.net'],
    domains: ['cloudflare.net', 'cloudflare-email.net', 'cloudflare-email.com'],
    align: 'It forwards mail; only DKIM survives that, so see that all your mail is signed.',
    source: 'https://developers.cloudflare.com/email-routing/postmaster/',
    read: '2026-11-30',
    forwards: true,
  },
  {
    name: 'Forward Email',
    includes: ['spf.forwardemail.net'],
    domains: ['forwardemail.net'],
    align: 'It forwards mail; only DKIM survives that, so see that all your mail is signed.',
    source: 'https://github.com/forwardemail/free-email-forwarding/issues/198',
    read: '2026-11-30',
    forwards: true,
  },
];
