import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createRoute53 } from '../../../local/aws/route53.ts';
import type { Route53, Route53Options } from '../../../local/aws/route53.ts';
import { resolve } from '../../../local/dns/resolution.ts';
import { clientConfig, gatewayFor, refusal, remove, temporaryDirectory } from './stand-ins.ts';

let stateDir: string;
let route53: Route53;
let gateway: Gateway;
let client: Route53Client;
let now: number;
let zoneId: string;

async function start(more: Partial<Route53Options> = {}): Promise<void> {
  route53 = createRoute53({ stateDir, processingMs: 0, now: () => now, ...more });
  gateway = await gatewayFor({ route53: route53.handle });
  client = new Route53Client(clientConfig(gateway));
  zoneId = route53.putHostedZone('s1.sd.example.net').id;
}

async function stop(): Promise<void> {
  client.destroy();
  await gateway.close();
  route53.close();
}

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  stateDir = temporaryDirectory();
  await start();
});

afterEach(async () => {
  await stop();
  remove(stateDir);
});

const ZONE = 's1.sd.example.net';

const set = (
  name: string,
  type: ResourceRecordSet['Type'],
  values: readonly string[],
  ttl = 300,
): ResourceRecordSet => ({
  Name: `${name}.${ZONE}`,
  Type: type,
  TTL: ttl,
  ResourceRecords: values.map((Value) => ({ Value })),
});

const txt = (name: string, text: string): ResourceRecordSet => set(name, 'TXT', [`"${text}"`]);

const submit = (...changes: readonly [Change['Action'], ResourceRecordSet][]) =>
  client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: {
        Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })),
      },
    }),
  );

const inDns = (name: string, type = 'TXT'): unknown[] =>
  resolve([route53.zones], { name: `${name}.${ZONE}`, type }, true).answers.map(({ data }) =>
    Array.isArray(data) ? Buffer.concat(data as Buffer[]).toString('latin1') : data,
  );

const list = async (input: Partial<ListResourceRecordSetsCommand['input']> = {}) =>
  client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, ...input }));

/** Submits one change each for `n<from>`, `n<from + 1>` ... */
const many = (action: Change['Action'], count: number, { from = 0, text = 'x' } = {}) =>
  submit(
    ...Array.from({ length: count }, (_, index): [Change['Action'], ResourceRecordSet] => [
      action,
      txt(`n${from + index}`, text),
    ]),
  );

