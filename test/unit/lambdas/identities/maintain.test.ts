import { beforeEach, describe, expect, test } from 'vitest';
import { Throttled } from '#shared/core/model/errors.ts';
import { deletedClaim } from '#shared/core/model/claim.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { A, B, named, Service } from './test-environment.ts';

let service: Service;
beforeEach(() => {
  service = new Service();
});

const kinds = () => service.events.map(({ kind }) => kind);

describe('a claim', () => {
  test('has the identity of its domain made, and sees its value after two calls', async () => {
    const claim = await service.claim(A);
    await service.run(5);
    expect(service.calls()).toEqual([`status ${A}`, `verify ${A}`]);
    expect(await service.identities.get(A)).toMatchObject({
      stage: 'made',
      madeBy: 'sender-domains',
      status: 'preparing',
      token: `token-of-${A}`,
    });
    expect(await service.view(claim)).toMatchObject({
      status: 'preparing',
      token: `token-of-${A}`,
      hasMailFrom: false,
    });
    expect(service.events).toEqual([{ kind: 'made', domain: A }]);
  });

  test('has one turn however many messages name it', async () => {
    const claim = await service.claim(A);
    await service.ask(claim);
    await service.ask(claim);
    await service.run(5);
    expect(service.calls()).toEqual([`status ${A}`, `verify ${A}`]);
  });

  test('shares the identity that the turn of another claim made in the same batch', async () => {
    await service.prove(await service.claim(A));
    await service.claim(A);
    await service.run(5);
    expect(service.calls()).toEqual([
      `status ${A}`,
      `verify ${A}`,
      `setMailFrom ${A} bounces.${A}`,
      `status ${A}`,
    ]);
    expect(await service.identities.get(A)).toMatchObject({ mailFrom: `bounces.${A}` });
  });

  test('gets its MAIL FROM once it is proven, and not before', async () => {
    const claim = await service.claim(A);
    await service.run();
    await service.ask(claim);
    await service.run();
    expect(service.calls().some((call) => call.startsWith('setMailFrom'))).toBe(false);
    const proven = await service.prove(claim);
    service.ses.settle(A, 'ready');
    await service.run();
    expect(service.calls()).toEqual([`status ${A}`, `setMailFrom ${A} bounces.${A}`]);
    expect(await service.view(claim)).toMatchObject({ status: 'ready', hasMailFrom: true });
    await service.ask(proven);
    await service.run();
    expect(service.calls()).toEqual([]);
  });

  test('has its identity polled, and what SES says noted', async () => {
    const claim = await service.claim(A);
    await service.run();
    service.ses.settle(A, 'ready');
    await service.ask(claim, true);
    await service.run(5);
    expect((await service.view(claim))?.status).toBe('ready');
    expect(service.events.at(-1)).toEqual({ kind: 'moved', domain: A, to: 'ready' });
  });

  test('is not shown as ready by the record of another claim, before its own is seen', async () => {
    await service.claim(A);
    await service.run();
    service.ses.settle(A, 'ready');
    const claim = await service.claim(A);
    await service.run();
    await service.ask(claim);
    await service.run();
    expect((await service.view(claim))?.status).toBe('preparing');
    await service.ask(claim, true);
    await service.run();
    expect((await service.view(claim))?.status).toBe('ready');
  });

  test('is not polled again within seconds, nor within the hour once it is ready', async () => {
    const claim = await service.claim(A);
    await service.run(60);
    service.calls();
    const asking = async (seconds: number) => {
      service.time.advance(seconds * 1000);
      await service.ask(claim, true);
      await service.run(0);
      return service.calls();
    };
    expect(await asking(0)).toEqual([`status ${A}`]);
    expect(await asking(4)).toEqual([]);
    service.ses.settle(A, 'ready');
    expect(await asking(1)).toEqual([`status ${A}`]);
    expect(await asking(3_598)).toEqual([]);
    expect(await asking(2)).toEqual([`status ${A}`]);
  });

  test('has it asked for again where SES gave up on its record', async () => {
    const claim = await service.claim(A);
    await service.run();
    service.ses.settle(A, 'failed');
    await service.ask(claim);
    await service.run();
    expect(service.calls()).toContain(`verify ${A}`);
    expect((await service.view(claim))?.status).toBe('preparing');
    expect(kinds()).toEqual(['made', 'given-up', 'made']);
  });

  test('has it made again, with its MAIL FROM, where SES does not know it any more', async () => {
    const claim = await service.claim(A);
    await service.run();
    const proven = await service.prove(claim);
    await service.run();
    await service.ses.delete(A);
    await service.ask(proven);
    await service.run();
    expect(service.ses.identities.get(A)).toEqual({
      status: 'preparing',
      mailFrom: `bounces.${A}`,
    });
  });

  test('that is parked has none', async () => {
    await service.claim(A, { purpose: 'parked' });
    await service.run();
    expect(service.calls()).toEqual([]);
    expect(await service.identities.get(A)).toBeUndefined();
  });

  test('that is gone takes the identity with it where it was the last of its domain', async () => {
    const one = await service.claim(A);
    const other = await service.claim(A);
    await service.run();
    service.calls();
    await service.end(one);
    await service.run();
    // The call reveals no other claim: it takes as long.
    expect(service.calls()).toEqual([`status ${A}`]);
    expect(await service.view(one)).toBeUndefined();
    await service.end(other);
    await service.run();
    expect(service.calls()).toEqual([`delete ${A}`]);
    expect(service.ses.identities.has(A)).toBe(false);
    expect(await service.identities.get(A)).toBeUndefined();
    expect(service.events.at(-1)).toEqual({ kind: 'removed', domain: A });
  });

  test('that is being deleted keeps it, since that can be undone', async () => {
    const claim = await service.claim(A);
    await service.run();
    const deleted = deletedClaim(claim, new Date(service.now()).toISOString());
    await service.claims.release(claim, deleted);
    await service.ask(deleted);
    await service.run();
    expect(service.ses.identities.has(A)).toBe(true);
  });
});

