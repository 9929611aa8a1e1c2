import type { BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { components } from '../../dashboard/src/api/schema.d.ts';
import { until } from './support/api.ts';
import {
  button,
  expectNone,
  findChromium,
  openPage,
  sharedContext,
  shown,
  signIn,
  type Complaints,
} from './support/browser.ts';
import { sharedService, type Service } from './support/service.ts';

type Schemas = components['schemas'];

const chromium = findChromium();

/** Attacks that others might put into a field that they control. */
const attacks = [
  '<img src=x onerror="alert(1)">',
  '"><script>alert(2)</script>',
  '<svg/onload=alert(3)>',
  'javascript:alert(4)',
  '{{constructor.constructor("alert(5)")()}}',
  "';alert(6);//",
  '</title><iframe srcdoc="<script>parent.alert(7)</script>">',
  `\u202Egnp.exe ${'A'.repeat(3000)}`,
];
const attack = attacks.join(' ');

const record = (id: string, purpose: Schemas['Record']['purpose']): Schemas['Record'] => ({
  id,
  purpose,
  name: attack,
  type: purpose === 'mail-from' ? 'MX' : 'TXT',
  value: attack,
  required: true,
  why: attack,
  status: 'wrong',
  code: 'other-value',
  observed: attacks,
  hint: `${id}: ${attack}`,
  ...(purpose === 'spf'
    ? {
        spf: {
          lookups: 11,
          voidLookups: 0,
          root: {
            domain: attack,
            terms: [
              {
                text: attack,
                lookups: 11,
                voidLookups: 0,
                node: { domain: attack, problem: 'invalid', detail: attack, terms: [] },
              },
            ],
          },
        },
      }
    : {}),
});

const domain: Schemas['Domain'] = {
  name: attack,
  status: 'at-risk',
  statusSince: '2026-11-19T10:00:00.000Z',
  statusReason: { reason: attack, detail: attack },
  lostAt: '2026-11-26T10:00:00.000Z',
  sending: 'failed',
  lifecycle: 'live',
  hosting: 'service',
  purpose: 'sending',
  checkedAt: '2026-11-20T10:00:00.000Z',
  expiresAt: null,
  problem: { detail: attack, since: '2026-11-20T10:00:00.000Z' },
  records: [
    record('dkim-zero', 'dkim'),
    record('mail-from-mx', 'mail-from'),
    record('dmarc', 'dmarc'),
    record('spf', 'spf'),
  ],
  progress: { required: { right: 0, total: 1 }, recommended: { right: 0, total: 3 } },
  dkim: {
    current: attack,
    next: attack,
    previous: attack,
    rotatesAt: '2026-12-01T00:00:00.000Z',
    heldBack: { reason: attack, detail: attack, since: '2026-11-20T10:00:00.000Z' },
    prepared: [
      {
        selector: attack,
        name: attack,
        value: attack,
        reason: 'rotation',
        since: '2026-11-20T10:00:00.000Z',
        by: '2026-12-01T00:00:00.000Z',
      },
    ],
    disclosure: true,
  },
  dmarc: {
    p: 'none',
    rua: attacks,
    ruf: attacks,
    record: attack,
    start: null,
    plan: null,
    history: [],
  },
  spf: { mechanisms: attacks, all: '~all', flattened: [], record: attack, lookups: 1 },
  createdAt: '2026-11-20T10:00:00.000Z',
  verifiedAt: '2026-11-20T10:00:00.000Z',
};

const senders: Schemas['SenderPolicy'] = {
  name: attack,
  records: [{ name: attack, text: attack }],
  lookups: 1,
  sources: [
    { mechanism: attack, from: 'customer', addresses: attacks, problem: attack, flattening: null },
  ],
  addresses: attacks,
};

const message: Schemas['Message'] = {
  id: attack,
  status: 'bounced',
  domain: attack,
  size: 1,
  createdAt: '2026-11-20T10:00:00.000Z',
  signature: {
    domain: attack,
    selector: attack,
    keyId: attack,
    at: '2026-11-20T10:00:00.000Z',
  },
  reasons: attacks,
  expectedAt: null,
  expiresAt: null,
  held: null,
  unclearAttempts: 0,
  repairs: [],
  channel: 'smtp',
  counts: { bounced: attacks.length },
  recipients: attacks.map((each) => ({ address: each, state: 'bounced', detail: each })),
};

const apiKeys: Schemas['ApiKeyList'] = {
  keys: [
    {
      id: 'a',
      name: attack,
      prefix: attack,
      scopes: ['domains:read'],
      createdAt: '2026-11-20T10:00:00.000Z',
      strict: false,
      domains: [attack],
      addresses: [attack],
      expiresAt: null,
      madeBy: { kind: 'key', id: attack },
      lastUsed: { at: '2026-11-20T10:00:00.000Z', address: attack },
      self: false,
      revokedAt: null,
    },
  ],
};

const totals = {
  messages: 3,
  passed: 1,
  dkim: 1,
  spf: 1,
  quarantined: 0,
  rejected: 0,
  rates: { passed: 0.3, dkim: 0.3, spf: 0.3 },
};

const reports: Schemas['Reports'] = {
  name: attack,
  from: '2026-11-01',
  to: '2026-11-20',
  totals,
  days: [{ ...totals, day: attack }],
  sources: [
    {
      ...totals,
      id: attack,
      kind: 'sender',
      addresses: attacks,
      known: false,
      decision: 'undecided',
      service: { name: attack, align: attack, page: 'https://esp.example/', read: '2026-11-01' },
    },
  ],
  selectors: [{ selector: attack, passed: 1, failed: 1, rate: 0.5 }],
  reporters: [{ reporter: attack, reports: 1, messages: 3, unreadableRows: 1 }],
  names: [{ ...totals, name: attack }],
  unreadableRows: 1,
  coarse: { reports: 1, messages: 1 },
  unverified: { reports: 1, messages: 1, unreadableRows: 1, organizations: attacks },
  flaggedKeys: [],
  refused: [],
};

const effects: Schemas['PolicyEffects'] = {
  name: attack,
  from: '2026-11-01',
  to: '2026-11-20',
  totals: [],
  sources: [
    {
      tag: 'p',
      id: attack,
      kind: 'sender',
      known: false,
      messages: 3,
      passed: 1,
      failed: 2,
      policies: [],
    },
  ],
  next: [
    {
      tag: 'p',
      from: 'none',
      to: 'quarantine',
      ready: true,
      why: attack,
      failing: { known: 1, others: 1 },
    },
  ],
};

const webhook = {
  id: 'w',
  url: attack,
  events: ['domain.verified'],
  createdAt: '2026-11-20T10:00:00.000Z',
  state: 'off',
  failing: {
    since: '2026-11-20T10:00:00.000Z',
    attempts: 12,
    reason: attack,
    nextAt: '2026-11-20T10:00:00.000Z',
  },
  off: { at: '2026-11-23T10:00:00.000Z', by: 'service', reason: attack },
  previousSecretsUntil: ['2026-11-24T10:00:00.000Z'],
} satisfies Schemas['Webhook'];

const deliveries: Schemas['DeliveryPage'] = {
  deliveries: [
    {
      id: 'd',
      type: 'domain.verified',
      at: '2026-11-20T10:00:00.000Z',
      state: 'failed',
      nextAt: null,
      attempts: [{ at: '2026-11-20T10:00:00.000Z', status: 500, error: attack }],
      data: { domain: attack },
    },
  ],
  cursor: null,
};

const keys: Schemas['KeyHistory'] = {
  name: attack,
  keys: [
    {
      id: attack,
      selector: attack,
      algorithm: 'rsa-sha256',
      publicKey: attack,
      state: 'current',
      revoked: false,
      createdAt: '2026-11-20T10:00:00.000Z',
      signed: [{ from: '2026-11-20T10:00:00.000Z', to: null }],
      goneAt: null,
      disclosedPrivateKey: attack,
      disclosedAt: '2026-11-20T10:00:00.000Z',
    },
  ],
};

const problem = {
  type: 'urn:x',
  title: attack,
  status: 422,
  detail: attack,
  code: 'spf-invalid',
} satisfies Schemas['Problem'];

const domainConnect: Schemas['DomainConnect'] = {
  supported: true,
  provider: attack,
  applyUrl: 'https://provider.example/sync/apply?state=x',
  records: [],
  reason: null,
  detail: null,
};

const mail: Schemas['RecentMail'] = { outcomes: 3, bounced: 1, complained: 1, standing: 'good' };

const inShort: Schemas['DomainInShort'] = {
  name: attack,
  status: 'at-risk',
  statusSince: '2026-11-19T10:00:00.000Z',
  statusReason: { reason: attack, detail: attack },
  lostAt: '2026-11-26T10:00:00.000Z',
  lifecycle: 'live',
  hosting: 'service',
  purpose: 'sending',
  dmarc: 'none',
  policyHeld: true,
  selector: attack,
  rotatesAt: '2026-12-01T00:00:00.000Z',
  mail,
};

const suppressions: Schemas['SuppressionPage'] = {
  suppressions: attacks.map((address) => ({
    address,
    reason: 'bounce',
    addedAt: '2026-11-20T10:00:00.000Z',
    message: attack,
    detail: attack,
  })),
  cursor: null,
};

const mails: Schemas['MessagePage'] = {
  messages: [
    {
      id: 'm',
      status: 'bounced',
      domain: attack,
      size: 1,
      createdAt: '2026-11-20T10:00:00.000Z',
      signature: null,
      reasons: [attack],
      unclearAttempts: 0,
      channel: 'api',
      repairs: [{ code: attack, detail: attack }],
      expiresAt: null,
      held: null,
      counts: { bounced: 1 },
      to: attack,
      recipients: [{ state: 'bounced', count: 1 }],
    },
  ],
  cursor: null,
};

const notices: Schemas['Notices'] = {
  recipients: attacks.map((email) => ({ email, language: 'en', kinds: ['lost'] })),
  revision: 1,
  offered: true,
};

/** Answers as the API would if it had stored nothing but attacks. */
function answerTo(method: string, path: string): { status: number; body: object } {
  if (path === '/v1/domains' && method === 'GET') {
    return { status: 200, body: { domains: [domain], cursor: null } };
  }
  if (path === '/v1/overview') {
    return { status: 200, body: { domains: [inShort], mail, cursor: null } };
  }
  if (path === '/v1/suppressions') return { status: 200, body: suppressions };
  if (path === '/v1/messages' && method === 'GET') return { status: 200, body: mails };
  if (path === '/v1/messages') return { status: 202, body: { id: 'm', status: 'accepted' } };
  if (path.startsWith('/v1/messages/')) return { status: 200, body: message };
  if (path === '/v1/api-keys') return { status: 200, body: apiKeys };
  if (path === '/v1/webhooks') return { status: 200, body: { webhooks: [webhook] } };
  if (path === '/v1/notices') return { status: 200, body: notices };
  if (path.endsWith('/deliveries')) return { status: 200, body: deliveries };
  if (path.endsWith('/reports')) return { status: 200, body: reports };
  if (path.endsWith('/policy-effects')) return { status: 200, body: effects };
  if (path.endsWith('/domain-connect')) return { status: 200, body: domainConnect };
  if (path.endsWith('/keys')) return { status: 200, body: keys };
  if (path.endsWith('/spf')) return { status: 200, body: senders };
  if (method === 'PATCH' || method === 'DELETE') return { status: 422, body: problem };
  return { status: 200, body: domain };
}

describe.skipIf(chromium === undefined)('hostile values', () => {
  let service: Service;
  let context: BrowserContext;
  let page: Page;
  let complaints: Complaints;
  let url: string;

  beforeAll(async () => {
    service = await sharedService();
    url = service.local.endpoints.dashboard;
    context = await sharedContext(chromium as string);
  }, 180_000);

  beforeEach(async () => {
    ({ page, complaints } = await openPage(context));
    await page.route('**/v1/**', (route) => {
      const { status, body } = answerTo(
        route.request().method(),
        new URL(route.request().url()).pathname,
      );
      return route.fulfill({ status, json: body });
    });
  });

  afterEach(async () => {
    await page.close();
    expectNone(complaints);
  });

  /**
   * Counts the elements that attacks have become. The first of them appears on the page as text.
   */
  async function elementsMade(): Promise<number> {
    await page
      .getByText(attacks[0] as string)
      .first()
      .waitFor();
    return page
      .locator(
        'img[src="x"], svg[onload], iframe, [onerror], [onload], a[href^="javascript:" i], #root script',
      )
      .count();
  }

  const pages: [string, string, (() => Promise<void>)?][] = [
    ['the overview', '/'],
    ['the list', '/domains'],
    ['the log of mail', '/mail'],
    ['a mail of the log', '/mail?message=m'],
    ['the suppression list', '/suppressions'],
    [
      'the records',
      '/domains/x/set-up',
      async () => {
        const link = page.getByRole('link', { name: 'Create them at' });
        await link.waitFor();
        expect(await link.getAttribute('href')).toBe(domainConnect.applyUrl);
        expect(await link.getAttribute('rel')).toContain('noopener');
      },
    ],
    ['a domain', '/domains/x'],
    [
      'a domain whose name in the address is one',
      `/domains/${encodeURIComponent(attack.slice(0, 300))}`,
    ],
    [
      'its policies',
      '/domains/x?tab=policies',
      async () => {
        await button(page, 'Who may send').click();
        await shown(page, 'added by you');
        const senders = page.getByRole('textbox', { name: 'Other senders of yours', exact: true });
        await senders.fill(attack);
        const refused = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
        await button(page, 'Add').click();
        expect((await refused).status()).toBe(422);
        await until(
          'the refusal below the field',
          async () => (await senders.getAttribute('aria-invalid')) ?? '',
          (invalid) => invalid === 'true',
          90,
        );
      },
    ],
    [
      'what became of a mail',
      '/domains/x/test',
      async () => {
        await page.getByRole('textbox', { name: 'To', exact: true }).fill('ann@example.net');
        // The name of the domain is an attack, so no address can be made of it; that is said.
        await button(page, 'Send').click();
        await shown(page, 'Letters, digits');
      },
    ],
    ['API keys', '/api-keys'],
    [
      'notices',
      '/notices',
      async () => {
        await button(page, `Change what is mailed to ${attacks[0]}`).click();
        await page.getByRole('dialog').waitFor();
      },
    ],
    ['signing keys', '/domains/x?tab=keys'],
    [
      'reports',
      '/domains/x?tab=reports',
      async () => {
        await page.getByRole('heading', { name: 'Sources' }).waitFor();
        await page.getByRole('heading', { name: 'What each policy would have done' }).waitFor();
      },
    ],
    [
      "a webhook's answers",
      '/webhooks',
      async () => {
        await page.getByRole('button', { name: 'Deliveries to' }).click();
        await shown(page, 'Failed', { exact: true });
      },
    ],
    ['a search', `/domains?name=${encodeURIComponent(attack.slice(0, 200))}`],
  ];

  test.each(pages)('in %s show as text and run nothing', async (_, path, act) => {
    await signIn(page, `${url}${path}`, 'sd_key');
    await act?.();
    expect(await elementsMade()).toBe(0);
  });

  test('in the answer about a mail show as text and run nothing', async () => {
    await page.route('**/v1/domains/good.example', (route) =>
      route.fulfill({ json: { ...domain, name: 'good.example' } }),
    );
    await signIn(page, `${url}/domains/good.example/test`, 'sd_key');
    await page.getByRole('textbox', { name: 'To', exact: true }).fill('ann@example.net');
    await button(page, 'Send').click();
    await shown(page, 'Bounced', { exact: true });
    expect(await elementsMade()).toBe(0);
  });
});