describe('changes', () => {
  test('are PENDING and only in the API first, and INSYNC and in DNS at the same moment', async () => {
    const { ChangeInfo } = await submit(['CREATE', txt('a', 'one')]);
    expect(ChangeInfo).toMatchObject({ Status: 'PENDING', SubmittedAt: new Date(now) });
    const get = new GetChangeCommand({ Id: ChangeInfo?.Id });
    now += 499;
    expect((await client.send(get)).ChangeInfo?.Status).toBe('PENDING');
    expect(inDns('a')).toEqual([]);
    expect((await list()).ResourceRecordSets).toHaveLength(3);
    now += 1;
    expect(inDns('a')).toEqual(['one']);
    expect((await client.send(get)).ChangeInfo?.Status).toBe('INSYNC');
  });

  test('survive a restart, those that were pending too', async () => {
    await submit(['CREATE', txt('a', 'one')]);
    now += 500;
    await submit(['UPSERT', txt('a', 'two')], ['CREATE', txt('b', 'three')]);
    await stop();
    await start();
    expect(inDns('a')).toEqual(['one']);
    expect((await list()).ResourceRecordSets).toHaveLength(4);
    now += 500;
    expect(inDns('a')).toEqual(['two']);
    expect(inDns('b')).toEqual(['three']);
  });

  test('are all or nothing', async () => {
    const failed = submit(['CREATE', txt('a', 'one')], ['DELETE', txt('b', 'none')]);
    expect(await refusal(failed)).toEqual({
      name: 'InvalidChangeBatch',
      message: `[Tried to delete resource record set [name='b.${ZONE}.', type='TXT'] but it was not found]`,
    });
    now += 1000;
    expect(inDns('a')).toEqual([]);
    expect((await list()).ResourceRecordSets).toHaveLength(2);
  });

  test('create what is not there, delete exactly what is, and upsert either', async () => {
    await submit(['CREATE', txt('a', 'one')]);
    const again = await refusal(submit(['CREATE', txt('a', 'one')]));
    expect(again.message).toContain('but it already exists');
    for (const other of [txt('a', 'two'), set('a', 'TXT', ['"one"'], 60)]) {
      const wrong = await refusal(submit(['DELETE', other]));
      expect(wrong.message).toContain('the values provided do not match the current values');
    }
    await submit(['UPSERT', txt('a', 'two')], ['UPSERT', txt('b', 'new')]);
    await submit(['DELETE', txt('a', 'two')], ['CREATE', set('a', 'CNAME', ['b.example.'])]);
    now += 1000;
    expect(inDns('a', 'CNAME')).toEqual(['b.example']);
  });

  test('may not touch a record set twice, but to delete and create it', async () => {
    await submit(['CREATE', txt('a', 'one')]);
    const twice = submit(['UPSERT', txt('a', 'two')], ['UPSERT', txt('A', 'three')]);
    expect(await refusal(twice)).toMatchObject({
      message: expect.stringContaining(
        `invalid set of changes for a resource record set 'TXT a.${ZONE}.'`,
      ),
    });
    await expect(
      submit(['DELETE', txt('a', 'one')], ['CREATE', txt('a', 'two')]),
    ).resolves.toHaveProperty('ChangeInfo');
  });

  test('on a zone that is busy are refused until it is done', async () => {
    await stop();
    await start({ processingMs: 50 });
    const [first, second] = await Promise.allSettled([
      submit(['CREATE', txt('a', 'one')]),
      submit(['CREATE', txt('b', 'two')]),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { name: 'PriorRequestNotComplete' } });
    await expect(submit(['CREATE', txt('b', 'two')])).resolves.toHaveProperty('ChangeInfo');
  });

  test.each([
    [
      'outside the zone',
      { ...txt('a', 'x'), Name: 'a.example.org' },
      'is not permitted in zone s1.sd.example.net.',
    ],
    [
      'unquoted text',
      set('a', 'TXT', ['v=spf1']),
      'InvalidCharacterString (Value should be enclosed',
    ],
    ['an unescaped octet', set('a', 'TXT', ['"ü"']), 'must be escaped in octal'],
    ['a long string', txt('a', 'x'.repeat(256)), 'CharacterStringTooLong (Value is too long)'],
    [
      'a long value',
      set('a', 'TXT', [
        Array(20)
          .fill(`"${'x'.repeat(200)}"`)
          .join(''),
      ]),
      'longer than 4000',
    ],
    ['a duplicate', set('a', 'TXT', ['"x"', '"x"']), 'Duplicate Resource Record'],
    ['a bad TTL', set('a', 'TXT', ['"x"'], 2 ** 31), 'Invalid TTL'],
    ['no values', set('a', 'TXT', []), 'no resource records'],
    ['a bad address', set('a', 'A', ['192.0.2.1.']), 'not an IPv4 address'],
    ['two aliases', set('a', 'CNAME', ['b.example', 'c.example']), 'must have one value'],
    [
      'an unknown type',
      set('a', 'HINFO' as 'TXT', ['a b']),
      'does not support records of type HINFO',
    ],
  ])('are refused for %s', async (_, bad, reason) => {
    expect(await refusal(submit(['UPSERT', bad]))).toEqual({
      name: 'InvalidChangeBatch',
      message: expect.stringContaining(reason),
    });
  });

  test('keep a CNAME alone at its name, and out of the apex', async () => {
    await submit(['CREATE', set('a', 'CNAME', ['b.example.'])], ['CREATE', txt('t', 'x')]);
    const beside = await refusal(submit(['CREATE', txt('a', 'x')]));
    expect(beside.message).toContain('a conflicting RRSet of type CNAME with the same DNS name');
    const over = await refusal(submit(['CREATE', set('t', 'CNAME', ['b.example.'])]));
    expect(over.message).toContain('conflicts with other records with the same DNS name');
    const apex = { ...set('', 'CNAME', ['b.example.']), Name: ZONE };
    expect((await refusal(submit(['CREATE', apex]))).message).toContain('is not permitted at apex');
  });

  test('take TXT in several strings, with quotes and octets escaped in octal', async () => {
    const value = String.raw`"say \"hi\" \\ \303\274" "; " "end"`;
    await submit(['CREATE', set('a', 'TXT', [value])]);
    now += 500;
    expect(inDns('a')).toEqual(['say "hi" \\ \u00C3\u00BC; end']);
    const { ResourceRecordSets = [] } = await list({ StartRecordName: `a.${ZONE}` });
    expect(ResourceRecordSets[0]?.ResourceRecords).toEqual([{ Value: value }]);
  });
});

