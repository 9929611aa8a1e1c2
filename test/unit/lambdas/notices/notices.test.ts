import { beforeEach, describe, expect, test } from 'vitest';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import type { MailFields } from '#shared/app/ports/mail-composer.ts';
import type { NoticeRequest } from '#shared/app/ports/queues.ts';
import { messageIdOfKey, type Submission } from '#shared/app/sending/submit.ts';
import { languages } from '#shared/core/model/contact.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { apiKeyEvent, type ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { noticeKindNames, type NoticeRecipient } from '#shared/core/model/notice.ts';
import type { TenantState } from '#shared/core/model/tenant-state.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import { gatherEvent } from '../../../../lambdas/notices/gather-event.ts';
import { mailBatch } from '../../../../lambdas/notices/mail-batch.ts';
import type { NoticePorts } from '../../../../lambdas/notices/ports.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryNoticeStore } from '../../../fakes/notice-store.ts';

const sender = { tenant: 't_operator' as TenantId, from: 'dns@operator.example', name: 'Operator' };
const dashboard = 'https://dashboard.example';

let now: number;
let tenant: TenantId;
let store: MemoryNoticeStore;
let waiting: (NoticeRequest & { delaySeconds: number | undefined })[];
let mails: (MailFields & { key: string })[];
let state: TenantState | undefined;
let name: string | undefined;
let refusal: Refusal | undefined;
let ports: NoticePorts;
beforeEach(() => {
  now = Date.parse('2026-12-01T09:00:00.000Z');
  tenant = givenTenant();
  store = new MemoryNoticeStore();
  waiting = [];
  mails = [];
  state = undefined;
  name = 'The shop';
  refusal = undefined;
  const composed = new Map<Buffer, MailFields>();
  const keys = new Set<string>();
  ports = {
    notices: store,
    tenants: { nameOf: async () => name, stateOf: async () => state },
    queue: {
      send: async (requests, { delaySeconds } = {}) =>
        void waiting.push(...requests.map((request) => ({ ...request, delaySeconds }))),
    },
    clock: { now: () => new Date(now) },
    sender,
    dashboard,
    composeMail: async (fields) => {
      const raw = await composeMail(fields);
      composed.set(raw, fields);
      return raw;
    },
    submit: async ({ raw, idempotencyKey, recipients }: Submission) => {
      if (refusal !== undefined) throw refusal;
      const key = String(idempotencyKey);
      if (keys.has(key)) throw new Refusal('idempotency-key-reused', 'used');
      keys.add(key);
      const fields = composed.get(raw)!;
      if (recipients[0] !== fields.to[0]?.address) throw new Error('mailed to another');
      mails.push({ ...fields, key });
      return { id: messageIdOfKey(sender.tenant, key) };
    },
    log: () => {},
  };
});

const named = async (...recipients: Partial<NoticeRecipient>[]): Promise<void> => {
  const before = await store.settings(tenant);
  await store.change(tenant, before, {
    revision: before.revision + 1,
    recipients: recipients.map((one) => ({
      email: 'ann@example.com',
      language: 'en',
      kinds: noticeKindNames,
      ...one,
    })),
  });
};
let made = 0;
const happened = (
  type: ServiceEvent['type'],
  data: Record<string, unknown> = { domain: 'one.example' },
): ServiceEvent => ({
  id: `evt_${(made += 1)}`,
  type,
  tenant,
  at: new Date(now).toISOString(),
  data,
});
const gather = async (...events: ServiceEvent[]) => {
  for (const event of events) await gatherEvent(event, ports);
};
/** Mails what waits. */
const mailAll = async () => {
  for (const { delaySeconds, ...request } of waiting.splice(0)) {
    now += (delaySeconds ?? 0) * 1_000;
    await mailBatch(request, ports);
  }
};

