import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { contactIdOf } from '#shared/core/model/contact.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { domainOf, givenImports, type Imports } from './test-environment.ts';

let imports: Imports;
beforeEach(() => {
  imports = givenImports();
});

const claimOf = async (externalId: string, domain: string, of = imports) => {
  const tenant = await of.platforms.tenantOf(of.shop, externalId);
  return tenant && of.claims.get({ tenant, domain: domainOf(domain) });
};

describe('an import', () => {
  test('makes tenants, claims domains and notes contacts; a wrong row fails by itself', async () => {
    const { status, body } = await imports.start([
      'c-1,a.example,ann@agency.example,de',
      'c-1,b.example,,',
      'c-2,c.example,ANN@agency.example,',
      'c-2,co.uk,,',
      'c-1,a.example,,',
    ]);
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { status: 'running', rows: 5, counts: { failed: 1, repeated: 1, waiting: 3 } },
    });
    await imports.workAll();
    const done = await imports.ask('GET', `/v1/imports/${body.id}`);
    expect(done.body).toMatchObject({
      status: 'done',
      counts: { claimed: 3, existing: 0, failed: 1, repeated: 1, forecast: 0, waiting: 0 },
      expectedAt: null,
    });
    expect((await imports.rows(body.id)).map(({ state, code }) => [state, code])).toEqual([
      ['claimed', null],
      ['claimed', null],
      ['claimed', null],
      ['failed', 'domain-is-public-suffix'],
      ['repeated', null],
    ]);
    const { tenants } = await imports.platforms.tenants(imports.shop, { limit: 10 });
    expect(tenants.map(({ externalId }) => externalId)).toEqual(['c-1', 'c-2']);
    const ann = contactIdOf(imports.shop, 'ann@agency.example');
    expect(await imports.contacts.get(imports.shop, ann)).toMatchObject({ language: 'de' });
    const domains = await imports.contacts.domainsOf(imports.shop, ann);
    expect(domains.map(({ domain }) => domain)).toEqual(['a.example', 'c.example']);
  });

  test('given twice claims nothing twice, with and without an Idempotency-Key', async () => {
    const lines = ['c-1,a.example,,', 'c-1,b.example,,'];
    const first = await imports.start(lines, { key: 'one' });
    const again = await imports.start(lines, { key: 'one' });
    expect(again).toEqual(first);
    await imports.workAll();
    const before = await claimOf('c-1', 'a.example');
    const other = await imports.start(lines);
    await imports.workAll();
    expect((await imports.rows(other.body.id)).map(({ state }) => state)).toEqual([
      'existing',
      'existing',
    ]);
    expect(await claimOf('c-1', 'a.example')).toEqual(before);
    expect((await imports.ask('GET', '/v1/imports')).body['imports']).toHaveLength(2);
  });

  test('whose request is cut short before its answer is the same import when it comes again', async () => {
    const create = imports.imports.create.bind(imports.imports);
    imports.imports.create = async (made, request) => {
      await create(made, request);
      throw new Error('cut short');
    };
    const lines = ['c-1,a.example,,'];
    await expect(imports.start(lines, { key: 'one' })).rejects.toThrow('cut short');
    imports.imports.create = create;
    imports.queue.take();
    const { body } = await imports.start(lines, { key: 'one' });
    await imports.workAll();
    expect((await imports.ask('GET', `/v1/imports/${body.id}`)).body.status).toBe('done');
    expect((await imports.ask('GET', '/v1/imports')).body['imports']).toHaveLength(1);
    const other = await imports.start(['c-1,b.example,,'], { key: 'one' });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  test('of another list is another import, where a request with its key was cut short', async () => {
    const create = imports.imports.create.bind(imports.imports);
    imports.imports.create = async (made, request) => {
      await create(made, request);
      throw new Error('cut short');
    };
    await expect(imports.start(['c-1,a.example,,'], { key: 'one' })).rejects.toThrow('cut short');
    imports.imports.create = create;
    const { body } = await imports.start(['c-1,b.example,,'], { key: 'one' });
    expect((await imports.rows(body.id)).map(({ domain }) => domain)).toEqual(['b.example']);
  });

  test('whose message comes before it is stored waits for it, and not for ever', async () => {
    const request = { platform: imports.shop, id: `im_${'0'.repeat(32)}` as const };
    await imports.work(request);
    expect(imports.queue.take()).toEqual([]);
    const { body } = await imports.start(['c-1,a.example,,']);
    const [sent] = imports.queue.take();
    const early = { ...sent!.request, id: body.id.replace(/.$/, 'x') as typeof request.id };
    await imports.work(early);
    expect(imports.queue.take()).toMatchObject([{ request: early, delaySeconds: 10 }]);
  });

  test('takes more than the 50 of a tenant, from the platform’s own budget', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `c-1,d${index}.example,,`);
    const { body } = await imports.start(lines);
    await imports.workAll();
    expect((await imports.ask('GET', `/v1/imports/${body.id}`)).body.counts.claimed).toBe(60);
  });

  test('that the budget has no room for is refused as a whole, and costs no rows', async () => {
    imports = givenImports({ 'platform-claims-day': 2, 'import-rows-day': 5 });
    const refused = await imports.start(['c,a.example,,', 'c,b.example,,', 'c,c.example,,']);
    expect(refused).toMatchObject({ status: 429, body: { budget: 'platform-claims-day' } });
    imports.time.advance(2_000);
    expect((await imports.start(['c,a.example,,', 'c,b.example,,'])).status).toBe(202);
    const dry = ['c,c.example,,', 'c,d.example,,', 'c,e.example,,', 'c,f.example,,'];
    expect(await imports.start(dry, { dryRun: true })).toMatchObject({
      status: 429,
      body: { budget: 'import-rows-day' },
    });
  });

  test('waits for SES, and passes what waits on to the next message', async () => {
    const lines = Array.from({ length: 10 }, (_, index) => `c-1,d${index}.example,,`);
    const { body } = await imports.start(lines);
    const [first] = imports.queue.take();
    const noValues = { ...imports.ports };
    const { workImport } = await import('../../../../lambdas/importer/work-import.ts');
    await workImport(first!.request, noValues, imports.time.clock.now().getTime() + 5_000);
    const [next] = imports.queue.take();
    expect(next?.request.waiting).toHaveLength(2);
    expect((await imports.ask('GET', `/v1/imports/${body.id}`)).body.counts.claimed).toBe(2);
    await imports.work(next!.request);
    await imports.workAll();
    expect((await imports.ask('GET', `/v1/imports/${body.id}`)).body.status).toBe('done');
  });

  test('that KMS throttles goes on later; a row that always fails holds up no other', async () => {
    const { body } = await imports.start(['c-1,a.example,,', 'c-1,b.example,,']);
    let calls = 0;
    imports.beforeKeys = () => {
      calls += 1;
      if (calls <= 3) throw new Throttled('KMS');
    };
    imports.ports = { ...imports.ports, retryTime: imports.time };
    await imports.work(imports.queue.take()[0]!.request);
    await imports.workAll();
    expect((await imports.ask('GET', `/v1/imports/${body.id}`)).body.counts.claimed).toBe(2);
    const second = await imports.start(['c-1,x.example,,', 'c-1,y.example,,']);
    let broken = 0;
    imports.beforeKeys = () => {
      broken += 1;
      if (broken <= 3) throw new Error('a fault of ours');
    };
    await imports.workAll();
    expect((await imports.rows(second.body.id)).map(({ state, code }) => [state, code])).toEqual([
      ['failed', 'internal-error'],
      ['claimed', null],
    ]);
    expect(imports.logged).toHaveLength(1);
  });

  test('skips the rows of a tenant that is suspended, and says so', async () => {
    await imports.start(['c-1,a.example,,']);
    await imports.workAll();
    const id = (await imports.platforms.tenantOf(imports.shop, 'c-1'))!;
    const tenant = (await imports.tenants.get(id))!;
    await imports.tenants.changeState(tenant, { status: 'suspended', since: '', reason: 'x' });
    const { body } = await imports.start(['c-1,b.example,,']);
    await imports.workAll();
    const [row] = await imports.rows(body.id);
    expect(row).toMatchObject({ state: 'failed', code: 'account-suspended' });
  });

  test('that is cancelled stops, and keeps what it claimed', async () => {
    const { body } = await imports.start(['c-1,a.example,,']);
    const cancelled = await imports.ask('DELETE', `/v1/imports/${body.id}`);
    expect(cancelled.body.status).toBe('cancelled');
    await imports.workAll();
    expect((await imports.rows(body.id))[0]?.state).toBe('waiting');
    expect((await imports.ask('DELETE', `/v1/imports/${body.id}`)).body.status).toBe('cancelled');
  });

  test('is seen by its own platform only', async () => {
    const { body } = await imports.start(['c-1,a.example,,']);
    const as = imports.press;
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/rows'],
      ['DELETE', ''],
    ]) {
      const other = await imports.ask(method!, `/v1/imports/${body.id}${path}`, { as });
      const nobodys = await imports.ask(method!, `/v1/imports/im_${'0'.repeat(32)}${path}`, { as });
      expect(other.status).toBe(404);
      expect(other).toEqual(nobodys);
    }
    expect((await imports.ask('GET', '/v1/imports', { as })).body['imports']).toEqual([]);
    const same = await imports.start(['c-1,a.example,,'], { as });
    await imports.workAll();
    // The same external id is another tenant there, and the claim another claim.
    expect((await imports.rows(same.body.id, as))[0]?.state).toBe('claimed');
  });

  test.each([
    ['application/json', '{}', 415],
    ['text/csv', 'externalId,domain', 400],
    ['text/csv', `externalId,domain\n${'x'.repeat(4_000_001)}`, 413],
    ['application/x-ndjson', '{', 400],
  ])('in %s is refused as a whole where it cannot be read', async (type, body, status) => {
    expect((await imports.ask('POST', '/v1/imports', { type, body })).status).toBe(status);
    expect(imports.queue.take()).toEqual([]);
  });

  test('interrupted anywhere, delivered twice, two at once: each row is done once', async () => {
    const lines = Array.from({ length: 40 }, (_, index) =>
      index % 10 === 0 ? `c-${index},bad domain,,` : `c-${index % 7},d${index % 37}.example,,`,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (kills, isDoubled) => {
          const one = givenImports();
          const { body } = await one.start(lines);
          let left = kills[0]!;
          let kill = 0;
          // The call ends at some key, as if it were killed there: nothing more is written.
          one.beforeKeys = () => {
            left -= 1;
            if (left === 0) {
              kill += 1;
              left = kills[kill] ?? Infinity;
              throw new Killed();
            }
          };
          one.ports = { ...one.ports, isOutage: rethrowKilled };
          const pending = one.queue.take().map(({ request }) => request);
          if (isDoubled) pending.push(...pending);
          while (pending.length > 0) {
            const some = pending.splice(0, 2);
            const ended = await Promise.allSettled(some.map((request) => one.work(request)));
            for (const [index, { status }] of ended.entries()) {
              if (status === 'rejected') pending.push(some[index]!);
            }
            pending.push(...one.queue.take().map(({ request }) => request));
          }
          const { counts, status } = (await one.ask('GET', `/v1/imports/${body.id}`)).body;
          expect(status).toBe('done');
          expect(counts.waiting).toBe(0);
          expect(counts.failed).toBe(4);
          const rows = await one.rows(body.id);
          const claimed = rows.filter(({ state }) => state === 'claimed');
          expect(claimed).toHaveLength(counts.claimed);
          const { claims } = await one.claims.scan({ limit: 1_000 });
          expect(claims).toHaveLength(counts.claimed);
          expect(counts.claimed + counts.existing + counts.repeated).toBe(36);
          expect(counts.existing).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });
});

