import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parseDomainName } from '#shared/core/model/names.ts';
import { domainConnectTemplate, templateFileName } from '#shared/core/domain-connect/template.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import {
  applyTemplate,
  type OnboardedTemplate,
  type ZoneRecord,
} from '../../../support/dns-provider.ts';
import { service } from './service.ts';

const template = domainConnectTemplate(deployment, service, 1);
const onboarded = JSON.parse(JSON.stringify(template)) as OnboardedTemplate;
const token = 'dG9r/ZW4+dG9rZW4=';

/** The record types that we use, by the draft's §3 and §6 and the registry's schema. */
const id = z.string().regex(/^[A-Za-z0-9._-]{1,63}$/);
const domainName = z.string().regex(/^(?:[a-z0-9_-]{1,63}\.)+[a-z]{2,}$/);
const templated = z
  .string()
  .regex(/^(?:[a-z0-9._-]|%[A-Za-z0-9_-]+%)+$/)
  // The registry's linter refuses a variable that is all of a host or of what is pointed at.
  .regex(/^(?!%[^%]*%$)/);
const placed = {
  groupId: id,
  host: z.union([z.literal('@'), templated]),
  ttl: z.int().positive(),
};
const record = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('CNAME'),
    ...placed,
    // A CNAME at the apex would need `hostRequired`.
    host: templated,
    pointsTo: templated,
    essential: z.enum(['Always', 'OnApply']).optional(),
  }),
  z.strictObject({
    type: z.literal('MX'),
    ...placed,
    pointsTo: templated,
    priority: z.int().min(0).max(65_535),
  }),
  z.strictObject({
    type: z.literal('TXT'),
    ...placed,
    // SPF goes as SPFM.
    data: z.string().regex(/^(?!v=spf1)/),
  }),
  z.strictObject({
    type: z.literal('SPFM'),
    groupId: id,
    host: placed.host,
    spfRules: z.string().regex(/^(?!v=spf1).*(?<!all)$/),
  }),
]);
const schema = z.strictObject({
  providerId: id,
  providerName: z.string().min(1).max(64),
  serviceId: id,
  serviceName: z.string().min(1).max(255),
  version: z.int().positive(),
  logoUrl: z.url({ protocol: /^https$/ }).optional(),
  description: z.string().max(2048),
  variableDescription: z.string().max(2048),
  syncPubKeyDomain: domainName,
  syncRedirectDomain: domainName,
  // No `warnPhishing`: it is deprecated, and excluded by `syncPubKeyDomain`.
  records: z.array(record).min(1),
});

