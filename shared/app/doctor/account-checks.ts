import type { Account } from '../ports/account.ts';
import type { Finding } from './finding.ts';
import type { Plan } from './plan.ts';

type Found = Omit<Finding, 'check'> | undefined;

interface Check {
  /** The reads that it makes, for the message where one fails. */
  readonly of: string;
  readonly run: (account: Account, plan: Plan, isDeployed: boolean) => Promise<Found>;
}

const number = (value: number): string => value.toLocaleString('en');

/** Calls at once that no function may keep (https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html). */
const UNKEPT = 100;

/** Recipients a second and a day of an account that AWS has not raised. */
const LOWEST = { perSecond: 1, perDay: 200 };

/** Every check of an account, by the name of its finding. */
export const accountChecks = {
  'lambda-concurrency': {
    of: 'lambda:GetAccountSettings',
    async run(account, { concurrency, region }) {
      const limit = await account.concurrency();
      if (limit >= concurrency) return undefined;
      return {
        severity: 'hinders',
        says: `Lambda runs at most ${number(limit)} functions at once in this account, and the service needs ${number(concurrency)} at its busiest.`,
        todo: `Ask for 1,000 in Service Quotas (Lambda, Concurrent executions, ${region}); AWS mostly grants that within a day.`,
      };
    },
  },
  'kept-concurrency': {
    of: 'lambda:GetAccountSettings',
    async run(account, { keptConcurrency: kept }) {
      if (kept === 0) return undefined;
      const limit = await account.concurrency();
      if (limit - kept >= UNKEPT) return undefined;
      return {
        severity: 'stops',
        says: `The configuration has Lambda keep ${number(kept)} calls at once for the functions authorizer and messages, of ${number(limit)} in the account; Lambda refuses to leave fewer than ${UNKEPT} for all others.`,
        todo: 'Set concurrency.authorizer and concurrency.messages to 0 until AWS has raised the quota of concurrent executions.',
      };
    },
  },
  'ses-stopped': {
    of: 'ses:GetAccount',
    async run(account) {
      const { enabled } = await account.sending();
      if (enabled) return undefined;
      return {
        severity: 'hinders',
        says: 'AWS has stopped the sending of this account at SES.',
        todo: 'Open the SES console, Account dashboard; it says why, and how to appeal.',
      };
    },
  },
  'ses-sandbox': {
    of: 'ses:GetAccount',
    async run(account, { region }) {
      const { production } = await account.sending();
      if (production) return undefined;
      return {
        severity: 'hinders',
        says: `The account is in the sandbox of SES in ${region}: it sends to verified addresses only.`,
        todo: 'Ask for production access in the SES console (Account dashboard); AWS answers within a day.',
      };
    },
  },
  'ses-rate': {
    of: 'ses:GetAccount',
    async run(account) {
      const { production, perSecond, perDay } = await account.sending();
      if (!production || (perSecond > LOWEST.perSecond && perDay > LOWEST.perDay)) return undefined;
      return {
        severity: 'hinders',
        says: `SES lets this account send to ${number(perSecond)} recipients a second and ${number(perDay)} a day.`,
        todo: 'Ask for the rate that you need in Service Quotas (Amazon SES, sending quota and rate).',
      };
    },
  },
  'ses-identities': {
    of: 'ses:ListIdentities',
    async run(account, { identities: { quota, alarmPercent } }) {
      const { length: count } = await account.identities();
      if (count < (quota * alarmPercent) / 100) return undefined;
      return {
        severity: 'hinders',
        says: `SES has ${number(count)} identities already, of ${number(quota)} that ses.identityQuota allows: each domain takes one.`,
        todo: 'Delete those that nothing sends by, or have the quota raised and set ses.identityQuota to it.',
      };
    },
  },
  'inbound-identity': {
    of: 'ses:ListIdentities',
    async run(account, { inbound }, isDeployed) {
      if (inbound === undefined || isDeployed) return undefined;
      const identities = await account.identities();
      if (!identities.includes(inbound.identity)) return undefined;
      return {
        severity: 'stops',
        says: `SES has the identity ${inbound.identity} already, which the deployment makes for DMARC reports.`,
        todo: `Delete it (aws ses delete-identity --identity ${inbound.identity}): an earlier deployment left it, and its records are made again.`,
      };
    },
  },
  'inbound-rule-set': {
    of: 'ses:DescribeActiveReceiptRuleSet',
    async run(account, { inbound }) {
      const active = await account.activeRuleSet();
      if (inbound === undefined || active === undefined || active === inbound.ruleSet) {
        return undefined;
      }
      return {
        severity: 'hinders',
        says: `SES applies the receipt rule set ${active}, and an account has one active set: no DMARC report would come in.`,
        todo: `After the deployment, add a rule like the rule "reports" of ${inbound.ruleSet} to ${active} (docs/deploy.md).`,
      };
    },
  },
  'zones-there': {
    of: 'route53:ListHostedZonesByName',
    async run(account, { zones }, isDeployed) {
      if (isDeployed) return undefined;
      const found = await account.zones(zones);
      if (found.length === 0) return undefined;
      const names = found.map(({ name, id }) => `${name} (${id})`).join(', ');
      return {
        severity: 'stops',
        says: `The account has hosted zones of these names already: ${names}. The deployment would make others, with other name servers, and leave customers pointing at the old ones.`,
        todo: 'If customers point at them, bring them under the new deployment (docs/operate.md#after-a-stack-was-deleted); otherwise delete them.',
      };
    },
  },
  'zone-quota': {
    of: 'route53:GetAccountLimit',
    async run(account, { zones }, isDeployed) {
      const { limit, used } = await account.zoneQuota();
      const missing = isDeployed
        ? zones.length - (await account.zones(zones)).length
        : zones.length;
      if (used + missing <= limit) return undefined;
      return {
        severity: 'stops',
        says: `Route 53 allows ${number(limit)} hosted zones, of which ${number(used)} are used, and the deployment makes ${number(missing)}.`,
        todo: 'Have the quota raised in Service Quotas (Route 53, Hosted zones), or lower shards before the first deployment.',
      };
    },
  },
  leftovers: {
    of: 'dynamodb:ListTables',
    async run(account, { tables: { prefix, names } }, isDeployed) {
      if (isDeployed) return undefined;
      const there = new Set(await account.tables(prefix));
      const left = names.filter((name) => there.has(`${prefix}${name}`));
      if (left.length === 0) return undefined;
      return {
        severity: 'stops',
        says: `An earlier deployment left ${number(left.length)} tables (${left.map((name) => prefix + name).join(', ')}), whose names the deployment needs.`,
        todo: 'If they hold what you need, bring them under the new deployment (docs/operate.md#after-a-stack-was-deleted); otherwise switch off their deletion protection and delete them, or choose another name.',
      };
    },
  },
  'wrapping-key': {
    of: 'kms:DescribeKey',
    async run(account, { wrappingKeyAlias: alias }, isDeployed) {
      if (isDeployed || !(await account.hasKey(alias))) return undefined;
      return {
        severity: 'stops',
        says: `KMS has a key of the alias ${alias} already. A new wrapping key cannot open the private keys that the old one wrapped.`,
        todo: 'Bring it under the new deployment with the tables (docs/operate.md#after-a-stack-was-deleted); delete the alias only if no private key is needed any more.',
      };
    },
  },
  delegation: {
    of: 'route53:GetHostedZone',
    async run(account, { zone }, isDeployed) {
      if (!isDeployed) return undefined;
      const [found] = await account.zones([zone]);
      if (found === undefined) return undefined;
      const inDns = new Set(await account.delegation(zone));
      const missing = found.nameServers.filter((server) => !inDns.has(server));
      if (missing.length === 0 && inDns.size === found.nameServers.length) return undefined;
      const now =
        inDns.size === 0 ? 'is not delegated' : `is delegated to ${[...inDns].join(', ')}`;
      return {
        severity: 'hinders',
        says: `${zone} ${now}; its name servers are ${found.nameServers.join(', ')}.`,
        todo: `Enter exactly these four as the NS records of ${zone} at its parent.`,
      };
    },
  },
} as const satisfies Record<string, Check>;

/**
 * Runs every check of an account. What cannot be read is a finding too.
 *
 * @returns nothing where a deployment can begin, or goes on as it should
 */
export async function examineAccount(account: Account, plan: Plan): Promise<Finding[]> {
  let isDeployed: boolean;
  try {
    isDeployed = await account.hasFunction(plan.function);
  } catch (error) {
    // Without it no check knows what is left over and what is in use.
    return [unread('deployed', 'lambda:GetFunction', error)];
  }
  const findings: Finding[] = [];
  for (const [check, { of, run }] of Object.entries<Check>(accountChecks)) {
    try {
      const found = await run(account, plan, isDeployed);
      if (found !== undefined) findings.push({ check, ...found });
    } catch (error) {
      findings.push(unread(check, of, error));
    }
  }
  return findings;
}

const unread = (check: string, of: string, error: unknown): Finding => ({
  check,
  severity: 'unknown',
  says: `The account could not be read: ${(error as Error).name}: ${(error as Error).message}`,
  todo: `Run it with credentials of the account that may call ${of}.`,
});