const txt = (name: string, value: string) => ({ name, type: 'TXT', value }) as const;

class Killed extends Error {}
const rethrowKilled = (error: unknown): boolean => {
  if (error instanceof Killed) throw error;
  return error instanceof Throttled;
};

describe('a dry run', () => {
  const provider = 'ann.ns.cloudflare.com';

  test('says per row what a claim would meet, and claims nothing', async () => {
    const { dns } = imports;
    const includes = Array.from({ length: 9 }, (_, index) => `include:s${index}.helper.example`);
    dns.zone(
      'helper.example',
      Array.from({ length: 9 }, (_, index) =>
        txt(`s${index}.helper.example`, 'v=spf1 ip4:192.0.2.1 ~all'),
      ),
    );
    dns.zone('fits.example', [
      txt('fits.example', 'v=spf1 include:s0.helper.example -all'),
      txt('_dmarc.fits.example', 'v=DMARC1; p=reject'),
      txt('_domainconnect.fits.example', 'connect.provider.example/api'),
    ]);
    dns.serve('fits.example', provider);
    dns.zone('full.example', [
      txt('full.example', `v=spf1 ${includes.join(' ')} -all`),
      txt('_dmarc.full.example', 'v=DMARC1; p=quarantine; sp=none'),
    ]);
    dns.zone('broken.example', [txt('broken.example', 'v=spf1 include:gone.example -all')]);
    dns.zone('silent.example', []);
    dns.silence('silent.example');
    const { body } = await imports.start(
      [
        'c-1,fits.example,,',
        'c-1,sub.full.example,,',
        'c-1,full.example,,',
        'c-1,broken.example,,',
        'c-1,unregistered.example,,',
        'c-1,silent.example,,',
        'c-1,co.uk,,',
        'c-1,fits.example,,',
      ],
      { dryRun: true },
    );
    await imports.workAll();
    const rows = await imports.rows(body.id);
    expect(rows.slice(0, 6).map(({ state, forecast }) => [state, forecast])).toEqual([
      [
        'forecast',
        {
          registered: true,
          provider: 'Cloudflare',
          oneClick: true,
          spf: 'fits',
          dmarc: { policy: 'reject', own: true },
        },
      ],
      [
        'forecast',
        {
          registered: true,
          provider: null,
          oneClick: false,
          spf: 'none',
          dmarc: { policy: 'none', own: false },
        },
      ],
      [
        'forecast',
        {
          registered: true,
          provider: null,
          oneClick: false,
          spf: 'full',
          dmarc: { policy: 'quarantine', own: true },
        },
      ],
      [
        'forecast',
        { registered: true, provider: null, oneClick: false, spf: 'broken', dmarc: 'none' },
      ],
      [
        'forecast',
        { registered: false, provider: null, oneClick: false, spf: 'none', dmarc: 'none' },
      ],
      ['forecast', { registered: true, provider: null, oneClick: null, spf: null, dmarc: null }],
    ]);
    expect(rows.slice(6).map(({ state, code }) => [state, code])).toEqual([
      ['failed', 'domain-is-public-suffix'],
      ['repeated', null],
    ]);
    expect((await imports.claims.scan({ limit: 10 })).claims).toEqual([]);
    expect(await imports.platforms.tenantOf(imports.shop, 'c-1')).toBeUndefined();
    const done = await imports.ask('GET', `/v1/imports/${body.id}`);
    expect(done.body).toMatchObject({ status: 'done', counts: { forecast: 6, failed: 1 } });
  });
});
