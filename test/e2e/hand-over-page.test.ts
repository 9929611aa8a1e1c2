import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languages } from '#shared/core/model/contact.ts';
import type { Label } from '#shared/core/model/names.ts';
import { pageTexts } from '#shared/core/texts/page/index.ts';
import { givenResult } from '../fakes/given-result.ts';
import { givenTestEnvironment } from '../unit/lambdas/domains/test-environment.ts';
import { findChromium, inspect, overflowOf, sharedContext } from './support/browser.ts';
import { serveRoutes } from './support/hand-over-page.ts';

const chromium = findChromium();
const domain = 'a-rather-long-name-of-a-customer.example.com';

/** Words of the API and of the people who make it, which a web designer does not know. */
const ofTheApi =
  /\b(API|JSON|tenant|claim|label|shard|token|webhook|scope|selector|ok-external)\b/i;

describe.skipIf(chromium === undefined)('the page behind links, on a phone', () => {
  const testEnvironment = givenTestEnvironment();
  let served: Awaited<ReturnType<typeof serveRoutes>>;
  let context: BrowserContext;
  let page: Page;
  let token: string;

  beforeAll(async () => {
    served = await serveRoutes(testEnvironment);
    const { body } = await testEnvironment.claim(domain);
    const claim = await testEnvironment.claims.get({
      tenant: testEnvironment.tenant,
      domain: domain as never,
    });
    const { label } = claim as { label: Label };
    await testEnvironment.identities.putView({
      label,
      status: 'preparing',
      token: 'q2V5b3VyLXNlcy10b2tlbi1vZi00NC1jaGFyYWN0ZXJzLS0=',
      polledAt: testEnvironment.now(),
    });
    // One right, one wrong, one of the customer's own, one missing: each state is shown.
    const states: Record<string, object> = {
      'dkim-zero': { status: 'ok', observed: [] },
      'dkim-one': {
        status: 'wrong',
        code: 'appended-domain',
        observed: [`one._domainkey.${domain}.${domain}`],
        hint: 'It is there at a name with the domain appended <b>twice</b>.',
      },
      dmarc: {
        status: 'ok-external',
        code: 'dmarc-own-record',
        observed: ['v=DMARC1; p=none'],
        hint: 'Nothing to do: you keep your own DMARC record (p=none), which is fine.',
      },
      spf: {
        status: 'wrong',
        code: 'spf-no-include',
        observed: ['v=spf1 a mx ip4:192.0.2.17 -all'],
        value: `v=spf1 a mx ip4:192.0.2.17 include:_spf.${label}.s1.sd.example.net -all`,
        hint: 'The SPF record lacks our servers.',
      },
    };
    const result = {
      checkedAt: testEnvironment.now(),
      records: body.records.map(({ id }) => ({
        id,
        status: 'missing',
        code: 'missing',
        observed: [],
        hint: 'There is none.',
        ...states[id],
      })),
    };
    const key = { tenant: testEnvironment.tenant, domain: domain as never, label };
    await givenResult(testEnvironment.checks, {
      ...key,
      dueAt: testEnvironment.now(),
      memory: { rightSlots: [] },
      result: result as never,
    });
    testEnvironment.dns.zone('example.com', []);
    testEnvironment.dns.serve('example.com', 'ns1.domaincontrol.com', 'ns2.domaincontrol.com');
    // So that what is shown stays: no check ends.
    testEnvironment.checkTakes = Number.MAX_SAFE_INTEGER;
    const made = await testEnvironment.ask('POST', `/v1/domains/${domain}/share-links`);
    token = new URL(String(made.body['url'])).hash.slice(1);
    context = await sharedContext(chromium as string);
  });
  afterAll(() => served.close());

  const openIn = async (lang: string): Promise<void> => {
    page = await context.newPage();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${served.url}/v1/hand-over?lang=${lang}#${token}`);
    await page.locator('article').first().waitFor();
  };

  test.each(languages)(
    '%s: nothing overflows, nothing is missing, no word of the API',
    async (lang) => {
      await openIn(lang);
      const t = pageTexts[lang];
      expect(await overflowOf(page)).toBe(0);
      await expect
        .poll(() => page.getByRole('heading', { level: 2 }).allTextContents())
        .toEqual([t.required, t.recommended, t.files]);
      await page.locator('#where').waitFor();
      const shown = await page.locator('main').innerText();
      expect(shown).toContain('GoDaddy (ns1.domaincontrol.com, ns2.domaincontrol.com)');
      // Records that are right are distinguished by their names.
      expect(await page.locator('#record-dkim-zero').innerText()).toContain(
        `zero._domainkey.${domain}`,
      );
      for (const text of [t.status.ok, t.status['ok-external'], t.status.missing, t.status.wrong]) {
        expect(shown).toContain(text);
      }
      expect(shown.replaceAll(domain, '')).not.toMatch(ofTheApi);
      // Hints are in the language of the page; texts of others are text.
      expect(shown.includes('<b>twice</b>')).toBe(lang === 'en');
      expect(await inspect(page, `hand-over-${lang}`)).toEqual([]);
      await page.close();
    },
  );

  test('each name and value is copied by a button, short names where the provider wants them', async () => {
    await openIn('en');
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: served.url });
    const copied = async (id: string) => {
      await page.locator(`#copy-${id}`).click();
      return page.evaluate<string>('navigator.clipboard.readText()');
    };
    expect(await copied('dkim-two-name')).toBe(`two._domainkey.${domain}`);
    expect(await copied('dkim-two-value')).toMatch(/^two\._domainkey\.[a-z2-7]{26}\.s\d/);
    expect(await copied('mail-from-mx-priority')).toBe('10');
    await page.locator('#short').check();
    const [short = ''] = domain.split('.example.com');
    expect(await copied('dkim-two-name')).toBe(`two._domainkey.${short}`);
    await page.close();
  });

  test('a DNS provider that can add the records is the first button', async () => {
    page = await context.newPage();
    await page.setViewportSize({ width: 360, height: 740 });
    const applyUrl = 'https://dns.provider.example/apply?sig=x';
    await page.route('**/v1/hand-over/domain-connect', (route) =>
      route.fulfill({ json: { supported: true, provider: 'Provider & Co', applyUrl } }),
    );
    await page.goto(`${served.url}/v1/hand-over?lang=nl#${token}`);
    await page.locator('#connect').waitFor();
    const [first] = await page.locator('main a, main button').all();
    expect(await first!.getAttribute('id')).toBe('connect');
    expect(await first!.getAttribute('href')).toBe(applyUrl);
    expect(await first!.innerText()).toBe('Records door Provider & Co laten toevoegen');
    expect(await overflowOf(page)).toBe(0);
    expect(await inspect(page, 'hand-over-connect')).toEqual([]);
    await page.close();
  });

  test('a contact of two domains sees both, opens one, comes back, and stops the reminders', async () => {
    await testEnvironment.claim('second.example');
    testEnvironment.dns.zone('second.example', []);
    const headers = { 'content-type': 'application/json' };
    const given = {
      email: 'ann@agency.example',
      name: 'Ann',
      language: 'es',
      domains: [domain, 'second.example'],
    };
    const made = await testEnvironment.ask('POST', '/v1/contacts', {
      headers,
      body: JSON.stringify(given),
    });
    const links = `/v1/contacts/${String(made.body['id'])}/links`;
    const linked = await testEnvironment.ask('POST', links, { headers, body: '{"mail":true}' });
    const url = new URL(String(linked.body['url']));
    page = await context.newPage();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${served.url}${url.pathname}${url.search}${url.hash}`);
    const t = pageTexts.es;
    await page.getByRole('heading', { name: 'Registros DNS de 2 dominios' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('Hola, Ann:');
    expect(await overflowOf(page)).toBe(0);
    expect(await inspect(page, 'hand-over-list')).toEqual([]);
    await page.getByRole('button', { name: /^second\.example/ }).click();
    await page.getByRole('heading', { name: 'Registros DNS de second.example' }).waitFor();
    await page.locator('#back').click();
    await page.getByRole('button', { name: new RegExp(`^${domain}`) }).waitFor();
    await page.getByRole('button', { name: t.stop }).click();
    await page.getByText(t.stopped).waitFor();
    const { body } = await testEnvironment.ask('GET', links.replace(/\/links$/, ''));
    expect(body).toMatchObject({ ended: { why: 'stopped' }, nextMailAt: null });
    await page.close();
  });

  test('the files come by buttons, and no address that is asked for has the secret', async () => {
    await openIn('en');
    testEnvironment.dns.zone(domain, []);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#file-bind').click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${domain}.zone`);
    expect(served.asked.length).toBeGreaterThan(5);
    for (const one of served.asked) expect(one).not.toContain(token.slice(-20));
    await page.close();
  });

  test('"done" has the domain checked, and a link that ended says what to do', async () => {
    await openIn('de');
    const before = served.asked.filter((one) => one.endsWith('/checks')).length;
    testEnvironment.pass(60);
    await page.locator('#check').click();
    await expect
      .poll(() => served.asked.filter((one) => one.endsWith('/checks')).length)
      .toBeGreaterThan(before);
    const [link] = (await testEnvironment.ask('GET', `/v1/domains/${domain}/share-links`)).body[
      'links'
    ] as { id: string }[];
    await testEnvironment.ask('DELETE', `/v1/domains/${domain}/share-links/${link!.id}`);
    await page.reload();
    await page.getByText(pageTexts.de.gone).waitFor();
    expect(await page.locator('article').count()).toBe(0);
    await page.close();
  });
});
