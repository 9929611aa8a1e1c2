import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { createPlatform } from '../../cli/platform.ts';
import { isLong } from '../support/long.ts';
import { Api } from './support/api.ts';
import {
  button,
  cellsOutside,
  findChromium,
  inspect,
  overflowOf,
  shown,
  signIn,
} from './support/browser.ts';
import { givenDashboard } from './support/dashboard.ts';

const chromium = findChromium();

/** Markup that is to be shown as text. */
const attack = '<img src=x onerror=alert(1)>';

/** The build artefacts of the long form. */
const pictures = resolve(import.meta.dirname, '../../dist/screenshots');

/** Inspects a page, and at each width whether all cells are within the window. */
async function faultsOf(page: Page, name: string): Promise<string[]> {
  const found = await inspect(page, name);
  for (const width of [360, 600, 768, 1024, 1280, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    found.push(...(await cellsOutside(page)).map((cell) => `${width}: ${cell}`));
    const overflow = await overflowOf(page);
    if (overflow > 0) found.push(`${width}: ${overflow} pixels wider than the window`);
    if (!isLong) continue;
    mkdirSync(pictures, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png` });
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  return found;
}

describe.skipIf(chromium === undefined)('the operator’s console', () => {
  const dashboard = givenDashboard(chromium);
  let platform: Api;
  let key: string;

  beforeEach(async () => {
    const { service, number } = dashboard;
    const name = `console ${process.pid} ${number}`;
    ({ key } = await createPlatform(name, { state: service.stateDir }));
    platform = new Api(service.local.endpoints.api, key);
  });

  const open = (path: string): Promise<void> =>
    signIn(dashboard.page, `${dashboard.url}${path}`, key, 'Platform key');

  test('suspends a tenant, says why, and resumes it', async () => {
    const { page, row } = dashboard;
    await platform.request('POST', '/v1/tenants', { json: { externalId: 'acme', name: 'Acme' } });
    await platform.request('POST', '/v1/tenants', { json: { externalId: 'x', name: attack } });
    await open('/operator');
    await shown(row('Acme'), 'Active', { exact: true });
    await shown(page, attack, { exact: true });

    await button(page, 'Suspend Acme').click();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Suspend').click();
    await shown(dialog, 'Say why');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill(`unpaid ${attack}`);
    expect(await inspect(page, 'operator-suspend')).toEqual([]);
    await button(dialog, 'Suspend').click();
    await shown(row('Acme'), 'Suspended', { exact: true });
    await shown(row('Acme'), `unpaid ${attack}`);
    expect(await faultsOf(page, 'operator-tenants')).toEqual([]);
    const suspended = await platform.request('GET', '/v1/tenants/acme');
    expect(suspended.body).toMatchObject({ status: 'suspended', statusBy: 'platform' });

    await page.getByLabel('Find by id or external id').fill('acme');
    await button(page, 'Find').click();
    await shown(row('Acme'), 'Suspended', { exact: true });
    await page.getByText(attack, { exact: true }).waitFor({ state: 'detached' });
    await button(page, 'Resume Acme').click();
    await button(dialog, 'Resume').click();
    await shown(row('Acme'), 'Active', { exact: true });
    const resumed = await platform.request('GET', '/v1/tenants/acme');
    expect(resumed.body).toMatchObject({ status: 'active' });
    await page.getByLabel('Find by id or external id').fill('nobody');
    await button(page, 'Find').click();
    await shown(page, 'The tenants cannot be shown');
  });

  test('brings in 50 domains, and follows them to their end', async () => {
    const { page, number } = dashboard;
    const lines = Array.from({ length: 48 }, (_, at) => `c-${at},console-${number}-${at}.example`);
    const list = ['externalId,domain', ...lines, 'c-1,no domain', `c-2,${attack}`].join('\n');
    await open('/operator/imports');
    await button(page, 'Import domains').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'List' }).fill(list);
    await dialog.getByRole('checkbox').uncheck();
    expect(await inspect(page, 'operator-start-import')).toEqual([]);
    await button(dialog, 'Import').click();
    await shown(page, 'Import of 50 rows');
    await shown(page, 'Done', { exact: true });
    const { body } = await platform.request<{ imports: unknown[] }>('GET', '/v1/imports');
    expect(body.imports).toMatchObject([
      { rows: 50, status: 'done', counts: { claimed: 48, failed: 2, waiting: 0 } },
    ]);
    await shown(dashboard.row(`console-${number}-0.example`), 'Claimed', { exact: true });
    expect(await faultsOf(page, 'operator-import')).toEqual([]);

    await button(page, 'Show All rows').click();
    await page.getByRole('option', { name: 'Failed', exact: true }).click();
    await shown(page, attack, { exact: true });
    expect(await faultsOf(page, 'operator-import-failed')).toEqual([]);
    await page.getByRole('link', { name: 'Imports' }).click();
    await shown(page, 'Lists of domains that were brought in');
    expect(await faultsOf(page, 'operator-imports')).toEqual([]);
    await page.getByRole('link', { name: 'Limits' }).click();
    await shown(page, 'What your platform may use');
    expect(await faultsOf(page, 'operator-limits')).toEqual([]);
  });

  test('is nothing for an API key of a tenant', async () => {
    const { page, url, api } = dashboard;
    await page.goto(`${url}/operator`);
    await page.getByLabel('Platform key', { exact: true }).fill(api.key);
    await button(page, 'Sign in').click();
    await shown(page, /platform key/);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    for (const path of ['/v1/tenants', '/v1/imports', '/v1/platform']) {
      expect(await api.request('GET', path)).toMatchObject({ status: 403 });
    }
  });
});
