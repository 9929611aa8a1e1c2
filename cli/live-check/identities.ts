import {
  DeleteIdentityCommand,
  GetIdentityMailFromDomainAttributesCommand,
  GetIdentityVerificationAttributesCommand,
  ListIdentitiesCommand,
  SetIdentityMailFromDomainCommand,
  VerifyDomainIdentityCommand,
} from '@aws-sdk/client-ses';
import { type Bytes, type Check, CouldNot, demand } from './check.ts';
import type { Lab } from './lab.ts';

/** A domain of ours in the account's identities, until the end. */
async function freshIdentity(lab: Lab, bytes: Bytes, part: string): Promise<[string, string]> {
  const domain = `${part}.${lab.fresh}.${lab.domain}`;
  lab.undo(`the identity ${domain}`, async () => {
    await lab.sleep(SECOND);
    await lab.ses.send(new DeleteIdentityCommand({ Identity: domain }));
  });
  return [domain, await verify(lab, bytes, domain)];
}

/** SES takes one control call a second. */
const SECOND = 1_100;

async function verify(lab: Lab, bytes: Bytes, domain: string): Promise<string> {
  await lab.sleep(SECOND);
  const { VerificationToken: token = '' } = await bytes.of(`VerifyDomainIdentity ${domain}`, () =>
    lab.ses.send(new VerifyDomainIdentityCommand({ Domain: domain })),
  );
  return token;
}

async function stateOf(lab: Lab, bytes: Bytes, domain: string) {
  await lab.sleep(SECOND);
  const { VerificationAttributes: all = {} } = await bytes.of(
    `GetIdentityVerificationAttributes ${domain}`,
    () => lab.ses.send(new GetIdentityVerificationAttributesCommand({ Identities: [domain] })),
  );
  return all[domain];
}

export const identities = {
  'identity-token': {
    line: 'A new identity has a token of 44 characters of base64, which the attributes have too.',
    async run(lab, bytes) {
      const [domain, token] = await freshIdentity(lab, bytes, 'token');
      demand(/^[A-Za-z0-9+/=]{44}$/.test(token), `The token is "${token}".`);
      const state = await stateOf(lab, bytes, domain);
      demand(
        state?.VerificationToken === token,
        `The attributes have ${state?.VerificationToken}.`,
      );
    },
  },
  'identity-pending': {
    line: 'A new identity is Pending.',
    async run(lab, bytes) {
      const [domain] = await freshIdentity(lab, bytes, 'pending');
      const state = await stateOf(lab, bytes, domain);
      demand(state?.VerificationStatus === 'Pending', `It is ${state?.VerificationStatus}.`);
    },
  },
  'identity-again': {
    line: 'Asking for a pending identity again gives the same token.',
    async run(lab, bytes) {
      const [domain, token] = await freshIdentity(lab, bytes, 'again');
      const again = await verify(lab, bytes, domain);
      demand(again === token, `The token was ${token}, and then ${again}.`);
    },
  },
  'identity-verified-again': {
    line: 'VerifyDomainIdentity of a verified identity keeps its state and its token.',
    row: '`VerifyDomainIdentity` on a verified identity',
    async run(lab, bytes) {
      const before = await stateOf(lab, bytes, lab.domain);
      if (before?.VerificationStatus !== 'Success') {
        throw new CouldNot(`SES has not verified ${lab.domain}: claim it first, or name another.`);
      }
      const token = await verify(lab, bytes, lab.domain);
      const after = await stateOf(lab, bytes, lab.domain);
      demand(after?.VerificationStatus === 'Success', `It is ${after?.VerificationStatus} now.`);
      demand(
        before.VerificationToken === undefined || token === before.VerificationToken,
        `The token was ${before.VerificationToken}, and is ${token} now.`,
      );
    },
  },
  'identity-listed': {
    line: 'ListIdentities has an identity as soon as it was made.',
    async run(lab, bytes) {
      const [domain] = await freshIdentity(lab, bytes, 'listed');
      await lab.sleep(SECOND);
      const { Identities: all = [] } = await bytes.of('ListIdentities', () =>
        lab.ses.send(new ListIdentitiesCommand({ IdentityType: 'Domain', MaxItems: 1_000 })),
      );
      if (all.length >= 1_000) throw new CouldNot('The account has more identities than a page.');
      demand(all.includes(domain), `${domain} is not among ${all.length}.`);
    },
  },
  'mail-from': {
    line: 'A MAIL FROM that was set is in the attributes, Pending until its MX is found.',
    async run(lab, bytes) {
      const [domain] = await freshIdentity(lab, bytes, 'from');
      await lab.sleep(SECOND);
      await bytes.of('SetIdentityMailFromDomain', () =>
        lab.ses.send(
          new SetIdentityMailFromDomainCommand({
            Identity: domain,
            MailFromDomain: `bounces.${domain}`,
            BehaviorOnMXFailure: 'UseDefaultValue',
          }),
        ),
      );
      await lab.sleep(SECOND);
      const { MailFromDomainAttributes: all = {} } = await bytes.of(
        'GetIdentityMailFromDomainAttributes',
        () =>
          lab.ses.send(new GetIdentityMailFromDomainAttributesCommand({ Identities: [domain] })),
      );
      const { MailFromDomain: name, MailFromDomainStatus: status } = all[domain] ?? {};
      demand(name === `bounces.${domain}`, `It is ${name}.`);
      demand(status === 'Pending' || status === 'Failed', `It is ${status}.`);
    },
  },
  'identity-deleted': {
    line: 'An identity that was deleted is gone, and deleting it again is no error.',
    async run(lab, bytes) {
      const [domain] = await freshIdentity(lab, bytes, 'deleted');
      for (const time of ['first', 'second']) {
        await lab.sleep(SECOND);
        await bytes.of(`DeleteIdentity, the ${time} time`, () =>
          lab.ses.send(new DeleteIdentityCommand({ Identity: domain })),
        );
      }
      demand((await stateOf(lab, bytes, domain)) === undefined, 'It still has attributes.');
    },
  },
} as const satisfies Readonly<Record<string, Check>>;
