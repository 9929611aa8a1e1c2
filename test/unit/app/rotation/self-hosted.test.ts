import { beforeEach, describe, expect, test } from 'vitest';
import { observe } from '#shared/app/checks/lookup/observations.ts';
import { preparedSeen, withSeen } from '#shared/app/checks/decide/own-keys.ts';
import { keyQuestion } from '#shared/app/checks/lookup/questions.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey, shownKey } from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { hostedKey } from '#shared/core/records/kinds/dkim/hosted.ts';
import { recordsToChange } from '#shared/core/records/records-to-change.ts';
import { revokeSigningKey } from '#shared/app/rotation/revoke-signing-key.ts';
import { DAY, HOUR, slotName, TestEnvironment, type SentMail } from './test-environment.ts';

let testEnvironment: TestEnvironment;
let claim: Claim;
let mails: SentMail[];
let failures: string[];

beforeEach(async () => {
  testEnvironment = new TestEnvironment();
  mails = [];
  failures = [];
  claim = await testEnvironment.givenVerified({ hosting: 'self' });
  for (const key of claim.keys) publish(await testEnvironment.claim(claim), key.selector);
  await check();
});

/** The customer copies what a slot is to show. */
function publish(now: Claim, selector: string): void {
  const slot = now.keys.find((key) => key.selector === selector)!;
  const [txt = ''] = hostedKey(now, shownKey(slot)).values;
  testEnvironment.breakSlot(now, slot.selector, { txt });
}

/** Runs the checker's hourly check of these claims. */
async function check(): Promise<void> {
  const now = await testEnvironment.claim(claim);
  const questions = now.keys.flatMap(({ selector }) => {
    const name = slotName(now, selector);
    return [{ view: 'authoritative' as const, name, type: 'TXT' as const }, keyQuestion({ name })];
  });
  const observations = await observe(testEnvironment.dns, questions);
  const keys = withSeen(now, observations, testEnvironment.now.toISOString());
  if (keys !== now.keys) {
    await testEnvironment.claims.update(now, { ...now, version: now.version + 1, keys });
  }
  const { shard, label } = now;
  const current = currentKey(keys);
  const isBroken =
    current === undefined ||
    testEnvironment.dns.honest(slotName(now, current.selector)).values[0] === undefined;
  if (isBroken) await testEnvironment.rotationQueue.send([{ kind: 'mend', shard, label }]);
  if (preparedSeen(now, observations)) {
    await testEnvironment.rotationQueue.send([{ kind: 'retry', shard, labels: [label] }]);
  }
}

async function mail(): Promise<SentMail | undefined> {
  const sent = await testEnvironment.send(claim);
  const at = testEnvironment.now.toISOString();
  if (sent === undefined) return undefined;
  mails.push(sent);
  for (const each of mails.filter(
    (one) => one === sent || one.at === testEnvironment.now.getTime() - 5 * DAY,
  )) {
    if (!testEnvironment.verifies(each))
      failures.push(`sent ${new Date(each.at).toISOString()}, looked at ${at}`);
  }
  return sent;
}

/** Months with a run on each 1st; mail and checks by the hour, and what the customer does each day. */
async function months(count: number, customer: (now: Claim) => void): Promise<void> {
  const start = testEnvironment.now.getTime();
  const first = new Date(start);
  const end = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + count, 28);
  for (let month = 1; month <= count; month += 1) {
    const due = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, 1, 3);
    testEnvironment.schedule(new Date(due).toISOString());
  }
  for (let at = start + HOUR; at < end; at += HOUR) {
    testEnvironment.at(at, async () => {
      await mail();
      await check();
    });
  }
  for (let at = start + 5 * HOUR; at < end; at += DAY) {
    testEnvironment.at(at, async () => {
      customer(await testEnvironment.claim(claim));
      await testEnvironment.retry();
    });
  }
  await testEnvironment.until(end);
}

