import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AnsweredCall } from '../../local/aws/gateway.ts';
import { HANG_UP } from '../../local/aws/http.ts';
import { isLong } from '../support/long.ts';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';

/** Recipients a second. */
const RATE = 14;
const MAILS = isLong ? 1_000 : 40;
/** Of each mail of the one tenant. */
const RECIPIENTS = Array.from({ length: 10 }, (_, index) => `r${index}@receiver.example`);
const OTHERS = isLong ? 10 : 4;
if (!isLong) {
  console.warn('*** 400 recipients of one tenant. 10000: npm run test:long. ***');
}

let service: Service;
const others: { api: Api; domain: string }[] = [];
/** Answers of SES to calls that send. */
const answers: number[] = [];

const observe = ({ service: name, request, response }: AnsweredCall): void => {
  if (name !== 'ses' || response === HANG_UP) return;
  if (request.path.endsWith('/outbound-emails')) answers.push(response.status);
};

const mailOf = (domain: string) =>
  `From: Ann <ann@${domain}>\r\nTo: bob@receiver.example\r\nSubject: Hi\r\n\r\nHello.\r\n`;

beforeAll(async () => {
  service = await startService({ observe });
  const names = Array.from({ length: OTHERS }, (_, index) => `one${index}.example`);
  const tenants = await Promise.all(
    names.map(async (domain) => ({ domain, api: await service.newTenant(domain) })),
  );
  others.push(...tenants);
  await Promise.all([
    onboard(service, service.api, 'big.example'),
    ...others.map(({ api, domain }) => onboard(service, api, domain)),
  ]);
  service.local.ses.putSendRate(RATE);
});
afterAll(() => service?.stop());

const left = () => service.local.ses.sends();

/** The recipients that SES had accepted mail to before that of a message. */
const leftBefore = (id: string): number => {
  const sends = left();
  const place = sends.findIndex(({ tags }) => tags['message'] === id);
  return recipientsOf(sends.slice(0, place));
};

const recipientsOf = (sends: readonly { readonly destinations: readonly string[] }[]): number =>
  sends.reduce((sum, { destinations }) => sum + destinations.length, 0);

async function submit(
  api: Api,
  domain: string,
  recipients: readonly string[] = [],
): Promise<string> {
  const { status, body, text } = await api.send(mailOf(domain), recipients);
  if (status !== 202) throw new Error(`${status} ${text}`);
  return body.id;
}

test('mail of others overtakes what one tenant has waiting, at the rate of SES, each in one call', async () => {
  const big: string[] = [];
  for (let count = 0; count < MAILS; count += 20) {
    const some = Array.from({ length: 20 }, () => submit(service.api, 'big.example', RECIPIENTS));
    big.push(...(await Promise.all(some)));
  }
  const waiting = await service.api.message(big.at(-1) ?? '');
  expect(waiting.body).toMatchObject({ status: 'accepted', held: null });
  expect(Date.parse(waiting.body.expectedAt ?? '')).toBeGreaterThan(Date.now());
  expect(Date.parse(waiting.body.expiresAt ?? '')).toBeGreaterThan(Date.now());

  const before = recipientsOf(left());
  const singles = await Promise.all(others.map(({ api, domain }) => submit(api, domain)));
  await until(
    'all mails left',
    async () => left().length,
    (count) => count === MAILS + OTHERS,
    90,
  );

  // In 5 s the exit takes so many: those before them, and no more.
  const places = singles.map((id) => leftBefore(id) - before);
  expect(Math.max(...places)).toBeLessThan(5 * RATE);
  expect(answers.length).toBeLessThanOrEqual(1.1 * (MAILS + OTHERS));
  expect(answers.filter((status) => status === 200)).toHaveLength(MAILS + OTHERS);
  expect((await service.api.message(big[0]!)).body).toMatchObject({ expectedAt: null });
}, 240_000);