describe('the limits of a batch', () => {
  test('are 1,000 records, where UPSERT counts twice', async () => {
    expect(await refusal(many('CREATE', 1001))).toEqual({
      name: 'InvalidChangeBatch',
      message: '[Number of records limit of 1000 exceeded.]',
    });
    await expect(many('CREATE', 1000)).resolves.toHaveProperty('ChangeInfo');
    expect((await refusal(many('UPSERT', 501))).message).toContain('limit of 1000 exceeded');
    await expect(many('UPSERT', 500)).resolves.toHaveProperty('ChangeInfo');
  });

  test('are 32,000 characters of values, where UPSERT counts twice', async () => {
    const text = 'x'.repeat(198);
    expect((await refusal(many('CREATE', 161, { text }))).message).toBe(
      '[RDATA character limit of 32000 exceeded.]',
    );
    await expect(many('CREATE', 160, { text })).resolves.toHaveProperty('ChangeInfo');
    expect((await refusal(many('UPSERT', 81, { text }))).message).toContain('32000');
    await expect(many('UPSERT', 80, { text })).resolves.toHaveProperty('ChangeInfo');
  });

  test('end with 10,000 record sets in the zone', async () => {
    for (let made = 0; made < 9000; made += 1000) await many('CREATE', 1000, { from: made });
    await many('CREATE', 998, { from: 9000 });
    expect(await refusal(many('CREATE', 1, { from: 9998 }))).toEqual({
      name: 'InvalidChangeBatch',
      message: `[Exceeded limit MAX_RRSETS_BY_ZONE for zone: ${zoneId}]`,
    });
    await expect(
      submit(['DELETE', txt('n0', 'x')], ['CREATE', txt('new', 'x')]),
    ).resolves.toHaveProperty('ChangeInfo');
  }, 30_000);
});

describe('lists', () => {
  test('go by reversed labels and type, page by page, with wildcards in octal', async () => {
    await submit(
      ['CREATE', set('*.reports', 'TXT', ['"w"'])],
      ['CREATE', set('b', 'TXT', ['"t"'])],
      ['CREATE', set('b', 'A', ['192.0.2.1'])],
      ['CREATE', set('a.b', 'A', ['192.0.2.1'])],
    );
    const seen: string[] = [];
    let page = await list({ MaxItems: 2 });
    for (;;) {
      seen.push(...(page.ResourceRecordSets ?? []).map(({ Name, Type }) => `${Name} ${Type}`));
      if (page.IsTruncated !== true) break;
      page = await list({
        MaxItems: 2,
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
      });
    }
    expect(seen).toEqual([
      `${ZONE}. NS`,
      `${ZONE}. SOA`,
      `b.${ZONE}. A`,
      `b.${ZONE}. TXT`,
      `a.b.${ZONE}. A`,
      `\\052.reports.${ZONE}. TXT`,
    ]);
    await submit(['DELETE', set('\\052.reports', 'TXT', ['"w"'])]);
    expect((await list()).ResourceRecordSets).toHaveLength(5);
  });

  test('hold 300 record sets at most', async () => {
    await many('CREATE', 400);
    const page = await list();
    expect(page.ResourceRecordSets).toHaveLength(300);
    expect(page.IsTruncated).toBe(true);
  });
});

