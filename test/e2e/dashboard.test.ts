import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until, type Api } from './support/api.ts';
import {
  button,
  desktop,
  expectNone,
  findChromium,
  focused,
  inspect,
  keptBy,
  layoutShiftOf,
  openPage,
  overflowOf,
  phone,
  shown,
  signIn,
  startBrowser,
  tabTo,
  type Complaints,
} from './support/browser.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('the dashboard', () => {
  let service: Service;
  let url: string;
  let browser: Browser;
  /** Each test has a browser, an account and domains of its own, each time it is tried. */
  let context: BrowserContext;
  let page: Page;
  let complaints: Complaints;
  let api: Api;
  let attempts = 0;

  beforeAll(async () => {
    service = await startService();
    url = service.local.endpoints.dashboard;
    browser = await startBrowser(chromium as string);
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  beforeEach(async () => {
    attempts += 1;
    api = await service.newTenant(`attempt ${attempts}`);
    context = await browser.newContext({ viewport: desktop, acceptDownloads: true });
    ({ page, complaints } = await openPage(context));
  }, 120_000);

  afterEach(async () => {
    await context.close();
    expectNone(complaints);
  });

  const zoneOf = (name: string) => join(service.customerDns, `${name}.zone`);
  /** A domain that no test had before. */
  const named = (what: string) => `${what}-${attempts}.example`;
  /** The row that has a cell, or a part of one, of exactly that text. */
  const row = (text: string) =>
    page.getByRole('row').filter({ has: page.getByText(text, { exact: true }) });
  const fieldOf = (label: string) => page.getByRole('textbox', { name: label, exact: true });
  /** A domain whose records are all made, and none of them in DNS. */
  const claimed = async (what: string) => {
    const name = named(what);
    await api.claim(name);
    await api.check(name);
    await until(
      'the SES record',
      () => api.domain(name),
      (answer) => answer.body.records.every(({ value }) => value !== ''),
      90,
    );
    return name;
  };
  /** A domain that mail can be sent from. */
  const verified = async (what: string) => {
    const name = named(what);
    await onboard(service, api, name);
    return name;
  };

  test('is served with a strict policy and without a script or style in the page itself', async () => {
    for (const path of ['/', '/domains/example.com', '/v1/domains']) {
      const { headers } = await fetch(`${url}${path}`);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:/);
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
    const html = await (await fetch(url)).text();
    expect(html).not.toMatch(/<style|<script(?![^>]* src=)|\sstyle=|\son\w+=/);
  });

  test('tells what is wrong with a key that does not open the API', async () => {
    await page.goto(url);
    expect(await inspect(page, 'sign-in')).toEqual([]);
    for (const [key, says] of [
      ['hello there', 'Enter an API key'],
      [`sd_${'a'.repeat(52)}`, 'unknown or was revoked'],
    ] as const) {
      await page.getByLabel('API key', { exact: true }).fill(key);
      await button(page, 'Sign in').click();
      await shown(page, says);
    }
  });

  test('leads from an empty account to a verified domain and a signed mail, by clicks alone', async () => {
    const name = named('dashboard');
    await signIn(page, url, api.key);
    await shown(page, 'No domains yet');
    expect(await inspect(page, 'no-domains')).toEqual([]);

    await button(page, 'Add a domain').last().click();
    await fieldOf('Domain').fill('github.io');
    await button(page, 'Next').click();
    await shown(page, 'is a public suffix');
    await fieldOf('Domain').fill(name.toUpperCase());
    expect(await inspect(page, 'add-domain')).toEqual([]);
    await button(page, 'Next').click();

    await shown(row(`_amazonses.${name}`), 'Not found yet');
    expect(await inspect(page, 'records-missing')).toEqual([]);

    await button(page, 'Export').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Zone file (BIND)', exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${name}.zone`);
    await writeFile(zoneOf(name), await readFile(await download.path()));

    await button(page, 'Share').click();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Make a link').click();
    const link = await dialog.getByText(/^https?:\/\/\S+\/v1\/shared\/\S+$/).textContent();
    expect(await (await fetch(link as string)).text()).toContain('zero._domainkey');
    await button(dialog, 'Done').click();

    // Nothing is clicked: the page sees it by itself.
    await shown(page, `${name} is ready`);
    await shown(page, 'All records are right');
    expect(await page.getByText('Not found yet', { exact: true }).count()).toBe(0);
    expect(await inspect(page, 'records-right')).toEqual([]);

    await button(page, 'Next').click();
    await fieldOf('To').fill('success@simulator.amazonses.com');
    await fieldOf('Subject').fill('Grüße\u{1f600}');
    await button(page, 'Send').click();
    await shown(page, 'Signed and delivered');
    expect(await inspect(page, 'test-mail')).toEqual([]);

    const mails = await service.outbox();
    const mail = mails.find(({ raw }) => raw.includes(`From: test@${name}`));
    expect(await mailauth(service.dnsPort)([mail!.delivered], name)).toEqual(['pass']);

    await button(page, 'Done').click();
    await page.getByRole('tab', { name: 'Records', exact: true }).waitFor();
    expect(await inspect(page, 'domain')).toEqual([]);
  });

  test('gives TXT values to copy to who creates no CNAME records', async () => {
    const name = named('own-keys');
    await signIn(page, `${url}/add-domain`, api.key);
    await fieldOf('Domain').fill(name);
    const choice = page.getByLabel('I can’t or won’t create CNAME records');
    await choice.check();
    await page.reload();
    await page.getByLabel('API key', { exact: true }).fill(api.key);
    await button(page, 'Sign in').click();
    await choice.waitFor();
    expect(await choice.isChecked()).toBe(true);
    await button(page, 'Next').click();
    const slot = row(`zero._domainkey.${name}`);
    await slot.getByText(/^v=DKIM1; k=rsa; p=MII/).waitFor();
    expect(await slot.getByRole('button', { name: 'Copy value of dkim-zero' }).count()).toBe(1);
    expect(await page.getByText('CNAME', { exact: true }).count()).toBe(0);
    expect((await api.domain(name)).body).toMatchObject({ name, hosting: 'self' });
    expect(await inspect(page, 'self-hosted')).toEqual([]);
  });

  test('leads to the DNS provider where that can create the records', async () => {
    const name = await claimed('connected');
    const applyUrl = 'https://dns.example/v2/apply?domain=x&sig=y';
    await page.route('**/domain-connect', (route) =>
      route.fulfill({
        json: {
          supported: true,
          provider: 'Example DNS',
          applyUrl,
          records: [],
          reason: null,
          detail: null,
        },
      }),
    );
    await signIn(page, `${url}/domains/${name}`, api.key);
    const link = page.getByRole('link', { name: /^Create them at Example DNS/ });
    expect(await link.getAttribute('href')).toBe(applyUrl);
    expect(await inspect(page, 'domain-connect')).toEqual([]);
  });

  test('changes a policy, and says what follows', async () => {
    const name = await verified('policy');
    await signIn(page, `${url}/domains/${name}`, api.key);
    await page.getByRole('tab', { name: 'SPF and DMARC', exact: true }).click();
    await button(page, 'Change the policy').waitFor();
    expect(await inspect(page, 'policies')).toEqual([]);
    await button(page, 'Change the policy').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'Reject' }).check();
    await shown(dialog, 'in one step');
    await dialog.getByRole('radio', { name: 'Quarantine' }).check();
    await shown(dialog, 'put to spam from then on');
    expect(await inspect(page, 'change-policy')).toEqual([]);
    await button(dialog, 'Change it').click();
    await shown(page, 'The DMARC policy is now “Quarantine”.');
    await until(
      'the policy in DNS',
      () => service.resolver.resolveTxt(`_dmarc.${name}`).catch(() => []),
      (answers) => answers.flat().join('').includes('p=quarantine'),
      90,
    );

    await button(page, 'Begin a plan').click();
    await dialog.getByRole('radio', { name: 'Reject' }).check();
    await button(dialog, 'Begin it').click();
    await shown(dialog, 'needs your consent; tick it, too.');
    expect(await inspect(page, 'begin-plan')).toEqual([]);
    await dialog.getByRole('checkbox', { name: /^I agree to/ }).check();
    await button(dialog, 'Begin it').click();
    await shown(page, 'The plan goes up to “Reject”.');
    await button(page, 'Hold it here').click();
    await shown(page, 'The plan takes no step beyond “Quarantine”.');
    expect(await inspect(page, 'plan')).toEqual([]);
    await button(page, 'End the plan').click();
    await button(dialog, 'End it').click();
    await shown(page, 'There is no plan');

    const senders = fieldOf('Other senders of yours');
    await senders.fill('ip4:192.0.2.1');
    await button(page, 'Add').click();
    await button(page, 'Remove ip4:192.0.2.1').waitFor();
    await senders.fill('nonsense');
    await button(page, 'Add').click();
    await shown(page, /["“]nonsense["”]/);
    await button(page, 'Remove ip4:192.0.2.1').click();
    await button(page, 'Remove ip4:192.0.2.1').waitFor({ state: 'detached' });
  });

  test('rotates where it is due, says why where it is not, and revokes a compromised key', async () => {
    const name = await verified('keys');
    await signIn(page, `${url}/domains/${name}`, api.key);
    await page.getByRole('tab', { name: 'Signing keys', exact: true }).click();
    await shown(row('zero'), 'Signs', { exact: true });
    expect(await inspect(page, 'keys')).toEqual([]);
    const refused = await api.request('POST', `/v1/domains/${name}/rotations`, {
      json: { reason: 'manual' },
    });
    expect(refused.status).toBe(409);
    await button(page, 'Rotate now').click();
    await shown(page, String(refused.body['detail']).slice(0, 40));

    await button(page, 'A key was compromised').click();
    const dialog = page.getByRole('dialog');
    const revoke = button(dialog, 'Revoke the key');
    expect(await revoke.isDisabled()).toBe(true);
    await dialog.getByRole('checkbox').check();
    expect(await inspect(page, 'compromise')).toEqual([]);
    // The next key takes over where DNS shows it by now, and it may just have been claimed.
    await revoke.click();
    await shown(row('zero'), 'Revoked', { exact: true });
    await shown(row('one'), 'Signs', { exact: true });
    expect((await api.domain(name)).body.dkim).toMatchObject({ current: 'one' });
    await shown(page, 'zero signed, until it was compromised');
    await shown(page, 'one signs', { exact: true });
    expect(await inspect(page, 'keys-timeline')).toEqual([]);
    await page.getByRole('tab', { name: 'Reports', exact: true }).click();
    await shown(page, 'No receiver has reported');
    expect(await inspect(page, 'reports-none')).toEqual([]);
  });

  test('asks for the key again after a reload and loses nothing else', async () => {
    const name = await claimed('reload');
    await signIn(page, `${url}/domains/${name}?tab=policies`, api.key);
    await fieldOf('Other senders of yours').fill('include:_spf.half-typed.example');
    await page.reload();
    await page.getByLabel('API key', { exact: true }).fill(api.key);
    await button(page, 'Sign in').click();
    await fieldOf('Other senders of yours').waitFor();
    expect(await fieldOf('Other senders of yours').inputValue()).toBe(
      'include:_spf.half-typed.example',
    );
    expect(await keptBy(page)).not.toContain(api.key);
    expect(await context.cookies()).toEqual([]);
  });

  test('makes a key that is shown once, and revokes it', async () => {
    await signIn(page, `${url}/api-keys`, api.key);
    await shown(page, 'Made by the operator');
    await button(page, 'Make an API key').click();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Make it').click();
    await shown(dialog, 'Enter a name');
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('the shop');
    await dialog.getByRole('checkbox', { name: 'domains' }).check();
    expect(await inspect(page, 'new-api-key')).toEqual([]);
    await button(dialog, 'Make it').click();
    const key = (await dialog.getByText(/^sd_[a-z2-7]{52}$/).textContent()) ?? '';
    const opens = async () =>
      (await fetch(`${api.base}/v1/domains`, { headers: { authorization: `Bearer ${key}` } }))
        .status;
    expect(await opens()).toBe(200);
    await button(dialog, 'I have kept it').click();
    await row('the shop').waitFor();
    expect(await page.getByText(key).count()).toBe(0);
    expect(await inspect(page, 'api-keys')).toEqual([]);

    await button(page, 'Revoke the shop').click();
    await button(page.getByRole('dialog'), 'Revoke').click();
    await shown(row('the shop'), 'Revoked');
    expect(await opens()).toBe(403);
  });

  test('adds a webhook, shows its secret once, and deletes it', async () => {
    await signIn(page, `${url}/webhooks`, api.key);
    await shown(page, 'There are no webhooks.');
    await button(page, 'Add a webhook').click();
    const dialog = page.getByRole('dialog');
    const address = 'https://hooks.example/mail';
    await dialog.getByRole('textbox', { name: 'Address', exact: true }).fill(address);
    await dialog.getByRole('button', { name: 'What it is told' }).click();
    await page.getByRole('option', { name: 'domain.verified' }).click();
    await page.keyboard.press('Escape');
    await button(dialog, 'Add it').click();
    const secret = (await dialog.getByText(/^whsec_\S+$/).textContent()) ?? '';
    await button(dialog, 'I have kept it').click();
    await row(address).waitFor();
    expect(await page.getByText(secret).count()).toBe(0);
    await button(page, `Deliveries to ${address}`).click();
    await shown(page, 'Nothing has happened');
    expect(await inspect(page, 'webhooks')).toEqual([]);
    await button(page, `Delete ${address}`).click();
    await button(page.getByRole('dialog'), 'Delete').click();
    await shown(page, 'There are no webhooks.');
  });

  test('shows each mistake in place, with what DNS has instead', async () => {
    const name = await claimed('mistakes');
    const { body } = await api.domain(name);
    const right = await api.zoneFile(name);
    const value = (id: string) => body.records.find((record) => record.id === id)!.value;
    const mistakes: Record<string, { id: string; zone: string }> = {
      'the domain twice in a name': {
        id: 'dkim-zero',
        zone: right.replaceAll(`zero._domainkey.${name}.`, `zero._domainkey.${name}.${name}.`),
      },
      "another slot's target": {
        id: 'dkim-one',
        zone: right.replace(`CNAME ${value('dkim-one')}.`, `CNAME ${value('dkim-two')}.`),
      },
      'a stale target': {
        id: 'dkim-two',
        zone: right.replace(`CNAME ${value('dkim-two')}.`, 'CNAME two._domainkey.other.example.'),
      },
      'another mail server for bounces': {
        id: 'mail-from-mx',
        zone: right.replace('feedback-smtp.eu-west-1', 'feedback-smtp.us-east-1'),
      },
      'SPF without our include': {
        id: 'spf',
        zone: right.replace(`"${value('spf')}"`, '"v=spf1 ip4:192.0.2.1 ~all"'),
      },
      'two SPF records': {
        id: 'spf',
        zone: `${right}\n${name}. IN TXT "v=spf1 -all"\n`,
      },
      'an SES value cut short': {
        id: 'ses-identity',
        zone: right.replace(value('ses-identity'), value('ses-identity').slice(0, 10)),
      },
    };
    await page.setViewportSize({ width: 1280, height: 2400 });
    await signIn(page, `${url}/domains/${name}/set-up`, api.key);
    for (const [mistake, { id, zone }] of Object.entries(mistakes)) {
      expect({ mistake, zone }).not.toEqual({ mistake, zone: right });
      await writeFile(zoneOf(name), zone);
      const { hint } = await until(
        mistake,
        async () => (await api.domain(name)).body.records.find((record) => record.id === id)!,
        (record) =>
          record.status === 'wrong' ||
          (record.status === 'missing' &&
            record.hint !== null &&
            record.hint !== undefined &&
            !record.hint.includes('not in the public DNS')),
        90,
      );
      const inPlace = page.getByTestId(`hint-${id}`);
      await until(
        `the hint about ${mistake}`,
        () => inPlace.textContent(),
        (text) => text === hint,
        90,
      );
    }
    expect(await inspect(page, 'records-wrong')).toEqual([]);
    await writeFile(zoneOf(name), right);
    await shown(page, `${name} is ready`);
  });

  test('fits a phone, and nothing moves while it polls', async () => {
    const name = await claimed('polling');
    await page.setViewportSize(phone);
    for (const path of [
      '/domains',
      '/add-domain',
      `/domains/${name}`,
      `/domains/${name}?tab=policies`,
      `/domains/${name}?tab=keys`,
      `/domains/${name}/set-up`,
      `/domains/${name}/test`,
      '/api-keys',
      '/webhooks',
    ]) {
      await signIn(page, `${url}${path}`, api.key);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect({ path, overflow: await overflowOf(page) }).toEqual({ path, overflow: 0 });
    }
    // A domain that is never right, so that the page goes on polling.
    await writeFile(zoneOf(name), `$ORIGIN ${name}.\n$TTL 60\n@ IN TXT "hello"\n`);
    await until(
      'the same result twice',
      async () => [
        (await api.check(name)).text,
        (await sleep(3_000), (await api.check(name)).text),
      ],
      ([first, second]) => first === second,
      90,
    );
    await page.setViewportSize(desktop);
    await signIn(page, `${url}/domains/${name}/set-up`, api.key);
    await shown(page, `zero._domainkey.${name}`);
    await page.waitForLoadState('networkidle');
    expect(await layoutShiftOf(page, 9_000)).toBe(0);
  });

  test('can be used by keyboard alone', async () => {
    const name = named('keyboard');
    await page.goto(url);
    await focused(page, 'API key');
    await page.keyboard.type(api.key);
    await page.keyboard.press('Enter');
    await button(page, 'Add a domain').last().waitFor();
    await tabTo(page, 'Add a domain');
    await page.keyboard.press('Enter');
    await focused(page, 'Domain');
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await shown(page, `zero._domainkey.${name}`);
    await tabTo(page, 'Copy value of dkim-zero');
    await page.keyboard.press('Enter');
    await shown(page, 'Copied', { exact: true });
    await tabTo(page, 'Finish later');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name, exact: true }).waitFor();
    expect((await api.domain(name)).status).toBe(200);
  });

  test('does all that a domain’s page offers by keyboard alone', async () => {
    const name = await verified('keyboard');
    await signIn(page, url, api.key);
    await page.getByRole('link', { name, exact: true }).waitFor();
    await tabTo(page, name);
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Records', exact: true }).waitFor();
    await tabTo(page, 'Records');
    await page.keyboard.press('ArrowRight');
    await focused(page, 'Signing keys');
    await page.keyboard.press('ArrowRight');
    await focused(page, 'SPF and DMARC');
    await page.keyboard.press('Enter');
    await button(page, 'Change the policy').waitFor();
    await tabTo(page, 'Change the policy');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focused(page, 'Change the policy');
    expect(page.url()).toContain(`/domains/${name}?tab=policies`);

    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, /^None/);
    await page.keyboard.press('ArrowDown');
    await focused(page, /^Quarantine/);
    await tabTo(page, 'Change it');
    await page.keyboard.press('Enter');
    await shown(page, 'The DMARC policy is now “Quarantine”.');

    await tabTo(page, 'SPF and DMARC');
    await page.keyboard.press('ArrowLeft');
    await focused(page, 'Signing keys');
    await page.keyboard.press('Enter');
    await tabTo(page, 'A key was compromised');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, /^I want to revoke it/);
    await page.keyboard.press('Space');
    await tabTo(page, 'Revoke the key');
    await page.keyboard.press('Enter');
    await shown(row('zero'), 'Revoked', { exact: true });

    await tabTo(page, 'Signing keys');
    await page.keyboard.press('ArrowLeft');
    await focused(page, 'Records');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Share');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Make a link');
    await page.keyboard.press('Enter');
    await shown(page, 'It works until');
    await tabTo(page, 'Done');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Export');
    await page.keyboard.press('Enter');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.keyboard.press('Enter'),
    ]);
    expect(download.suggestedFilename()).toBe(`${name}.zone`);

    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, `Type ${name} to confirm`);
    await page.keyboard.type(name);
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Undo the deletion');
    await page.keyboard.press('Enter');
    await shown(page, 'is kept, with the same records');
    expect((await api.domain(name)).body).toMatchObject({ lifecycle: 'live' });
  });

  test('makes API keys and webhooks, and takes them away, by keyboard alone', async () => {
    await signIn(page, `${url}/api-keys`, api.key);
    await shown(page, 'Made by the operator');
    await tabTo(page, 'Make an API key');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await tabTo(page, 'Name');
    await page.keyboard.type('by hand');
    await tabTo(page, /^domains/);
    await page.keyboard.press('Space');
    await tabTo(page, 'Make it');
    await page.keyboard.press('Enter');
    await dialog.getByText(/^sd_[a-z2-7]{52}$/).waitFor();
    await tabTo(page, 'I have kept it');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Revoke by hand');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo(page, 'Revoke');
    await page.keyboard.press('Enter');
    await shown(row('by hand'), 'Revoked');

    await tabTo(page, 'Open side navigation');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Webhooks');
    await page.keyboard.press('Enter');
    await shown(page, 'There are no webhooks.');
    await tabTo(page, 'Add a webhook');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo(page, 'Address');
    await page.keyboard.type('https://hooks.example/by-hand');
    await tabTo(page, /What it is told/);
    await page.keyboard.press('Enter');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await tabTo(page, 'Add it');
    await page.keyboard.press('Enter');
    await dialog.getByText(/^whsec_\S+$/).waitFor();
    await tabTo(page, 'I have kept it');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Delete https://hooks.example/by-hand');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await shown(page, 'There are no webhooks.');
    expect(await api.request('GET', '/v1/webhooks')).toMatchObject({ body: { webhooks: [] } });
  });

  test('deletes a domain after its name was typed, and takes that back', async () => {
    const name = await verified('short-lived');
    await signIn(page, `${url}/domains/${name}`, api.key);
    await button(page, 'Delete').click();
    const dialog = page.getByRole('dialog');
    expect(await button(dialog, 'Delete').isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: `Type ${name} to confirm`, exact: true }).fill(name);
    expect(await inspect(page, 'delete')).toEqual([]);
    await button(dialog, 'Delete').click();
    await button(page, 'Undo the deletion').click();
    await shown(page, 'is kept, with the same records');
    expect((await api.domain(name)).body).toMatchObject({ lifecycle: 'live' });
  });

  test('finds domains by the beginning of their name', async () => {
    const [one, other] = [named('dashboard'), named('mistakes')];
    await api.claim(one);
    await api.claim(other);
    const link = (name: string) => page.getByRole('link', { name, exact: true });
    const search = page.getByRole('searchbox', {
      name: 'Find domains by the beginning of their name',
      exact: true,
    });
    await signIn(page, `${url}/domains`, api.key);
    await link(one).waitFor();
    expect(await inspect(page, 'domains')).toEqual([]);
    await search.fill('mist');
    await link(one).waitFor({ state: 'detached' });
    await link(other).waitFor();
    expect(page.url()).toContain('name=mist');
    await search.fill('zzz');
    await shown(page, 'No domain of yours begins with this.');
  });

  test('shows times in the reader’s zone, with UTC on hover', async () => {
    const name = await claimed('times');
    const there = await browser.newContext({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    const { page: tokyo } = await openPage(there);
    await signIn(tokyo, `${url}/domains/${name}`, api.key);
    const time = tokyo.locator('time').last();
    await time.waitFor();
    const at = (await time.getAttribute('datetime')) as string;
    expect(await time.getAttribute('title')).toBe(`${at.slice(0, 19).replace('T', ' ')} UTC`);
    const hour = new Intl.DateTimeFormat('en-GB', {
      timeStyle: 'short',
      timeZone: 'Asia/Tokyo',
    }).format(new Date(at));
    expect(await time.textContent()).toContain(hour);
    await there.close();
  });

  test('goes back to the sign-in when its key is revoked', async () => {
    await signIn(page, `${url}/domains`, api.key);
    await shown(page, 'No domains yet');
    await service.revoke(api.key);
    await button(page, 'Add a domain').first().click();
    await fieldOf('Domain').fill('x.example');
    await button(page, 'Next').click();
    await shown(page, 'You are not signed in any more');
    expect(await page.getByLabel('API key', { exact: true }).inputValue()).toBe('');
  });

  test('says what to do where a part of the page cannot be loaded', async () => {
    const name = await claimed('broken');
    const there = await browser.newContext();
    const { page: broken } = await openPage(there);
    await signIn(broken, `${url}/domains`, api.key);
    const link = broken.getByRole('link', { name, exact: true });
    await link.waitFor();
    await broken.route('**/assets/**', (route) => route.abort());
    await link.click();
    await shown(broken, 'This page could not be shown');
    await broken.unroute('**/assets/**');
    await button(broken, 'Reload').click();
    await broken.getByLabel('API key', { exact: true }).waitFor();
    expect(await broken.getByLabel('API key', { exact: true }).inputValue()).toBe('');
    expect(broken.url()).toContain(`/domains/${name}`);
    await there.close();
  });

  test('shows what was sent from a domain, and what happened to it', async () => {
    const name = await verified('history');
    const to = 'success@simulator.amazonses.com';
    const mail = `From: a@${name}\r\nTo: ${to}\r\nSubject: x\r\n\r\nx\r\n`;
    const sent = await api.send(mail);
    await until(
      'the delivery',
      () => api.message(sent.body.id),
      ({ body }) => body.status === 'delivered',
      90,
    );
    await signIn(page, `${url}/domains/${name}?tab=messages`, api.key);
    await shown(row(to), 'Signed and delivered');
    expect(await inspect(page, 'messages')).toEqual([]);
    await page.getByRole('link', { name: to, exact: true }).click();
    await shown(page, 'What became of it');
    await shown(page, `zero._domainkey.${name}`);
    expect(page.url()).toContain(sent.body.id);
    expect(await inspect(page, 'message')).toEqual([]);
    await button(page, 'All messages').click();
    await shown(row(to), 'Signed and delivered');

    // The page does not look again by itself.
    await until(
      'all of its events',
      () => api.request<{ events: { type: string }[] }>('GET', `/v1/domains/${name}/events`),
      ({ body }) => body.events.some(({ type }) => type === 'domain.published'),
      90,
    );
    await page.getByRole('tab', { name: 'History', exact: true }).click();
    for (const [what, why] of [
      ['Verified', 'The domain is proven to be yours; mail can be signed.'],
      ['Published', 'The records that yours point at are on all of our name servers.'],
      ['Added', 'The domain was added.'],
    ] as const) {
      await shown(row(why), what, { exact: true });
    }
    expect(await inspect(page, 'history')).toEqual([]);
  });

  test('invites a user, keeps what was typed over a reload, and removes them', async () => {
    await signIn(page, `${url}/users`, api.key);
    await shown(page, 'There are no users');
    await button(page, 'Invite a user').click();
    const address = page.getByRole('dialog').getByLabel('E-mail address', { exact: true });
    await address.fill('ann');
    await button(page.getByRole('dialog'), 'Invite').click();
    await shown(page.getByRole('dialog'), 'Enter an e-mail address.');
    const email = `ann-${attempts}@users.example`;
    await address.fill(email);
    expect(await inspect(page, 'invite-user')).toEqual([]);
    await page.reload();
    await page.getByLabel('API key', { exact: true }).fill(api.key);
    await button(page, 'Sign in').click();
    await button(page, 'Invite a user').click();
    expect(await address.inputValue()).toBe(email);
    await button(page.getByRole('dialog'), 'Invite').click();
    await shown(row(email), 'Invited', { exact: true });
    expect(await inspect(page, 'users')).toEqual([]);
    await button(page, `Remove ${email}`).click();
    await button(page.getByRole('dialog'), 'Remove').click();
    await shown(page, 'There are no users');
  });
});
