import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from './support/api.ts';
import {
  button,
  contextOf,
  desktop,
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
  tabTo,
} from './support/browser.ts';
import { givenDashboard } from './support/dashboard.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('the dashboard', () => {
  const dashboard = givenDashboard(chromium);

  test('asks for the key again after a reload and loses nothing else', async () => {
    const { url, context, page, api, fieldOf, claimed } = dashboard;
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

  test('fits a phone, and nothing moves while it polls', async () => {
    const { url, page, api, zoneOf, claimed } = dashboard;
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
        seenIn(await api.check(name)),
        (await sleep(3_000), seenIn(await api.check(name))),
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
    const { url, page, api, named } = dashboard;
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

  test('finds domains within their names and by status, and does the same with several', async () => {
    const { url, page, api, named } = dashboard;
    const [one, other] = [named('dashboard'), named('mistakes')];
    await api.claim(one);
    await api.claim(other);
    const link = (name: string) => page.getByRole('link', { name, exact: true });
    const search = page.getByRole('searchbox', { name: 'Find domains', exact: true });
    await signIn(page, `${url}/domains`, api.key);
    await link(one).waitFor();
    expect(await inspect(page, 'domains')).toEqual([]);
    await search.fill('stakes');
    await link(one).waitFor({ state: 'detached' });
    await link(other).waitFor();
    expect(page.url()).toContain('name=stakes');
    await search.fill('zzz');
    await shown(page, 'No domain of yours is found by this.');
    await search.fill('');
    await link(one).waitFor();
    await page.getByRole('button', { name: /^Status/ }).click();
    await page.getByRole('option', { name: 'Verified', exact: true }).click();
    await link(one).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Status/ }).click();
    await page.getByRole('option', { name: 'Waiting for records', exact: true }).click();
    await link(one).waitFor();

    await page.getByRole('checkbox', { name: `Select ${one}`, exact: true }).check();
    await button(page, 'Actions (1)').click();
    await page.getByRole('menuitem', { name: 'Select all 2', exact: true }).click();
    await button(page, 'Actions (2)').click();
    await page.getByRole('menuitem', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await shown(dialog, `${one}, ${other}`);
    await button(dialog, 'Delete').click();
    await shown(page, 'Being deleted: 2');
    // Nothing points at them, so that they go at once.
    await link(one).waitFor({ state: 'detached' });
    await link(other).waitFor({ state: 'detached' });
  });

  test('names each page, moves the focus to it, and has a way past the navigation', async () => {
    const { url, page, api } = dashboard;
    await signIn(page, url, api.key);
    await shown(page, 'No domains yet');
    const navigation = page.getByRole('navigation', { name: 'Pages', exact: true });
    await navigation.getByRole('link', { name: 'API keys', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
    expect(await page.title()).toBe('API keys – Sender domains');
    expect(await page.getByTestId('announced').textContent()).toBe('API keys');
    expect(await page.locator(':focus').getAttribute('id')).toBe('content');
    await page.reload();
    await page.getByLabel('API key', { exact: true }).fill(api.key);
    await button(page, 'Sign in').click();
    await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
    await tabTo(page, 'Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('content');

    await page.setViewportSize(phone);
    await navigation.waitFor({ state: 'hidden' });
    await button(page, 'Menu').click();
    await navigation.getByRole('link', { name: 'Domains', exact: true }).click();
    await shown(page, 'No domains yet');
    await navigation.waitFor({ state: 'hidden' });
  });

  test('keeps a list of addresses that mail is not sent to', async () => {
    const { url, page, api } = dashboard;
    await signIn(page, `${url}/suppressions`, api.key);
    await shown(page, 'Mail is sent to every address.');
    await button(page, 'Add addresses').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Addresses').fill('Ann@example.net, bob@example.net');
    // A phone that is turned keeps the dialog and what was typed.
    await page.setViewportSize(phone);
    await page.setViewportSize({ width: phone.height, height: phone.width });
    expect(await dialog.getByLabel('Addresses').inputValue()).toContain('bob@example.net');
    await page.setViewportSize(desktop);
    await button(dialog, 'Add them').click();
    await shown(page, '2 added; 0 were on the list.');
    await button(page, 'Remove ann@example.net').click();
    await button(dialog, 'Remove').click();
    await shown(page, 'Mail is sent to ann@example.net again.');
    await button(page, 'Remove ann@example.net').waitFor({ state: 'detached' });
    expect(await inspect(page, 'suppressions')).toEqual([]);
  });

  test('shows times in the reader’s zone, with UTC on hover', async () => {
    const { url, context, api, claimed } = dashboard;
    const name = await claimed('times');
    const there = await contextOf(context.browser()!, {
      timezoneId: 'Asia/Tokyo',
      locale: 'en-GB',
    });
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
    const { service, url, page, api, fieldOf } = dashboard;
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
    const { url, context, api, claimed } = dashboard;
    const name = await claimed('broken');
    const there = await contextOf(context.browser()!);
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
});

/** An answer without the time of the check. */
const seenIn = ({ text }: { readonly text: string }): string =>
  text.replace(/"checkedAt":"[^"]*"/, '');
