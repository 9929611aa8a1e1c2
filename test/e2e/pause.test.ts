import { afterAll, beforeAll, expect, test } from 'vitest';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';

let service: Service;
let other: Api;
beforeAll(async () => {
  // The mail that its pause holds waits in the queue to the end, which other files find empty.
  service = await startService();
  other = await service.newTenant('beside a pause');
  await Promise.all([
    onboard(service, service.api, 'pause.example'),
    onboard(service, other, 'beside-pause.example'),
  ]);
});
afterAll(() => service?.stop());

const mailFrom = (domain: string) =>
  `From: Ann <ann@${domain}>\r\nTo: bob@receiver.example\r\nSubject: Hi\r\n\r\nHello.\r\n`;

/** A mail to ten, one of whom has no mailbox. */
async function toTen(api: Api, domain: string, number: number): Promise<string> {
  const good = Array.from({ length: 9 }, (_, index) => `r${number}-${index}@receiver.example`);
  const { status, body } = await api.send(mailFrom(domain), [...good, `x${number}@gone.invalid`]);
  expect(status).toBe(202);
  return body.id;
}

const bounced = (api: Api, id: string) =>
  until(
    'the bounce',
    () => api.message(id),
    ({ body }) => body.counts['bounced'] === 1 && body.counts['delivered'] === 9,
  );

test('at one bounce of ten nobody pauses; at 10% of 60 its sender does, and nobody else', async () => {
  const { api } = service;
  await bounced(other, await toTen(other, 'beside-pause.example', 0));
  const ids: string[] = [];
  for (let number = 1; number <= 6; number += 1) {
    ids.push(await toTen(api, 'pause.example', number));
  }
  for (const id of ids) await bounced(api, id);
  // The reputation is written after the states of the recipients.
  await until(
    'the end of all functions',
    async () => service.local.goesOnAt(),
    (at) => at === Infinity,
  );
  // Signers know a standing for 15 seconds.
  await service.local.passTime(16_000);
  const { body: late } = await api.send(mailFrom('pause.example'));
  const held = await until(
    'the pause',
    () => api.message(late.id),
    ({ body }) => body.held !== null || body.status === 'delivered',
  );
  expect(held.body).toMatchObject({ status: 'accepted', held: { code: 'sending-paused' } });

  const { body: next } = await other.send(mailFrom('beside-pause.example'));
  await until(
    'mail of the other',
    () => other.message(next.id),
    ({ body }) => body.status === 'delivered',
  );
  // By another channel, and in another case.
  const json = {
    from: 'ann@beside-pause.example',
    to: ['X0@gone.invalid'],
    subject: 'Hi',
    text: 'Hello.',
  };
  const { body: again } = await other.request<{ id: string; suppressed: string[] }>(
    'POST',
    '/v1/messages',
    { json },
  );
  expect(again.suppressed).toEqual(['X0@gone.invalid']);
  expect((await other.message(again.id)).body.status).toBe('suppressed');
  const counts = await api.request<{ days: { outcomes: object }[] }>(
    'GET',
    '/v1/message-counts?domain=pause.example&days=1',
  );
  expect(counts.body.days[0]!.outcomes).toEqual({ delivered: 54, bounced: 6, complained: 0 });
  const refused = await other.request<{ messages: { id: string }[] }>(
    'GET',
    '/v1/messages?recipient=x0@GONE.invalid&status=bounced',
  );
  expect(refused.body.messages).toHaveLength(1);
});