describe('SES’s rate', () => {
  test('is one call a second, over all that is asked for', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await service.claim(named(name));
    const before = service.now();
    await service.call(service.waiting.splice(0).map(({ body }) => body));
    expect(service.calls()).toHaveLength(6);
    expect(service.now() - before).toBeGreaterThanOrEqual(5_000);
    expect(Math.min(...service.time.slept)).toBeGreaterThanOrEqual(1_000);
  });

  test('is spared by asking about all of a batch in one call', async () => {
    const domains = Array.from({ length: 10 }, (_, index) => named(`d${index}`));
    const claims = await Promise.all(domains.map((domain) => service.claim(domain)));
    await service.run();
    service.calls();
    for (const claim of claims) await service.ask(claim);
    await service.run();
    expect(service.calls()).toEqual([`status ${domains.join(' ')}`]);
  });

  test('is waited for where SES says that it is too fast', async () => {
    const claim = await service.claim(A);
    service.ses.failing.push(new Throttled('SES'), new Throttled('SES'));
    await service.run();
    expect((await service.view(claim))?.token).toBeDefined();
    expect(kinds()).toEqual(['made']);
  });

  test('ends the wait when time is over; the turn comes again at once', async () => {
    const claim = await service.claim(A);
    service.ses.failing.push(...Array.from({ length: 20 }, () => new Throttled('SES')));
    const [body] = service.waiting.splice(0).map((one) => one.body);
    expect(await service.call([body!], 5)).toEqual([]);
    expect(service.waiting).toMatchObject([{ at: service.now() + 1_000 }]);
    await service.run();
    expect((await service.view(claim))?.token).toBeDefined();
  });
});

describe('what fails', () => {
  test('is tried again after 5 s, and twice as long each time, and holds up nothing', async () => {
    service.ses.broken.add(A);
    await service.claim(A);
    const other = await service.claim(B);
    const began = service.now();
    await service.run(10);
    expect((await service.view(other))?.token).toBe(`token-of-${B}`);
    await service.run(290);
    const [label] = [...service.identities.viewItems.keys()];
    const tries = service.handled.filter((one) => one.label === label).map(({ at }) => at - began);
    expect(tries.length).toBeGreaterThanOrEqual(5);
    expect(tries.length).toBeLessThanOrEqual(7);
    expect(
      service.events.filter((event) => event.kind === 'failed').map((e) => 'tries' in e && e.tries),
    ).toEqual(tries.map((_, index) => index));
    service.ses.broken.clear();
    await service.run(400);
    expect(service.ses.identities.has(A)).toBe(true);
  });

  test('has one retry under way, however often checks ask meanwhile', async () => {
    service.ses.broken.add(A);
    const claim = await service.claim(A);
    for (let check = 0; check < 5; check += 1) {
      await service.ask(claim);
      await service.run(3);
    }
    expect(service.waiting).toHaveLength(1);
  });

  test('of which the retry cannot be sent comes again by SQS, and alone', async () => {
    service.ses.broken.add(A);
    await service.claim(A);
    await service.claim(B);
    const bodies = service.waiting.splice(0).map(({ body }) => body);
    service.ports.queue.send = async () => {
      throw new Error('SQS is out');
    };
    expect(await service.call(bodies)).toEqual([0]);
    expect(await service.identities.get(B)).toMatchObject({ stage: 'made' });
  });

  test('by a message that cannot be read is that message', async () => {
    await service.claim(A);
    const [body] = service.waiting.splice(0).map((one) => one.body);
    expect(await service.call(['{', body!])).toEqual([0]);
    expect(await service.identities.get(A)).toBeDefined();
  });

  test('by a malformed identity is its own message, and no other', async () => {
    await service.claim(A);
    await service.claim(B);
    const { identities } = service;
    identities.getMany = malformed(identities.getMany.bind(identities), (domains) =>
      domains.includes(A),
    );
    const bodies = service.waiting.splice(0).map(({ body }) => body);
    expect(await service.call(bodies)).toEqual([0]);
    expect(identities.items.has(A)).toBe(false);
    expect(identities.items.get(B)).toMatchObject({ stage: 'made' });
  });
});

describe('a message of release 0.2', () => {
  test('has the identity made, polled and removed by the domain alone', async () => {
    const claim = await service.claim(A);
    await service.claim(B);
    service.waiting = [];
    const message = JSON.stringify({ domain: A, others: [B] });
    expect(await service.call([message])).toEqual([]);
    expect(service.ses.identities.size).toBe(2);
    await service.claims.retire(claim, { ...claim, lifecycle: 'expired', version: 2 });
    await service.call([JSON.stringify({ domain: A })]);
    expect([...service.ses.identities.keys()]).toEqual([B]);
  });
});
