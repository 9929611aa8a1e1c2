import { expect, test } from 'vitest';
import { messageStatus } from '#shared/core/model/message.ts';
import { addresses, TestEnvironment } from './test-environment.ts';

async function given({ recipients }: { recipients: number }) {
  const env = new TestEnvironment();
  const claim = await env.givenHeld('example.com');
  const work = await env.givenAccepted(claim, { recipients });
  const suppress = (...some: readonly string[]) =>
    env.suppressions.addAll(
      work.tenant,
      some.map((address) => ({
        tenant: work.tenant,
        address,
        reason: 'bounce',
        addedAt: env.now.toISOString(),
      })),
    );
  const status = async () => {
    const { message, recipientBatches } = (await env.messages.get(work.tenant, work.id))!;
    return messageStatus(message, recipientBatches);
  };
  const sentTo = () => env.mailer.accepted.flatMap(({ envelope }) => envelope.recipients);
  return { env, work, suppress, status, sentTo };
}

test('a recipient who came onto the list after submission is left out, the others get the mail', async () => {
  const { env, work, suppress, status, sentTo } = await given({ recipients: 60 });
  await suppress('r1@example.net', 'R55@example.net');
  expect((await env.send([work])).failed).toEqual([]);
  expect(sentTo()).toEqual(
    addresses(60).filter((each) => each !== 'r1@example.net' && each !== 'r55@example.net'),
  );
  expect(await status()).toBe('suppressed');
  const [one, two] = await env.recipientBatches(work);
  expect(one!.recipients[1]).toEqual({ address: 'r1@example.net', state: 'suppressed' });
  expect(two!.recipients[5]).toEqual({ address: 'r55@example.net', state: 'suppressed' });
  expect(env.bus.events.map(({ type, data }) => [type, data['recipient']])).toEqual([
    ['message.suppressed', 'r1@example.net'],
    ['message.suppressed', 'r55@example.net'],
  ]);
});

test('a mail all of whose recipients are on the list makes no call, and is at its end', async () => {
  const { env, work, suppress, status, sentTo } = await given({ recipients: 2 });
  await suppress('r0@example.net', 'r1@example.net');
  await env.send([work]);
  await env.send([work]);
  expect(sentTo()).toEqual([]);
  expect(await status()).toBe('suppressed');
  expect(env.outbound.sent).toEqual([]);
  expect(new Set(env.bus.events.map(({ id }) => id)).size).toBe(2);
});

test('an event of SES about the others leaves it as it is', async () => {
  const { env, work, suppress } = await given({ recipients: 2 });
  await suppress('r0@example.net');
  await env.send([work]);
  await env.deliverEvent(env.mailer.accepted[0]!);
  const [{ recipients } = { recipients: [] }] = await env.recipientBatches(work);
  expect(recipients.map(({ state }) => state)).toEqual(['suppressed', 'sent']);
});

test('the list of another tenant stops nothing', async () => {
  const { env, work, sentTo } = await given({ recipients: 1 });
  const other = await env.givenHeld('example.org');
  await env.suppressions.add({
    tenant: other.tenant,
    address: 'r0@example.net',
    reason: 'manual',
    addedAt: env.now.toISOString(),
  });
  await env.send([work]);
  expect(sentTo()).toEqual(['r0@example.net']);
});
