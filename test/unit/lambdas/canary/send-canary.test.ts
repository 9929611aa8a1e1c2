import { describe, expect, test } from 'vitest';
import type { CanaryArrival } from '#shared/app/ports/canary-arrivals.ts';
import type { Submission } from '#shared/app/sending/submit.ts';
import { canariesOf } from '#shared/core/mail/canary.ts';
import { messageIdOf, type DomainName, type TenantId } from '#shared/core/model/names.ts';
import { CanaryFailed, sendCanary } from '../../../../lambdas/canary/send-canary.ts';
import { FakeTime } from '../../../fakes/time.ts';

const tenant = `t_${'a'.repeat(26)}` as TenantId;
const zone = 'sd.example.net' as DomainName;
const id = messageIdOf(Buffer.alloc(16, 1));

interface Given {
  readonly receives?: boolean;
  readonly api?: number;
  /** Seconds after which each is there; absent: never. */
  readonly arrivesAfter?: number;
  readonly deliveredAfter?: number;
  readonly verified?: boolean;
  readonly bounces?: boolean;
}

async function send({ receives = true, api = 403, verified = true, ...given }: Given) {
  const time = new FakeTime();
  const begun = time.clock.now().getTime();
  const after = (seconds: number | undefined): boolean =>
    seconds !== undefined && time.clock.now().getTime() - begun >= seconds * 1_000;
  const submitted: Submission[] = [];
  const lines: string[] = [];
  const log = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const state = () => {
    if (given.bounces === true) return 'bounced';
    return after(given.deliveredAfter) ? 'delivered' : 'sent';
  };
  const outcome = sendCanary(
    {
      sender: { tenant, from: 'canary@example.com' },
      deployment: { zone, ...(receives ? {} : { receivesReports: false }) },
      async submit(mail) {
        submitted.push(mail);
        return { id, repairs: [], suppressed: [] };
      },
      composeMail: async ({ subject }) => Buffer.from(subject),
      messages: {
        get: async () =>
          ({
            message: {},
            recipientBatches: [{ state: 'sent', recipients: [{ address: 'x', state: state() }] }],
          }) as never,
      },
      arrivals: {
        get: async (canary): Promise<CanaryArrival | undefined> =>
          after(given.arrivesAfter) ? { id: canary, at: '', verified } : undefined,
      },
      askApi: async () => api,
      clock: time.clock,
      random: { bytes: (size) => Buffer.alloc(size, 7) },
      sleep: time.sleep,
      log: { info: log('info'), warn: log('warn') },
    },
    begun + 120_000,
  );
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  return { submitted, lines, error, seconds: (time.clock.now().getTime() - begun) / 1_000 };
}

describe('the canary', () => {
  test('goes to an address of our own inbound that nobody else can know, and ends as it arrived', async () => {
    const { submitted, lines, error, seconds } = await send({ arrivesAfter: 6 });

    expect(error).toBeUndefined();
    expect(lines).toEqual(['info: the canary arrived']);
    expect(seconds).toBe(6);
    const [mail] = submitted;
    expect(mail).toMatchObject({ tenant, channel: 'api', strict: true });
    expect(canariesOf(mail!.recipients, `reports.${zone}`)).toEqual(['07'.repeat(16)]);
    expect(canariesOf(mail!.recipients, 'reports.example.org')).toEqual([]);
  });

  test('waits for the event of its delivery where SES receives no mail', async () => {
    const { submitted, lines, error } = await send({ receives: false, deliveredAfter: 4 });

    expect(error).toBeUndefined();
    expect(lines).toEqual(['info: the canary arrived']);
    expect(submitted[0]?.recipients).toEqual(['success@simulator.amazonses.com']);
  });

  test('does not fail where the inbound alone is out, which has an alarm of its own', async () => {
    const { lines, error } = await send({ deliveredAfter: 4 });

    expect(error).toBeUndefined();
    expect(lines).toEqual(['warn: the canary did not come to our own inbound']);
  });

  test('does not wait for the events of SES where it arrived', async () => {
    expect((await send({ arrivesAfter: 2 })).error).toBeUndefined();
  });

  test.each<[string, Given, RegExp]>([
    ['nothing comes', {}, /did not arrive in time; its status is sent/],
    ['it bounces', { bounces: true }, /its status is bounced/],
    ['it does not verify', { arrivesAfter: 2, verified: false }, /does not verify/],
    ['the API is out', { api: 500, arrivesAfter: 2 }, /answered a key that nobody has with 500/],
    ['the API lets anybody in', { api: 200, arrivesAfter: 2 }, /with 200, not 403/],
  ])('fails where %s', async (_, given, words) => {
    const { error } = await send(given);

    expect(error).toBeInstanceOf(CanaryFailed);
    expect(error?.message).toMatch(words);
  });
});