const selectorsUsed = (): string[] =>
  mails.map(({ selector }) => selector).filter((one, index, all) => one !== all[index - 1]);

describe('a claim that hosts its keys itself', () => {
  test('moves from key to key as its customer changes the records, and every mail verifies', async () => {
    await months(8, (now) => {
      for (const { selector, since } of recordsToChange(now)) {
        if (testEnvironment.now.getTime() - Date.parse(since) > 2 * DAY) publish(now, selector);
      }
    });
    expect(failures).toEqual([]);
    expect(selectorsUsed().slice(0, 4)).toEqual(['zero', 'one', 'two', 'zero']);
    expect(selectorsUsed().length).toBeGreaterThanOrEqual(6);
    expect(await testEnvironment.pastKeys(claim)).not.toHaveLength(0);
  });

  test('goes on with its key where the customer does nothing: notified and listed, but no fault', async () => {
    await months(5, () => {});
    expect(failures).toEqual([]);
    const now = await testEnvironment.claim(claim);
    const [record, ...more] = recordsToChange(now);
    expect(more).toEqual([]);
    const item = testEnvironment.backlog.items.get(claim.label);
    expect(item).toMatchObject({ kind: 'awaits-customer', reason: 'record-to-change' });
    expect(item?.detail).toContain(record!.value);
    const prepared = testEnvironment.events.filter(({ kind }) => kind === 'prepared');
    expect(prepared).toHaveLength(1);
    expect(testEnvironment.events.filter(({ kind }) => kind === 'held-back')).toEqual([]);
    // The spare signed in its turn; the next rotation waits for the key that was prepared.
    expect(selectorsUsed()).toEqual(['zero', 'one']);
  });

  test('signs with nothing that is not to be seen: its record removed, another takes over', async () => {
    testEnvironment.breakSlot(claim, claim.keys[0].selector);
    testEnvironment.at(testEnvironment.now.getTime() + 50 * HOUR, check);
    await testEnvironment.until(testEnvironment.now.getTime() + 51 * HOUR);
    expect(currentKey((await testEnvironment.claim(claim)).keys)?.selector).toBe('one');
    await mail();
    expect(failures).toEqual([]);
  });

  test('with none of its keys to be seen mail waits, and goes on once one is back', async () => {
    for (const { selector } of claim.keys) testEnvironment.breakSlot(claim, selector);
    await check();
    await testEnvironment.settle();
    expect(currentKey((await testEnvironment.claim(claim)).keys)).toBeUndefined();
    expect(await mail()).toBeUndefined();
    expect(testEnvironment.backlog.items.get(claim.label)).toMatchObject({
      kind: 'awaits-customer',
      reason: 'no-key-seen',
    });

    publish(await testEnvironment.claim(claim), 'zero');
    await check();
    await testEnvironment.advance(20 * 60_000);
    expect(await mail()).toMatchObject({ selector: 'zero' });
    expect(failures).toEqual([]);
  });

  test('of a key that is compromised the customer is asked to change the record at once', async () => {
    const { id } = currentKey((await testEnvironment.claim(claim)).keys)!;
    await revokeSigningKey(claim, id, testEnvironment.workerPorts);
    await testEnvironment.settle();
    const now = await testEnvironment.claim(claim);
    expect(currentKey(now.keys)?.selector).toBe('one');
    const [advised, ...more] = recordsToChange(now);
    expect(more).toEqual([]);
    expect(advised).toMatchObject({ selector: 'zero', reason: 'compromise' });

    publish(now, 'zero');
    await check();
    await testEnvironment.settle();
    const after = await testEnvironment.claim(claim);
    expect(recordsToChange(after)).toEqual([]);
    expect(after.keys.map((key) => key.id)).not.toContain(id satisfies KeyId);
    await mail();
    expect(failures).toEqual([]);
    expect(mails.map(({ keyId }) => keyId)).not.toContain(id);
  });
});
