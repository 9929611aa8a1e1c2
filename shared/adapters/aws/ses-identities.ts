import {
  DeleteIdentityCommand,
  GetIdentityVerificationAttributesCommand,
  ListIdentitiesCommand,
  SESClient,
  SetIdentityMailFromDomainCommand,
  VerifyDomainIdentityCommand,
  type SESClientConfig,
  type VerificationStatus,
} from '@aws-sdk/client-ses';
import { Throttled } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import {
  IdentityQuotaFull,
  IdentityRefused,
  type SesIdentities,
  type SesIdentity,
} from '#shared/app/ports/identities.ts';
import { isThrottlingName } from './outage.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The client of the control plane. SDK retries are off: SES takes one such call a second, and the caller keeps the rate. */
export function identitiesClient(config: SESClientConfig = {}): SESClient {
  return new SESClient({
    maxAttempts: 1,
    requestHandler: requestTimeouts({ connectionMs: 2_000, requestMs: 10_000 }),
    ...config,
  });
}

/** The most identities of one page of a list. */
const IDENTITIES_A_PAGE = 1_000;

/** Domain identities of SES (API v1). */
export function sesIdentities(client: SESClient): SesIdentities {
  return {
    verify: (domain) =>
      rateLimited('VerifyDomainIdentity', async () => {
        const command = new VerifyDomainIdentityCommand({ Domain: domain });
        const { VerificationToken: token } = await refusing(() => client.send(command));
        if (token === undefined) throw new Error(`SES gave no verification token for ${domain}`);
        return token;
      }),

    setMailFrom: (domain, mailFrom) =>
      rateLimited('SetIdentityMailFromDomain', async () => {
        await client.send(
          new SetIdentityMailFromDomainCommand({
            Identity: domain,
            MailFromDomain: mailFrom,
            BehaviorOnMXFailure: 'UseDefaultValue',
          }),
        );
      }),

    status: (domains) =>
      rateLimited('GetIdentityVerificationAttributes', async () => {
        const command = new GetIdentityVerificationAttributesCommand({ Identities: [...domains] });
        const { VerificationAttributes: known = {} } = await client.send(command);
        return new Map(
          Object.entries(known).map(
            ([domain, { VerificationStatus, VerificationToken: token }]) => [
              domain as DomainName,
              { status: statusOf(VerificationStatus), ...(token === undefined ? {} : { token }) },
            ],
          ),
        );
      }),

    delete: (domain) =>
      rateLimited('DeleteIdentity', async () => {
        await client.send(new DeleteIdentityCommand({ Identity: domain }));
      }),

    list: (from) =>
      rateLimited('ListIdentities', async () => {
        const command = new ListIdentitiesCommand({ MaxItems: IDENTITIES_A_PAGE, NextToken: from });
        const { Identities: page = [], NextToken: cursor } = await client.send(command);
        return { count: page.length, ...(cursor === undefined ? {} : { cursor }) };
      }),
  };
}

/** `TemporaryFailure` and `NotStarted` mean that SES does not know yet. */
function statusOf(status: VerificationStatus | undefined): SesIdentity['status'] {
  if (status === 'Success') return 'ready';
  return status === 'Failed' ? 'failed' : 'preparing';
}

/** The SDK takes a full quota for a throttle; waiting a second does not empty it. */
const quotaNames = new Set(['LimitExceeded', 'LimitExceededException']);

/** @throws IdentityQuotaFull, IdentityRefused where SES says that it made nothing */
async function refusing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (quotaNames.has(error.name)) throw new IdentityQuotaFull(error.message, { cause: error });
    const isOurFault = (error as { $fault?: string }).$fault === 'client';
    if (isOurFault && !isThrottlingName(error.name)) {
      throw new IdentityRefused(error.message, { cause: error });
    }
    throw error;
  }
}

/** @throws Throttled where SES says that the one call a second was used up */
async function rateLimited<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && isThrottlingName(error.name)) {
      throw new Throttled(`SES, asked for ${operation},`, { cause: error });
    }
    throw error;
  }
}
