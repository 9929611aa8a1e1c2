import {
  GetIdentityMailFromDomainAttributesCommand,
  GetIdentityVerificationAttributesCommand,
  SESClient,
  SetIdentityMailFromDomainCommand,
  VerifyDomainIdentityCommand,
} from '@aws-sdk/client-ses';
import type { LocalRun } from '../../../cli/service/run.ts';

/** The account's SES as somebody beside the service uses it: the console, or another system. */
export class SesAccount {
  readonly #client: SESClient;

  constructor({ endpoints: { aws } }: LocalRun) {
    const { endpoint, region, accessKeyId, secretAccessKey } = aws;
    // It shares SES's one call a second with the service.
    const credentials = { accessKeyId, secretAccessKey };
    this.#client = new SESClient({ endpoint, region, credentials, maxAttempts: 10 });
  }

  /** @returns the token for `_amazonses.<domain>` */
  async makeIdentity(domain: string, mailFrom: string): Promise<string> {
    const made = await this.#client.send(new VerifyDomainIdentityCommand({ Domain: domain }));
    await this.#client.send(
      new SetIdentityMailFromDomainCommand({
        Identity: domain,
        MailFromDomain: mailFrom,
        BehaviorOnMXFailure: 'RejectMessage',
      }),
    );
    return made.VerificationToken!;
  }

  /** All that SES has of an identity. */
  async identity(domain: string) {
    const asked = { Identities: [domain] };
    const verification = await this.#client.send(
      new GetIdentityVerificationAttributesCommand(asked),
    );
    const mailFrom = await this.#client.send(new GetIdentityMailFromDomainAttributesCommand(asked));
    return {
      verification: verification.VerificationAttributes?.[domain],
      mailFrom: mailFrom.MailFromDomainAttributes?.[domain],
    };
  }

  close(): void {
    this.#client.destroy();
  }
}
