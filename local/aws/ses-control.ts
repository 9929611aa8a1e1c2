import { AwsError } from './http.ts';
import type { QueryInput } from './query-protocol.ts';
import type { SesIdentities } from './ses-identities.ts';
import type { Identity, MailFrom } from './ses-store.ts';
import { element } from './xml.ts';
import type { Xml } from './xml.ts';

const MAX_IDENTITIES = 100;
export const DAILY_QUOTA = 50_000;

export type ControlOperation = (input: QueryInput) => readonly Xml[];

const entries = <Value>(
  values: readonly (readonly [string, Value])[],
  content: (value: Value) => readonly Xml[],
): readonly Xml[] =>
  values.map(([key, value]) =>
    element('entry', [element('key', key), element('value', content(value))]),
  );

function mxFailureBehavior(input: QueryInput): MailFrom['onMxFailure'] {
  const behavior = input.optional('BehaviorOnMXFailure') ?? 'UseDefaultValue';
  if (behavior === 'UseDefaultValue' || behavior === 'RejectMessage') return behavior;
  throw new AwsError('ValidationError', `${behavior} is no BehaviorOnMXFailure.`);
}

/** Everything but sending, by action; AWS takes one such request a second. */
export function controlOperations(
  identities: SesIdentities,
  quota: { readonly sendRate: () => number; readonly sentInLastDay: () => number },
  activeRuleSet: () => string | undefined,
): Readonly<Record<string, ControlOperation>> {
  const identitiesOf = (input: QueryInput): (readonly [string, Identity])[] => {
    const names = input.only('Identities').members('Identities');
    if (names.length > MAX_IDENTITIES) {
      throw new AwsError(
        'ValidationError',
        `1 validation error detected: Value at 'identities' failed to satisfy constraint: Member must have length less than or equal to ${MAX_IDENTITIES}`,
      );
    }
    // Identities that are not there are left out of the answer.
    return names.flatMap((name) => {
      const identity = identities.find(name);
      return identity === undefined ? [] : [[name, identity] as const];
    });
  };

  const setMailFrom = (input: QueryInput): readonly Xml[] => {
    input.only('Identity', 'MailFromDomain', 'BehaviorOnMXFailure');
    const domain = input.optional('MailFromDomain');
    const onMxFailure = mxFailureBehavior(input);
    const mailFrom = domain === undefined ? undefined : { domain, onMxFailure };
    identities.setMailFrom(input.required('Identity'), mailFrom);
    return [];
  };

  const listIdentities = (input: QueryInput): readonly Xml[] => {
    input.only('IdentityType', 'MaxItems', 'NextToken');
    const count = Number(input.optional('MaxItems') ?? 1000);
    const start = Number(input.optional('NextToken') ?? 0);
    const all = input.optional('IdentityType') === 'EmailAddress' ? [] : identities.list();
    const page = all.slice(start, start + count).map((name) => element('member', name));
    const next = start + count < all.length ? [element('NextToken', String(start + count))] : [];
    return [element('Identities', page), ...next];
  };

  return {
    VerifyDomainIdentity: (input) => [
      element(
        'VerificationToken',
        identities.verify(input.only('Domain').required('Domain')).token,
      ),
    ],
    GetIdentityVerificationAttributes: (input) => [
      element(
        'VerificationAttributes',
        entries(identitiesOf(input), ({ status, token }) => [
          element('VerificationStatus', status),
          element('VerificationToken', token),
        ]),
      ),
    ],
    SetIdentityMailFromDomain: setMailFrom,
    GetIdentityMailFromDomainAttributes: (input) => [
      element(
        'MailFromDomainAttributes',
        entries(identitiesOf(input), ({ mailFrom }) =>
          mailFrom === undefined
            ? [element('BehaviorOnMXFailure', 'UseDefaultValue')]
            : [
                element('MailFromDomain', mailFrom.domain),
                element('MailFromDomainStatus', identities.mailFromStatus(mailFrom)),
                element('BehaviorOnMXFailure', mailFrom.onMxFailure),
              ],
        ),
      ),
    ],
    DeleteIdentity(input) {
      identities.delete(input.only('Identity').required('Identity'));
      return [];
    },
    ListIdentities: listIdentities,
    DescribeActiveReceiptRuleSet(input) {
      input.only();
      const name = activeRuleSet();
      // Without an active rule set the answer is empty.
      return name === undefined ? [] : [element('Metadata', [element('Name', name)])];
    },
    GetSendQuota(input) {
      input.only();
      return [
        element('Max24HourSend', String(DAILY_QUOTA)),
        element('MaxSendRate', String(quota.sendRate())),
        element('SentLast24Hours', String(quota.sentInLastDay())),
      ];
    },
  };
}
