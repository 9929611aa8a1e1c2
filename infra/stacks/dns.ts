/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnOutput, Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  PublicHostedZone,
  RecordSet,
  RecordTarget,
  RecordType,
  TxtRecord,
} from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { reportsHost, shardZones } from '../names.ts';

export interface DnsStackProps extends StackProps {
  readonly config: Config;
}

/**
 * The deployment's zone and, delegated from it, one zone per shard. Functions write the shards'
 * records.
 */
export class DnsStack extends Stack {
  readonly zone: PublicHostedZone;

  constructor(scope: Construct, id: string, { config, ...props }: DnsStackProps) {
    super(scope, id, props);
    const zone = new PublicHostedZone(this, 'Zone', { zoneName: config.zone });
    this.zone = zone;
    zone.applyRemovalPolicy(RemovalPolicy.RETAIN);

    shardZones(config).forEach((zoneName, index) => {
      const shard = new PublicHostedZone(this, `Shard${index + 1}`, { zoneName });
      shard.applyRemovalPolicy(RemovalPolicy.RETAIN);
      retain(
        new RecordSet(this, `Shard${index + 1}Delegation`, {
          zone,
          recordName: `${zoneName}.`,
          recordType: RecordType.NS,
          target: RecordTarget.fromValues(...(shard.hostedZoneNameServers ?? [])),
          ttl: Duration.hours(1),
        }),
      );
    });

    // Authorises reports about any customer's domain to come to our address (RFC 9990 §4).
    retain(
      new TxtRecord(this, 'ReportsAuthorisation', {
        zone,
        recordName: `*._report._dmarc.${reportsHost(config)}.`,
        values: ['v=DMARC1;'],
        ttl: Duration.hours(1),
      }),
    );

    new CfnOutput(this, 'ZoneNameServers', {
      description: `Delegate ${config.zone} to these name servers`,
      value: Fn.join(' ', zone.hostedZoneNameServers ?? []),
    });
  }
}

/** Keeps a record when its stack goes: the zones stay, and customers' records lead through it. */
const retain = (record: RecordSet): void => record.applyRemovalPolicy(RemovalPolicy.RETAIN);