describe('what happens', () => {
  test('is mailed two minutes later to who wants its kind, and to nobody else', async () => {
    await named({}, { email: 'bo@example.com', kinds: ['dmarc-step'] });
    await gather(happened('domain.at_risk', { domain: 'one.example', detail: 'It is missing.' }));
    expect(waiting).toMatchObject([{ tenant, delaySeconds: 120 }]);
    await mailAll();
    expect(mails).toMatchObject([
      {
        from: { address: sender.from, name: 'Operator' },
        to: [{ address: 'ann@example.com' }],
        subject: 'one.example: a DNS record broke',
      },
    ]);
    expect(mails[0]!.text).toContain('- one.example: It is missing.');
    expect(mails[0]!.text).toContain(dashboard);
    expect(mails[0]!.headers).toEqual([{ name: 'Auto-Submitted', value: 'auto-generated' }]);
  });

  test('is kept of nobody where no one is named', async () => {
    await gather(happened('domain.lost'));
    await named({ kinds: [] });
    await gather(happened('domain.lost'));
    expect(waiting).toEqual([]);
  });

  test('to a hundred domains at once is one mail, which names twenty', async () => {
    await named({});
    const names = Array.from({ length: 100 }, (_, n) => `d${String(n).padStart(2, '0')}.example`);
    await gather(...names.map((domain) => happened('domain.at_risk', { domain })));
    expect(waiting).toHaveLength(1);
    await mailAll();
    expect(mails.map(({ subject }) => subject)).toEqual(['100 domains: a DNS record broke']);
    expect(mails[0]!.text!.match(/^- d/gm)).toHaveLength(20);
    expect(mails[0]!.text).toContain('- and 80 more');
  });

  test('after a mail within the hour waits for a quarter of an hour', async () => {
    await named({});
    await gather(happened('domain.at_risk'));
    await mailAll();
    await gather(happened('domain.at_risk', { domain: 'two.example' }));
    expect(waiting[0]!.delaySeconds).toBe(900);
    await mailAll();
    now += 61 * MINUTE_MS;
    await gather(happened('domain.lost'));
    expect(waiting[0]!.delaySeconds).toBe(120);
  });

  test('comes twice, and is mailed once', async () => {
    await named({});
    const event = happened('domain.lost');
    await gather(event, event);
    const [request] = waiting;
    await mailAll();
    await mailBatch(request!, ports);
    await gather(event);
    await mailAll();
    expect(mails).toHaveLength(1);
  });

  test('a verification is a notice where a fault is over, not at first', async () => {
    await named({});
    const domain = 'one.example';
    await gather(happened('domain.verified', { domain, previousStatus: 'pending' }));
    expect(waiting).toEqual([]);
    await gather(happened('domain.verified', { domain, previousStatus: 'lost' }));
    await mailAll();
    expect(mails[0]!.subject).toBe('one.example: all DNS records are right again');
  });

  test('is mailed by its kind, the most pressing in the subject', async () => {
    await named({});
    await gather(
      happened('sending.slowed', { detail: '6% bounced' }),
      happened('signing.held', { domain: 'two.example' }),
      happened('policy.changed', { domain: 'one.example', tag: 'p', from: 'none', to: 'reject' }),
      apiKeyEvent(
        tenant,
        'api_key.created',
        { hash: 'h', name: 'evil.example/x', prefix: 'sd_abc', scopes: [] },
        new Date(now).toISOString(),
      ),
    );
    await mailAll();
    expect(mails.map(({ subject }) => subject)).toEqual([
      'two.example: mail waits for a DNS record',
      'one.example: the DMARC policy took a step',
      'The shop: an API key was made',
    ]);
    expect(mails[0]!.text).toContain('Mail is sent more slowly:\n- 6% bounced');
    expect(mails[1]!.text).toContain('- one.example: p: none → reject');
    // What a mail program would make a link of is not shown.
    expect(mails[2]!.text).toContain('- sd_abc…');
    expect(mails[2]!.text).not.toContain('evil.example');
  });
});

test.each(languages)('a mail in %s has its words, as text and as HTML', async (language) => {
  await named({ language });
  await gather(happened('domain.at_risk', { domain: 'one.example', detail: '<b>broken</b>' }));
  await mailAll();
  const { text, html, subject } = mails[0]!;
  expect(html).toContain(`<html lang="${language}">`);
  expect(`${subject}${text}${html}`).not.toMatch(/\{\w+\}|undefined/);
  expect(html).not.toContain('<b>');
  expect(text!.includes('<b>broken</b>')).toBe(language === 'en');
});

test('an account that is closed has nobody mailed; one that is suspended has', async () => {
  await named({});
  await gather(happened('domain.lost'));
  state = { status: 'suspended' };
  await mailAll();
  expect(mails).toHaveLength(1);
  await gather(happened('domain.lost', { domain: 'two.example' }));
  state = { status: 'closed' };
  await mailAll();
  expect(mails).toHaveLength(1);
});

test('a mail that is not accepted fails the message, and comes again', async () => {
  await named({});
  await gather(happened('domain.lost'));
  const [request] = waiting.splice(0);
  refusal = new Refusal('from-refused', 'The domain is not verified.');
  await expect(mailBatch(request!, ports)).rejects.toThrow('not verified');
  refusal = undefined;
  await mailBatch(request!, ports);
  expect(mails).toHaveLength(1);
});

test('where the operator sends no mails nothing is kept', async () => {
  await named({});
  ports = { ...ports, sender: undefined };
  await gather(happened('domain.lost'));
  expect(waiting).toEqual([]);
});
