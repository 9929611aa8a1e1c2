/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import insync from '../../lambdas/insync/function.ts';
import publisher from '../../lambdas/publisher/function.ts';
import reconciler from '../../lambdas/reconciler/function.ts';
import routeChanges from '../../lambdas/claim-change-router/function.ts';
import type { Config } from '../config.ts';
import { addRevocations, readRevocations } from '../constructs/revocation-bucket.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';

export interface PublishingStackProps extends StackProps {
  readonly service: Service;
}

/**
 * Brings a changed claim to its records in Route 53: claim-change-router, publisher, INSYNC poll,
 * reconciler.
 */
export class PublishingStack extends Stack {
  constructor(scope: Construct, id: string, { service, ...props }: PublishingStackProps) {
    super(scope, id, props);
    // Those that consume a queue come before those that send to it.
    this.#insync(service);
    this.#publisher(service);
    new ServiceFunction(this, 'Relay', { service, declaration: routeChanges });
    this.#reconciler(service);
  }

  #insync(service: Service): void {
    new ServiceFunction(this, 'Insync', { service, declaration: insync }).allow(
      { actions: ['route53:GetChange'], resources: [route53(this, 'change')] },
      'The id of a change is known only once it is made.',
    );
  }

  #publisher(service: Service): void {
    const fn = new ServiceFunction(this, 'Publisher', { service, declaration: publisher });
    this.#listRecords(fn);
    fn.allow(
      {
        actions: ['route53:ChangeResourceRecordSets'],
        resources: [route53(this, 'hostedzone')],
        conditions: onlyHostedRecords(service.config),
      },
      'The ids of 200 zones do not fit into a policy; the conditions leave only TXT records below a shard.',
    );
  }

  #reconciler(service: Service): void {
    const { revocations } = service;
    const fn = new ServiceFunction(this, 'Reconciler', {
      service,
      declaration: reconciler,
      environment: { REVOCATIONS_BUCKET: revocations.bucketName },
    });
    this.#listRecords(fn);
    readRevocations(fn, revocations);
    addRevocations(fn, revocations);
  }

  #listRecords(fn: ServiceFunction): void {
    fn.allow(
      { actions: ['route53:ListHostedZonesByName'], resources: ['*'] },
      'Route 53 has no resource-level permissions for this call.',
    );
    fn.allow(
      { actions: ['route53:ListResourceRecordSets'], resources: [route53(this, 'hostedzone')] },
      'The ids of 200 zones do not fit into a policy; what is listed is public in DNS.',
    );
  }
}

/** Every change or every hosted zone. */
const route53 = (stack: Stack, resource: 'change' | 'hostedzone'): string =>
  stack.formatArn({ service: 'route53', region: '', account: '', resource, resourceName: '*' });

/**
 * Only TXT records below a shard: this policy opens no other zone of the account. `?` matches one
 * digit of the shard's number, since a policy has no room for 200 names.
 */
function onlyHostedRecords({ zone, shards }: Config): Record<string, Record<string, unknown>> {
  const digits = Array.from({ length: String(shards).length }, (_, index) => '?'.repeat(index + 1));
  const names = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
  const types = 'route53:ChangeResourceRecordSetsRecordTypes';
  return {
    'ForAllValues:StringLike': { [names]: digits.map((number) => `*.s${number}.${zone}`) },
    'ForAllValues:StringEquals': { [types]: ['TXT'] },
    // ForAllValues is true of nothing: a request without the keys must not pass.
    Null: { [names]: 'false', [types]: 'false' },
  };
}