describe('zones', () => {
  test('are made with four name servers, SOA and NS, and found again', async () => {
    const made = await client.send(
      new CreateHostedZoneCommand({ Name: 'SD.example.net', CallerReference: 'once' }),
    );
    expect(made.HostedZone).toMatchObject({ Name: 'sd.example.net.', ResourceRecordSetCount: 2 });
    expect(made.DelegationSet?.NameServers).toHaveLength(4);
    const again = new CreateHostedZoneCommand({ Name: 'sd.example.net', CallerReference: 'once' });
    expect((await refusal(client.send(again))).name).toBe('HostedZoneAlreadyExists');
    const got = await client.send(new GetHostedZoneCommand({ Id: made.HostedZone?.Id }));
    expect(got.DelegationSet).toEqual(made.DelegationSet);
    const all = await client.send(new ListHostedZonesCommand({}));
    expect(all.HostedZones?.map(({ Name }) => Name)).toEqual([`${ZONE}.`, 'sd.example.net.']);
    const named = new ListHostedZonesByNameCommand({ DNSName: ZONE, MaxItems: 1 });
    expect((await client.send(named)).HostedZones).toMatchObject([{ Id: `/hostedzone/${zoneId}` }]);
  });

  test('below another one are in DNS once the upper one delegates to them', async () => {
    const upper = route53.putHostedZone('sd.example.net').id;
    await submit(['CREATE', txt('a', 'one')]);
    now += 500;
    expect(inDns('a')).toEqual([]);
    const { nameServers } = route53.putHostedZone(ZONE);
    await client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: upper,
        ChangeBatch: {
          Changes: [
            {
              Action: 'CREATE',
              ResourceRecordSet: {
                Name: ZONE,
                Type: 'NS',
                TTL: 300,
                ResourceRecords: nameServers.map((server) => ({ Value: `${server}.` })),
              },
            },
          ],
        },
      }),
    );
    now += 500;
    expect(inDns('a')).toEqual(['one']);
    expect(
      resolve([route53.zones], { name: nameServers[0] ?? '', type: 'A' }, true).answers,
    ).toMatchObject([{ data: '127.0.0.1' }]);
  });

  test('keep their SOA and NS', async () => {
    const { ResourceRecordSets: [ns] = [] } = await list();
    if (ns === undefined) throw new Error('no NS');
    expect((await refusal(submit(['DELETE', ns]))).message).toContain('must contain a NS record');
  });

  test('and changes that are not there are NoSuchHostedZone and NoSuchChange', async () => {
    const zone = new GetHostedZoneCommand({ Id: 'ZNONE' });
    expect((await refusal(client.send(zone))).name).toBe('NoSuchHostedZone');
    const change = new GetChangeCommand({ Id: 'CNONE' });
    expect((await refusal(client.send(change))).name).toBe('NoSuchChange');
  });
});

describe('what is not imitated', () => {
  test('is refused, not ignored', async () => {
    const weighted = { ...txt('a', 'x'), SetIdentifier: 'one', Weight: 1 };
    expect(await refusal(submit(['CREATE', weighted]))).toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/SetIdentifier|Weight/),
    });
    const check = new CreateHealthCheckCommand({
      CallerReference: 'x',
      HealthCheckConfig: { Type: 'TCP' },
    });
    expect((await refusal(client.send(check))).name).toBe('UnknownOperationException');
  });
});

describe('faults and rates', () => {
  test('a planted name is refused in every batch that touches it, until it is healed', async () => {
    route53.plantFaults({ refuseNames: '^bad\\.' });
    const both = submit(['CREATE', txt('good', 'x')], ['CREATE', txt('bad', 'x')]);
    expect(await refusal(both)).toMatchObject({
      name: 'InvalidChangeBatch',
      message: expect.stringContaining(`bad.${ZONE}.`),
    });
    await expect(submit(['CREATE', txt('good', 'x')])).resolves.toHaveProperty('ChangeInfo');
    route53.plantFaults({});
    await expect(submit(['CREATE', txt('bad', 'x')])).resolves.toHaveProperty('ChangeInfo');
    expect(route53.requests.get('ChangeResourceRecordSets')).toBe(3);
  });

  test('planted throttles and busy zones last as many requests as planted', async () => {
    route53.plantFaults({ throttle: 1, priorRequestNotComplete: 1 });
    expect((await refusal(submit(['CREATE', txt('a', 'x')]))).name).toBe('Throttling');
    expect((await refusal(submit(['CREATE', txt('a', 'x')]))).name).toBe('PriorRequestNotComplete');
    await expect(submit(['CREATE', txt('a', 'x')])).resolves.toHaveProperty('ChangeInfo');
  });

  test('when asked, 50 requests pass at once and then ten a second', async () => {
    await stop();
    await start({ rateLimits: true });
    for (let made = 0; made < 50; made++) await list();
    expect((await refusal(list())).name).toBe('Throttling');
    now += 100;
    await expect(list()).resolves.toHaveProperty('ResourceRecordSets');
  });
});
