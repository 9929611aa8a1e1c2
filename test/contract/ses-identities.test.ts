import { join } from 'node:path';
import { GetIdentityMailFromDomainAttributesCommand } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identitiesClient, sesIdentities } from '#shared/adapters/aws/ses-identities.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { IdentityQuotaFull, type SesIdentities } from '#shared/app/ports/identities.ts';
import { createSes } from '../../local/aws/ses.ts';
import { MemorySesIdentities } from '../fakes/ses-identities.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  REGION,
  remove,
  temporaryDirectory,
} from '../local/aws/stand-ins.ts';

const HOURS_72 = 72 * 3_600_000;

const named = (name: string) => `${name}.example` as DomainName;

interface Harness {
  readonly ses: SesIdentities;
  /** Puts SES's TXT record of a domain into DNS. */
  publish(domain: DomainName, token: string): void;
  /** Lets 72 h pass, after which SES stops checking. */
  giveUp(domain: DomainName): void;
  mailFrom(domain: DomainName): Promise<string | undefined>;
  /** Has the next call throttled. */
  throttle(): void;
  /** Leaves room for no further identity, or for any again. */
  fill(isFull: boolean): void;
  readonly close: () => Promise<void>;
}

const adapters: Record<string, () => Promise<Harness>> = {
  'in memory': async () => {
    const ses = new MemorySesIdentities();
    return {
      ses,
      publish: (domain) => ses.settle(domain, 'ready'),
      giveUp: (domain) => ses.settle(domain, 'failed'),
      mailFrom: async (domain) => ses.identities.get(domain)?.mailFrom,
      throttle: () => void ses.failing.push(new Throttled('SES')),
      fill: (isFull) => {
        ses.quota = isFull ? 0 : 10_000;
      },
      close: async () => {},
    };
  },
  'over the wire': async () => {
    const directory = temporaryDirectory();
    const published = new Map<string, string>();
    let now = Date.now();
    const service = createSes({
      stateDir: join(directory, 'state'),
      outbox: join(directory, 'outbox'),
      region: REGION,
      accountId: ACCOUNT,
      resolve: (name) => {
        const token = published.get(name);
        return {
          rcode: 'NOERROR',
          authorities: [],
          answers:
            token === undefined ? [] : [{ name, type: 'TXT', ttl: 60, data: [Buffer.from(token)] }],
        };
      },
      publish: async () => {},
      log: () => {},
      controlRate: 1,
      now: () => now,
    });
    const gateway = await gatewayFor({
      ses: (request) => {
        // Each call comes in the second that is its own, unless the test wants it throttled.
        now += spaced ? 1_000 : 0;
        return service.handle(request);
      },
    });
    let spaced = true;
    const client = identitiesClient(clientConfig(gateway));
    const adapter = sesIdentities(client);
    return {
      ses: adapter,
      publish: (domain, token) => void published.set(`_amazonses.${domain}`, token),
      giveUp: () => {
        now += HOURS_72 + 1;
      },
      async mailFrom(domain) {
        const { MailFromDomainAttributes } = await client.send(
          new GetIdentityMailFromDomainAttributesCommand({ Identities: [domain] }),
        );
        return MailFromDomainAttributes?.[domain]?.MailFromDomain;
      },
      throttle: () => {
        spaced = false;
      },
      fill: (isFull) => service.plantFaults(isFull ? { identityQuota: 0 } : {}),
      async close() {
        client.destroy();
        await gateway.close();
        await service.close();
        remove(directory);
      },
    };
  },
};

describe.each(Object.entries(adapters))('SesIdentities %s', (_name, start) => {
  let harness: Harness;
  let ses: SesIdentities;
  beforeAll(async () => {
    harness = await start();
    ({ ses } = harness);
  });
  afterAll(() => harness.close());

  const statusOf = async (domain: DomainName) => (await ses.status([domain])).get(domain)?.status;

  test('an identity is prepared until its record is found, then ready', async () => {
    const domain = named('found');
    const token = await ses.verify(domain);
    expect(token).toMatch(/^\S{8,}$/);
    expect(await statusOf(domain)).toBe('preparing');
    harness.publish(domain, token);
    expect(await statusOf(domain)).toBe('ready');
  });

  test('asking again gives the same value, and leaves what is ready ready', async () => {
    const domain = named('again');
    const token = await ses.verify(domain);
    harness.publish(domain, token);
    expect(await statusOf(domain)).toBe('ready');
    expect(await ses.verify(domain)).toBe(token);
    expect(await statusOf(domain)).toBe('ready');
  });

  test('an identity whose record was not found has failed, until it is asked for again', async () => {
    const domain = named('late');
    const token = await ses.verify(domain);
    harness.giveUp(domain);
    expect(await statusOf(domain)).toBe('failed');
    expect(await ses.verify(domain)).toBe(token);
    expect(await statusOf(domain)).toBe('preparing');
  });

  test('has the MAIL FROM that it was given', async () => {
    const domain = named('bouncing');
    await ses.verify(domain);
    await ses.setMailFrom(domain, `bounces.${domain}`);
    expect(await harness.mailFrom(domain)).toBe(`bounces.${domain}`);
  });

  test('without an identity there is no MAIL FROM to set', async () => {
    await expect(ses.setMailFrom(named('nobody'), 'bounces.nobody.example')).rejects.toThrow(
      /does not exist/,
    );
  });

  test('reports 100 at once, and leaves out those that it does not know', async () => {
    const known = named('known');
    const domains = Array.from({ length: 99 }, (_, index) => named(`unknown-${index}`));
    const token = await ses.verify(known);
    expect(await ses.status([...domains, known])).toEqual(
      new Map([[known, { status: 'preparing', token }]]),
    );
  });

  test('an identity that was deleted is gone; deleting it again does nothing', async () => {
    const domain = named('gone');
    await ses.verify(domain);
    await ses.delete(domain);
    await ses.delete(domain);
    expect(await statusOf(domain)).toBeUndefined();
  });

  test('counts every identity of the account', async () => {
    const before = (await ses.list()).count;
    await ses.verify(named('counted'));
    expect(await ses.list()).toEqual({ count: before + 1 });
  });

  test('distinguishes a full quota from a throttle, and leaves what is there', async () => {
    const domain = named('last');
    const token = await ses.verify(domain);
    harness.fill(true);
    await expect(ses.verify(named('one-too-many'))).rejects.toThrow(IdentityQuotaFull);
    expect(await ses.verify(domain)).toBe(token);
    expect(await statusOf(named('one-too-many'))).toBeUndefined();
    harness.fill(false);
    expect(await ses.verify(named('one-too-many'))).toMatch(/\S{8,}/);
  });

  test('says when it was asked too often', async () => {
    harness.throttle();
    await expect(ses.status([named('any')])).rejects.toThrow(Throttled);
  });
});
