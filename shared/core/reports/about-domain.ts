import type { AggregateReport } from './aggregate-report.ts';
import type { Group } from './group.ts';

/** Returns true if a report is about a domain or a name below it. */
export const isAbout = ({ domain }: Pick<AggregateReport, 'domain'>, claimed: string): boolean =>
  domain === claimed || domain.endsWith(`.${claimed}`);

/**
 * The groups of a report as a claim's own: those of a report about a name below the claim's domain
 * keep that name, and are mail from a subdomain.
 */
export const groupsFor = (
  { domain, groups }: Pick<AggregateReport, 'domain' | 'groups'>,
  claimed: string,
): readonly Group[] =>
  domain === claimed
    ? groups
    : groups.map((group) => ({
        ...group,
        scope: group.scope === 'domain' ? 'subdomain' : group.scope,
        policyDomain: domain.slice(0, MAX_NAME),
      }));

/** The length of a DNS name. */
const MAX_NAME = 253;