describe('the template', () => {
  test('is of the form that the registry of templates takes', () => {
    expect(schema.safeParse(template).error?.issues).toBeUndefined();
    expect(templateFileName(service)).toBe('example.net.sender-domains.json');
  });

  test('uses no variable that the protocol keeps for itself, and describes each that it uses', () => {
    const used = new Set(JSON.stringify(template.records).match(/(?<=%)[\w-]+(?=%)/g));
    expect([...used].sort()).toEqual(['label', 'sestoken', 'shard']);
    for (const name of used) expect(template.variableDescription).toContain(`${name}: `);
  });

  test('has no two records that conflict at one host', () => {
    const cnames = template.records.filter(({ type }) => type === 'CNAME').map(({ host }) => host);
    for (const host of cnames) {
      expect(template.records.filter((each) => each.host === host)).toHaveLength(1);
    }
  });

  test('lets nothing but the label, the shard and the SES value differ between claims', () => {
    expect(template.records).toMatchInlineSnapshot(`
      [
        {
          "groupId": "dkim",
          "host": "zero._domainkey",
          "pointsTo": "zero._domainkey.%label%.s%shard%.sd.example.net",
          "ttl": 3600,
          "type": "CNAME",
        },
        {
          "groupId": "dkim",
          "host": "one._domainkey",
          "pointsTo": "one._domainkey.%label%.s%shard%.sd.example.net",
          "ttl": 3600,
          "type": "CNAME",
        },
        {
          "groupId": "dkim",
          "host": "two._domainkey",
          "pointsTo": "two._domainkey.%label%.s%shard%.sd.example.net",
          "ttl": 3600,
          "type": "CNAME",
        },
        {
          "data": "%sestoken%",
          "groupId": "ses-identity",
          "host": "_amazonses",
          "ttl": 3600,
          "type": "TXT",
        },
        {
          "groupId": "mail-from",
          "host": "bounces",
          "pointsTo": "feedback-smtp.eu-west-1.amazonses.com",
          "priority": 10,
          "ttl": 3600,
          "type": "MX",
        },
        {
          "groupId": "mail-from",
          "host": "bounces",
          "spfRules": "include:_mailfrom.%label%.s%shard%.sd.example.net",
          "type": "SPFM",
        },
        {
          "essential": "OnApply",
          "groupId": "dmarc",
          "host": "_dmarc",
          "pointsTo": "_dmarc.%label%.s%shard%.sd.example.net",
          "ttl": 3600,
          "type": "CNAME",
        },
        {
          "groupId": "spf",
          "host": "@",
          "spfRules": "include:_spf.%label%.s%shard%.sd.example.net",
          "type": "SPFM",
        },
      ]
    `);
  });

  test('says where a picture is only where there is one', () => {
    const logoUrl = 'https://example.net/logo.svg';
    expect(template.logoUrl).toBeUndefined();
    expect(domainConnectTemplate(deployment, { ...service, logoUrl }, 1).logoUrl).toBe(logoUrl);
  });
});

/** Returns the records that a claim's customer is asked to publish, as a provider has them. */
const wanted = (claim: ReturnType<typeof givenClaim>): ZoneRecord[] =>
  customerRecords(claim, { token }, deployment).map(({ name, type, value = '' }) => ({
    name,
    type,
    value,
  }));

const sorted = (records: readonly ZoneRecord[]) =>
  records.map((each) => JSON.stringify(each)).sort();

describe('applied by a provider', () => {
  test('gives a customer’s records, neither more nor less, for any claim', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('example.com', 'mail.example.com', 'a.b.example.com'),
        fc.string({ unit: fc.constantFrom(...'abcdefgh234567'), minLength: 26, maxLength: 26 }),
        fc.integer({ min: 1, max: 4 }),
        (name, label, shard) => {
          const claim = givenClaim({
            domain: parseDomainName(name),
            label: label as never,
            shard: `s${shard}.${deployment.zone}` as never,
          });
          const host = name.slice(0, -'.example.com'.length);
          const query = new URLSearchParams({
            domain: 'example.com',
            ...(name === 'example.com' ? {} : { host }),
            label,
            shard: String(shard),
            sestoken: token,
          });
          expect(sorted(applyTemplate(onboarded, query, []))).toEqual(sorted(wanted(claim)));
        },
      ),
    );
  });

  test('adds our include to the SPF record that is there, and leaves groups out that are not asked for', () => {
    const before = [
      { name: 'example.com', type: 'TXT', value: 'v=spf1 include:other.example -all' },
      { name: '_dmarc.example.com', type: 'TXT', value: 'v=DMARC1; p=reject' },
      { name: 'www.example.com', type: 'A', value: '192.0.2.1' },
    ];
    const query = new URLSearchParams({
      domain: 'example.com',
      groupId: 'dkim,ses-identity,mail-from,spf',
      label: 'x'.repeat(26),
      shard: '1',
      sestoken: token,
    });
    const after = applyTemplate(onboarded, query, before);
    const at = (name: string) => after.filter((each) => each.name === name);
    expect(at('example.com')).toEqual([
      {
        name: 'example.com',
        type: 'TXT',
        value: `v=spf1 include:other.example include:_spf.${'x'.repeat(26)}.s1.${deployment.zone} ~all`,
      },
    ]);
    expect(at('_dmarc.example.com')).toEqual([before[1]]);
    expect(at('www.example.com')).toEqual([before[2]]);
  });
});
