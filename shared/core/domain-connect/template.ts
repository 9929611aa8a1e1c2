import type { Deployment } from '../model/deployment.ts';
import type { DomainName, Label, ShardName } from '../model/names.ts';
import { kindOf, cnameRecords, type CustomerRecord } from '../records/customer-records.ts';
import type { RecordPurpose } from '../records/kinds/index.ts';
import type { DomainConnectService } from './service.ts';

interface Placed {
  /** Groups select the records to write; ours are the records' purposes. */
  readonly groupId: RecordPurpose;
  /** Relative to the domain that the template is applied to; `@` is that domain itself. */
  readonly host: string;
  /** Absent: the provider keeps the record as it is for as long as the template is applied. */
  readonly essential?: 'OnApply';
}

/** A record of a template, with variables between percent signs (§6.2). */
export type TemplateRecord = Placed &
  (
    | { readonly type: 'CNAME'; readonly pointsTo: string; readonly ttl: number }
    | {
        readonly type: 'MX';
        readonly pointsTo: string;
        readonly priority: number;
        readonly ttl: number;
      }
    | { readonly type: 'TXT'; readonly data: string; readonly ttl: number }
    /** Rules that the provider merges into the SPF record there, or makes one of (§9.4). */
    | { readonly type: 'SPFM'; readonly spfRules: string }
  );

/** A template as providers take it (§6.1). */
export interface Template {
  readonly providerId: string;
  readonly providerName: string;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly version: number;
  readonly logoUrl?: string;
  readonly description: string;
  readonly variableDescription: string;
  readonly syncPubKeyDomain: string;
  readonly syncRedirectDomain: string;
  readonly records: readonly TemplateRecord[];
}

/** The variables of the template: where a claim's hosted names are, and what SES gave for the domain. */
export interface TemplateValues {
  readonly label: string;
  /** The number of the claim's shard. */
  readonly shard: string;
  readonly sestoken: string;
}

/** Seconds, as in the zone files that customers export. */
const TTL = 3600;
const APEX = '@';

/** The placeholder for the domain where the records are written as a template. */
const placeholder = 'domain.invalid' as DomainName;

/**
 * The template of the service, to be submitted to DNS providers: a customer's records
 * (`pointingRecords`) with variables in place of what differs from claim to claim. All else is
 * fixed, so that the template can write only our own records (§6.3.3, §12.1). Requests must be
 * signed (`syncPubKeyDomain`), so it does not set the deprecated `warnPhishing`.
 *
 * @param version to be raised with every change of a template that providers have
 */
export function domainConnectTemplate(
  deployment: Deployment,
  service: DomainConnectService,
  version: number,
): Template {
  const { providerId, providerName, serviceId, serviceName, logoUrl, dashboard } = service;
  const records = cnameRecords(
    {
      domain: placeholder,
      label: '%label%' as Label,
      shard: `s%shard%.${deployment.zone}` as ShardName,
      keys: deployment.selectors.map((selector) => ({ selector })),
      spf: {},
    },
    { token: '%sestoken%' },
    deployment,
  );
  return {
    providerId,
    providerName,
    serviceId,
    serviceName,
    version,
    ...(logoUrl === undefined ? {} : { logoUrl }),
    description:
      'Lets the service sign mail from the domain (DKIM), send it by Amazon SES with a bounce address of the domain, and keep its SPF and DMARC records right.',
    variableDescription:
      'label: the random label of the domain at the service; shard: the number of the zone below which the service hosts the records of the domain; sestoken: the value by which Amazon SES knows the domain, whose form SES prescribes',
    syncPubKeyDomain: deployment.zone,
    syncRedirectDomain: dashboard,
    records: records.flatMap((record) => templateRecord(record) ?? []),
  };
}

function templateRecord({ purpose: groupId, name, type, value = '' }: CustomerRecord) {
  const host = name === placeholder ? APEX : name.slice(0, -`.${placeholder}`.length);
  const placed: Placed = { groupId, host };
  if (type === 'MX') {
    const [priority, pointsTo = ''] = value.split(' ');
    return { type, ...placed, pointsTo, priority: Number(priority), ttl: TTL } as const;
  }
  if (type === 'TXT') {
    const rules = /^v=spf1 (.+) .all$/.exec(value)?.[1];
    return rules === undefined
      ? ({ type, ...placed, data: value, ttl: TTL } as const)
      : ({ type: 'SPFM', ...placed, spfRules: rules } as const);
  }
  // Of delegated domains alone, for which there is no template.
  if (type === 'NS') return undefined;
  // A customer who later wants a DMARC record of their own may have it without losing the others.
  const essential = kindOf({ purpose: groupId }).isReplaceable
    ? ({ essential: 'OnApply' } as const)
    : {};
  return { type, ...placed, ...essential, pointsTo: value, ttl: TTL } as const;
}

/** The file name that the registry of templates asks for. */
export const templateFileName = ({ providerId, serviceId }: DomainConnectService): string =>
  `${providerId}.${serviceId}.json`.toLowerCase();
