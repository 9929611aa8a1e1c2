import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, type Api } from './support/api.ts';
import {
  desktop,
  findChromium,
  inspect,
  keptBy,
  layoutShiftOf,
  openPage,
  overflowOf,
  phone,
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
  let api: Api;
  let url: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: Complaints;

  beforeAll(async () => {
    service = await startService();
    api = service.api;
    url = service.local.endpoints.dashboard;
    browser = await startBrowser(chromium as string);
    context = await browser.newContext({ viewport: desktop, acceptDownloads: true });
    ({ page, complaints } = await openPage(context));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  const zoneOf = (name: string) => join(service.customerDns, `${name}.zone`);
  const row = (text: string) => page.getByRole('row').filter({ hasText: text });

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
      await page.getByLabel('API key').fill(key);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText(says).waitFor();
    }
  });

  test('leads from an empty account to a verified domain and a signed mail, by clicks alone', async () => {
    await signIn(page, url, api.key);
    await page.getByText('No domains yet').waitFor();
    expect(await inspect(page, 'no-domains')).toEqual([]);

    await page.getByRole('button', { name: 'Add a domain' }).last().click();
    const field = page.getByRole('textbox', { name: 'Domain' });
    await field.fill('github.io');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('is a public suffix').waitFor();
    await field.fill('Dashboard.Example');
    expect(await inspect(page, 'add-domain')).toEqual([]);
    await page.getByRole('button', { name: 'Next' }).click();

    await row('_amazonses.dashboard.example')
      .getByText('Not found yet')
      .waitFor({ timeout: 30_000 });
    expect(await inspect(page, 'records-missing')).toEqual([]);

    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Zone file (BIND)' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('dashboard.example.zone');
    await writeFile(zoneOf('dashboard.example'), await readFile(await download.path()));

    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByText(/^https?:\/\/\S+\/v1\/shared\/\S+$/).textContent();
    expect(await (await fetch(link as string)).text()).toContain('zero._domainkey');
    await page.getByRole('button', { name: 'Done' }).last().click();

    // Nothing is clicked: the page sees it by itself.
    await page.getByText('dashboard.example is ready').waitFor({ timeout: 60_000 });
    await page.getByText('All records are right').first().waitFor({ timeout: 60_000 });
    expect(await page.getByText('Not found yet').count()).toBe(0);
    expect(await inspect(page, 'records-right')).toEqual([]);

    await page.getByRole('button', { name: 'Next' }).click();
    await page
      .getByRole('textbox', { name: 'To', exact: true })
      .fill('success@simulator.amazonses.com');
    await page.getByRole('textbox', { name: 'Subject', exact: true }).fill('Grüße\u{1f600}');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Signed and delivered').waitFor({ timeout: 60_000 });
    expect(await inspect(page, 'test-mail')).toEqual([]);

    const [mail] = await service.outbox();
    expect(await mailauth(service.dnsPort)([mail!.delivered], 'dashboard.example')).toEqual([
      'pass',
    ]);

    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('tab', { name: 'Records' }).waitFor();
    expect(await inspect(page, 'domain')).toEqual([]);
  });

  test('changes a policy, and says what follows', async () => {
    await page.getByRole('tab', { name: 'SPF and DMARC' }).click();
    expect(await inspect(page, 'policies')).toEqual([]);
    await page.getByRole('button', { name: 'Change the policy' }).click();
    await page.getByRole('radio', { name: 'Reject' }).check();
    await page.getByText('in one step').waitFor();
    await page.getByRole('radio', { name: 'Quarantine' }).check();
    await page.getByText('put to spam from then on').waitFor();
    await page.waitForTimeout(300);
    expect(await inspect(page, 'change-policy')).toEqual([]);
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('The DMARC policy is now “Quarantine”.').waitFor();
    await until(
      'the policy in DNS',
      () => service.resolver.resolveTxt('_dmarc.dashboard.example').catch(() => []),
      (answers) => answers.flat().join('').includes('p=quarantine'),
    );

    await page.getByLabel('Other senders of yours').fill('ip4:192.0.2.1');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'Remove ip4:192.0.2.1' }).waitFor();
    await page.getByLabel('Other senders of yours').fill('nonsense');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('“nonsense”').or(page.getByText('"nonsense"')).waitFor();
    await page.getByRole('button', { name: 'Remove ip4:192.0.2.1' }).click();
    await page.getByRole('button', { name: 'Remove ip4:192.0.2.1' }).waitFor({ state: 'detached' });
  });

  test('rotates where it is due, says why where it is not, and revokes a compromised key', async () => {
    await page.getByRole('tab', { name: 'Signing keys' }).click();
    await row('zero').getByText('Signs', { exact: true }).waitFor();
    expect(await inspect(page, 'keys')).toEqual([]);
    const refused = await api.request('POST', '/v1/domains/dashboard.example/rotations', {
      json: { reason: 'manual' },
    });
    expect(refused.status).toBe(409);
    await page.getByRole('button', { name: 'Rotate now' }).click();
    await page.getByText(String(refused.body['detail']).slice(0, 40)).first().waitFor();

    await page.getByRole('button', { name: 'A key was compromised' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Revoke the key' }).isDisabled()).toBe(true);
    await dialog.getByRole('checkbox').check();
    await page.waitForTimeout(300);
    expect(await inspect(page, 'compromise')).toEqual([]);
    await dialog.getByRole('button', { name: 'Revoke the key' }).click();
    await row('zero').getByText('Revoked').waitFor();
    await row('one').getByText('Signs', { exact: true }).waitFor();
    expect((await api.domain('dashboard.example')).body.dkim).toMatchObject({ current: 'one' });
    await page.getByRole('tab', { name: 'Reports' }).click();
    await page.getByText('No receiver has reported').first().waitFor();
    expect(await inspect(page, 'reports-none')).toEqual([]);
    await page.getByRole('tab', { name: 'SPF and DMARC' }).click();
  });

  test('asks for the key again after a reload and loses nothing else', async () => {
    await page.getByLabel('Other senders of yours').fill('include:_spf.half-typed.example');
    await page.reload();
    await page.getByLabel('API key').fill(api.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Other senders of yours').waitFor();
    expect(await page.getByLabel('Other senders of yours').inputValue()).toBe(
      'include:_spf.half-typed.example',
    );
    await page.getByLabel('Other senders of yours').fill('');
    const kept = await keptBy(page);
    expect(kept).not.toContain(api.key);
    expect(await context.cookies()).toEqual([]);
  });

  test('makes a key that is shown once, and revokes it', async () => {
    await page.goto(`${url}/api-keys`);
    await signIn(page, `${url}/api-keys`, api.key);
    await page.getByText('Made by the operator').waitFor();
    await page.getByRole('button', { name: 'Make an API key' }).click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('Enter a name').waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('the shop');
    await page.getByRole('checkbox', { name: 'domains' }).check();
    await page.waitForTimeout(300);
    expect(await inspect(page, 'new-api-key')).toEqual([]);
    await page.getByRole('button', { name: 'Make it' }).click();
    const shown = page.getByText(/^sd_[a-z2-7]{52}$/);
    const key = (await shown.textContent()) ?? '';
    const opens = async () =>
      (await fetch(`${api.base}/v1/domains`, { headers: { authorization: `Bearer ${key}` } }))
        .status;
    expect(await opens()).toBe(200);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await row('the shop').waitFor();
    expect(await page.getByText(key).count()).toBe(0);
    expect(await inspect(page, 'api-keys')).toEqual([]);

    await page.getByRole('button', { name: 'Revoke the shop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await row('the shop').getByText('Revoked').waitFor();
    expect(await opens()).toBe(403);
  });

  test('adds a webhook, shows its secret once, and deletes it', async () => {
    await signIn(page, `${url}/webhooks`, api.key);
    await page.getByText('There are no webhooks.').waitFor();
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    await page
      .getByRole('textbox', { name: 'Address', exact: true })
      .fill('https://hooks.example/mail');
    await page.getByRole('button', { name: 'What it is told' }).click();
    await page.getByRole('option', { name: 'domain.verified' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add it' }).click();
    const secret = (await page.getByText(/^whsec_\S+$/).textContent()) ?? '';
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await row('https://hooks.example/mail').waitFor();
    expect(await page.getByText(secret).count()).toBe(0);
    await page.getByRole('button', { name: 'Deliveries to' }).click();
    await page.getByText('Nothing has happened').waitFor();
    expect(await inspect(page, 'webhooks')).toEqual([]);
    await page.getByRole('button', { name: 'Delete https://hooks.example/mail' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('There are no webhooks.').waitFor();
  });

  test('shows each mistake in place, with what DNS has instead', async () => {
    const name = 'mistakes.example';
    await api.claim(name);
    const { body } = await until(
      'the SES record',
      () => api.domain(name),
      (answer) => answer.body.records.every(({ value }) => value !== ''),
    );
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
    await page.goto(`${url}/domains/${name}/set-up`);
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
        60,
      );
      const shown = page.getByTestId(`hint-${id}`);
      await until(
        `the hint about ${mistake}`,
        () => shown.textContent({ timeout: 10_000 }),
        (text) => text === hint,
        40,
      );
    }
    expect(await inspect(page, 'records-wrong')).toEqual([]);
    await writeFile(zoneOf(name), right);
    await page.getByText(`${name} is ready`).waitFor({ timeout: 60_000 });
    await page.setViewportSize(desktop);
  });

  test('fits a phone, and nothing moves while it polls', async () => {
    for (const path of [
      '/domains',
      '/add-domain',
      '/domains/dashboard.example',
      '/domains/dashboard.example?tab=policies',
      '/domains/dashboard.example?tab=test',
      '/domains/mistakes.example/set-up',
      '/api-keys',
    ]) {
      await page.setViewportSize(phone);
      await signIn(page, `${url}${path}`, api.key);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect({ path, overflow: await overflowOf(page) }).toEqual({ path, overflow: 0 });
    }
    await onboardHalf('polling.example');
    await page.setViewportSize(desktop);
    await signIn(page, `${url}/domains/polling.example/set-up`, api.key);
    await page.getByText('zero._domainkey.polling.example').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(await layoutShiftOf(page, 9_000)).toBe(0);
  });

  /** A domain that is never right, so that the page goes on polling. */
  const onboardHalf = async (name: string) => {
    await api.claim(name);
    await until(
      'the SES record',
      () => api.domain(name),
      (answer) => answer.body.records.every(({ value }) => value !== ''),
    );
    await writeFile(zoneOf(name), `$ORIGIN ${name}.\n$TTL 60\n@ IN TXT "hello"\n`);
    await api.check(name);
  };

  test('can be used by keyboard alone', async () => {
    await page.goto(url);
    await page.getByLabel('API key').waitFor();
    await page.keyboard.type(api.key);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Add a domain' }).waitFor();
    await tabTo(page, 'Add a domain');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Domain' }).waitFor();
    await page.keyboard.type('keyboard.example');
    await page.keyboard.press('Enter');
    await page.getByText('zero._domainkey.keyboard.example').first().waitFor();
    await tabTo(page, 'Copy value of dkim-zero');
    await page.keyboard.press('Enter');
    await page.getByText('Copied').waitFor();
    await tabTo(page, 'Finish later');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'dashboard.example' }).waitFor();
    await tabTo(page, 'dashboard.example');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Records' }).waitFor();
    await tabTo(page, 'Records');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Change the policy');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await api.domain('keyboard.example')).status).toBe(200);
  });

  test('deletes a domain after its name was typed, and takes that back', async () => {
    await onboard(service, api, 'short-lived.example');
    await signIn(page, `${url}/domains/short-lived.example`, api.key);
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Type short-lived.example').fill('short-lived.example');
    await page.waitForTimeout(300);
    expect(await inspect(page, 'delete')).toEqual([]);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo the deletion' }).click();
    await page.getByText('is kept, with the same records').waitFor();
    expect((await api.domain('short-lived.example')).body).toMatchObject({ lifecycle: 'live' });
  });

  test('finds domains by the beginning of their name', async () => {
    await signIn(page, `${url}/domains`, api.key);
    await page.getByRole('link', { name: 'dashboard.example' }).waitFor();
    expect(await inspect(page, 'domains')).toEqual([]);
    await page.getByLabel('Find domains').fill('mist');
    await page.getByRole('link', { name: 'dashboard.example' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'mistakes.example' }).waitFor();
    expect(page.url()).toContain('name=mist');
    await page.getByLabel('Find domains').fill('zzz');
    await page.getByText('No domain of yours begins with this.').waitFor();
  });

  test('shows times in the reader’s zone, with UTC on hover', async () => {
    const there = await browser.newContext({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    const { page: tokyo } = await openPage(there);
    await signIn(tokyo, `${url}/domains/dashboard.example`, api.key);
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
    const other = await service.newTenant('revoked');
    await signIn(page, `${url}/domains`, other.key);
    await page.getByText('No domains yet').waitFor();
    await service.revoke(other.key);
    await page.getByRole('button', { name: 'Add a domain' }).first().click();
    await page.getByRole('textbox', { name: 'Domain' }).fill('x.example');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('You are not signed in any more').waitFor();
    expect(await page.getByLabel('API key').inputValue()).toBe('');
  });

  test('says what to do where a part of the page cannot be loaded', async () => {
    const there = await browser.newContext();
    const { page: broken } = await openPage(there);
    await signIn(broken, `${url}/domains`, api.key);
    await broken.getByRole('link', { name: 'dashboard.example' }).waitFor();
    await broken.route('**/assets/**', (route) => route.abort());
    await broken.getByRole('link', { name: 'dashboard.example' }).click();
    await broken.getByText('This page could not be shown').waitFor();
    await broken.unroute('**/assets/**');
    await broken.getByRole('button', { name: 'Reload' }).click();
    expect(await broken.getByLabel('API key').inputValue()).toBe('');
    expect(broken.url()).toContain('/domains/dashboard.example');
    await there.close();
  });

  test('made no complaint in all of this', () => {
    // What the API answers is asserted where it is asked; here, that the page itself is sound.
    const ofThePage = complaints.all.filter((text) => !text.includes('Failed to load resource'));
    expect(ofThePage).toEqual([]);
  });
});
