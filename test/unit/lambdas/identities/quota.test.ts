import { beforeEach, describe, expect, test } from 'vitest';
import { planIdentities } from '../../../../lambdas/identity-planner/plan-identities.ts';
import { A, B, named, Service } from './test-environment.ts';

let service: Service;
beforeEach(() => {
  service = new Service();
});

const plan = (quota = 10_000) =>
  planIdentities({ ...service.ports, quota, alarmPercent: 80 }, service.now() + 100_000);

describe('a full quota', () => {
  test('holds the claim that met it, and no proven one', async () => {
    const known = await service.claim(A);
    await service.run();
    const proven = await service.prove(known);
    service.ses.quota = 1;
    const late = await service.claim(B);
    service.ses.settle(A, 'ready');
    await service.run(10);
    expect(await service.view(late)).toMatchObject({ status: 'held' });
    expect(await service.view(proven)).toMatchObject({ status: 'ready', hasMailFrom: true });
    expect(service.events).toContainEqual({ kind: 'quota-full', domain: B });
    expect(service.notices).toMatchObject([{ type: 'identity.quota_full' }]);
    expect(await service.identities.get(B)).toBeUndefined();
  });

  test('is tried again every quarter of an hour, reported once, and holds up no other domain', async () => {
    service.ses.quota = 0;
    const claim = await service.claim(A);
    await service.run(1_000);
    expect(service.calls().filter((call) => call === `verify ${A}`)).toHaveLength(2);
    expect(service.notices).toHaveLength(1);
    service.ses.quota = 10;
    const other = await service.claim(B);
    await service.run(10);
    expect((await service.view(other))?.token).toBe(`token-of-${B}`);
    expect((await service.view(claim))?.status).toBe('held');
    await service.run(900);
    expect(await service.view(claim)).toMatchObject({
      status: 'preparing',
      token: `token-of-${A}`,
    });
  });

  test('once counted holds a claim of a domain that has an identity as one that has none', async () => {
    service.ports = { ...service.ports, quota: 2 };
    await service.claim(A);
    await service.run();
    service.ses.givenForeign(named('others'));
    await plan(2);
    const rival = await service.claim(A);
    const other = await service.claim(B);
    service.calls();
    await service.run(900);
    const [one, two] = [await service.view(rival), await service.view(other)];
    expect(one).toEqual({ ...two, label: rival.label });
    expect(one?.status).toBe('held');
    expect(service.calls()).toEqual([]);
    // What is made and deleted in between counts until the planner counts again.
    expect(service.identities.count).toBe(2);
  });

  test('is over with the last claim of a domain, before the planner counts again', async () => {
    service.ports = { ...service.ports, quota: 1 };
    const first = await service.claim(A);
    await plan(1);
    await service.run();
    expect(service.identities.count).toBe(1);
    const next = await service.claim(B);
    await service.run(10);
    expect((await service.view(next))?.status).toBe('held');
    await service.end(first);
    await service.run(900);
    expect((await service.view(next))?.token).toBe(`token-of-${B}`);
  });
});

describe('the identity planner', () => {
  test('counts what the account has, whoever made it, and says when it is nearly full', async () => {
    for (let index = 0; index < 2_500; index += 1) service.ses.givenForeign(named(`d${index}`));
    expect(await plan()).toMatchObject({ used: 2_500, isNear: false });
    expect(service.calls()).toEqual(['list 0', 'list 1000', 'list 2000']);
    expect(service.identities.count).toBe(2_500);
    expect(await plan(3_126)).toMatchObject({ isNear: false });
    expect(await plan(3_125)).toMatchObject({ isNear: true });
  });

  test('has an identity removed whose last claim ended unnoticed', async () => {
    const claim = await service.claim(A);
    const kept = await service.claim(B);
    await service.run();
    await service.end(claim);
    service.waiting = [];
    await service.run(3 * 86_400);
    expect((await plan()).queued).toBe(2);
    await service.run();
    expect([...service.ses.identities.keys()]).toEqual([B]);
    expect(await service.view(kept)).toBeDefined();
    expect((await plan()).queued).toBe(0);
  });
});
