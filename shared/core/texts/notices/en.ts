import type { NoticeTexts } from './texts.ts';

export const en: NoticeTexts = {
  subject: '{what}: {happened}',
  domains: '{count} domains',
  intro: 'A notice from {sender} about the account {account}.',
  more: 'and {count} more',
  record: 'TXT record {name}, new value {value}',
  button: 'Open the dashboard',
  why: 'You get this mail because the account {account} named your address for notices. Who manages the account can change that on the page Notices of the dashboard.',
  events: {
    'domain.at_risk': [
      'a DNS record broke',
      'Mail is still signed. Correct the record soon: the dashboard shows what is there and what should be.',
    ],
    'domain.expiring': [
      'no DNS record was ever seen',
      'Add the records; else the service stops waiting for them in 14 days.',
    ],
    'domain.verified': ['all DNS records are right again', 'There is nothing to do.'],
    'domain.lost': [
      'no mail is sent any more',
      'DNS no longer proves that the domain is yours. Restore its records: mail is sent again as soon as they are right.',
    ],
    'domain.expired': [
      'the domain expired',
      'None of its records was ever seen. Add the domain again if you need it: its records are the same as before.',
    ],
    'rotation.prepared': [
      'a DKIM record is to be changed',
      'A new key is prepared. It signs as soon as your DNS shows the new value; until then the current one does.',
    ],
    'rotation.held_back': [
      'the change to the next key waits',
      'The current key goes on signing. The service tries again every day; the dashboard shows what it waits for.',
    ],
    'signing.held': [
      'mail waits for a DNS record',
      'Your DNS shows none of the keys, so that receivers could not verify mail. Restore the DKIM records soon: the mail then leaves by itself.',
    ],
    'sending.paused': [
      'sending is paused',
      'Too much of the mail bounced or was reported as spam. It waits until the operator decides.',
    ],
    'sending.slowed': [
      'mail is sent more slowly',
      'Too much of the mail bounced or was reported as spam. Remove addresses that do not exist from your lists.',
    ],
    'sending.resumed': [
      'mail is sent as before',
      'Bounces and complaints are back to what is usual. There is nothing to do.',
    ],
    'policy.changed': [
      'the DMARC policy took a step',
      'The record that yours points at has the new value. There is nothing to do.',
    ],
    'policy.held': ['the DMARC plan takes no step', 'The dashboard shows what it waits for.'],
    'api_key.created': ['an API key was made', 'If nobody of yours made it, revoke it.'],
    'api_key.revoked': ['an API key was revoked', 'Programs that use it are refused from now on.'],
    'user.invited': ['a user was invited', 'If nobody of yours did it, remove the user.'],
    'user.removed': ['a user was removed', 'They can no longer sign in.'],
  },
};
