/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import checkPlanner from '../../lambdas/check-planner/function.ts';
import checker from '../../lambdas/checker/function.ts';
import delegations from '../../lambdas/delegations/function.ts';
import identities from '../../lambdas/identities/function.ts';
import identityPlanner from '../../lambdas/identity-planner/function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import type { DnsStack } from './dns.ts';

export interface VerificationStackProps extends StackProps {
  readonly service: Service;
  readonly dns: DnsStack;
}

/**
 * Makes a claim `verified` and its sending `ready`: checks of the customer's records, and the SES
 * identity that the checks wait for and wake.
 */
export class VerificationStack extends Stack {
  constructor(scope: Construct, id: string, { service, dns, ...props }: VerificationStackProps) {
    super(scope, id, props);
    new ServiceFunction(this, 'Identities', { service, declaration: identities }).allow(
      {
        actions: [
          'ses:DeleteIdentity',
          'ses:GetIdentityVerificationAttributes',
          'ses:SetIdentityMailFromDomain',
          'ses:VerifyDomainIdentity',
        ],
        resources: ['*'],
      },
      'SES has no resource-level permissions for these calls.',
    );
    new ServiceFunction(this, 'IdentityPlanner', { service, declaration: identityPlanner }).allow(
      { actions: ['ses:ListIdentities'], resources: ['*'] },
      'SES has no resource-level permissions for this call.',
    );
    this.#delegations(service, dns);
    new ServiceFunction(this, 'Checker', { service, declaration: checker });
    new ServiceFunction(this, 'CheckPlanner', {
      service,
      declaration: checkPlanner,
      failuresId: 'PlannerFailures',
    });
  }

  /** The zones of delegated subdomains are made as customers delegate them; no template has them. */
  #delegations(service: Service, { zone }: DnsStack): void {
    const { zone: zoneName } = service.config;
    const any = (resource: string): string =>
      this.formatArn({ service: 'route53', region: '', account: '', resource, resourceName: '*' });
    const names = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
    const types = 'route53:ChangeResourceRecordSetsRecordTypes';
    // ForAllValues is true of nothing: a request without the keys must not pass.
    const present = { [names]: 'false', [types]: 'false' };
    const fn = new ServiceFunction(this, 'Delegations', {
      service,
      declaration: delegations,
      environment: { SERVICE_ZONE_ID: zone.hostedZoneId },
    });
    fn.allow(
      {
        actions: [
          'route53:CreateHostedZone',
          'route53:CreateReusableDelegationSet',
          'route53:ListHostedZonesByName',
          'route53:ListReusableDelegationSets',
        ],
        resources: ['*'],
      },
      'Route 53 has no resource-level permissions for these calls.',
    );
    fn.allow(
      {
        actions: ['route53:GetReusableDelegationSetLimit'],
        resources: [any('delegationset')],
      },
      'The id of a delegation set is known only once it is made.',
    );
    fn.allow(
      { actions: ['route53:GetChange'], resources: [any('change')] },
      'The id of a change is known only once it is made.',
    );
    fn.allow(
      {
        actions: ['route53:DeleteHostedZone', 'route53:ListResourceRecordSets'],
        resources: [any('hostedzone')],
      },
      'The ids of zones are known only once they are made; Route 53 deletes none that has records.',
    );
    fn.allow(
      {
        actions: ['route53:ChangeResourceRecordSets'],
        resources: [zone.hostedZoneArn],
        conditions: {
          'ForAllValues:StringLike': { [names]: [`*.ns.${zoneName}`] },
          'ForAllValues:StringEquals': { [types]: ['A', 'AAAA'] },
          Null: present,
        },
      },
      'The addresses of the name servers of labels, and nothing else in the zone of the deployment.',
    );
    fn.allow(
      {
        actions: ['route53:ChangeResourceRecordSets'],
        resources: [any('hostedzone')],
        conditions: {
          'ForAllValues:StringNotLike': { [names]: [zoneName, `*.${zoneName}`] },
          'ForAllValues:StringEquals': { [types]: ['CNAME', 'MX', 'NS', 'TXT'] },
          Null: present,
        },
      },
      'The names are those of customers; the conditions leave out all zones of the deployment.',
    );
  }
}
