import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';
import { startLocal } from '../../cli/service/run.ts';
import { desktop, findChromium, signIn, startBrowser } from '../../test/e2e/support/browser.ts';
import type { Line } from '../lib/line.ts';
import { answerTo, DOMAINS } from './domains.ts';

/** KB, compressed by gzip, that the first page may load. */
const BUDGETS = { JavaScript: 250, 'style sheets': 60 } as const;

/**
 * Measures the first page of the dashboard, and the page with 10,000 domains. Times have no budget:
 * a task's time depends on the machine as much as on the page (users feel over 100 ms).
 *
 * @throws Error where a budget of what is loaded is not kept
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined) return;
  const stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-dashboard-'));
  const local = await startLocal({ stateDir, quiet: true, fast: true });
  const browser = await startBrowser(chromium);
  try {
    const page = await browser.newPage({ viewport: desktop });
    const url = local.endpoints.dashboard;
    const line = (name: string, value: number, unit: string): void =>
      emit({ suite: 'dashboard', case: name, subject: 'sender-domains', value, unit });

    const loaded = await loadedBy(page, () => firstPage(page, url, local.endpoints.apiKey));
    for (const [name, { gzip, brotli }] of Object.entries(loaded)) {
      line(`first page, ${name}, gzip`, gzip, 'KB');
      line(`first page, ${name}, brotli`, brotli, 'KB');
    }
    // The sign-in tries the key by this.
    await page.route('**/v1/domains?*', (route) =>
      route.fulfill({ json: { domains: [], cursor: null } }),
    );
    await page.route('**/v1/overview?*', (route) =>
      route.fulfill({ json: answerTo(new URL(route.request().url()).searchParams) }),
    );
    const { search, filter, paging, longest } = await manyDomains(page, url);
    line(`${DOMAINS} domains: search by name`, search, 'ms');
    line(`${DOMAINS} domains: filter by status and order`, filter, 'ms');
    line(`${DOMAINS} domains: next page, the slowest of 20`, paging, 'ms');
    line(`${DOMAINS} domains: longest task`, longest, 'ms');

    for (const [name, budget] of Object.entries(BUDGETS)) {
      const size = loaded[name]?.gzip ?? 0;
      if (size === 0 || size > budget) {
        throw new Error(`the first page loads ${size} KB of ${name}; the budget is ${budget} KB`);
      }
    }
  } finally {
    await browser.close();
    await local.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** From the sign-in to the overview. */
async function firstPage(page: Page, url: string, apiKey: string): Promise<void> {
  await signIn(page, url, apiKey);
  await page.getByText('No domains yet').waitFor();
  await page.waitForLoadState('networkidle');
}

interface Size {
  gzip: number;
  brotli: number;
}

const kinds: Readonly<Record<string, string>> = {
  '.js': 'JavaScript',
  '.css': 'style sheets',
};

/** KB of what comes from the dashboard meanwhile, compressed as CloudFront would, by kind. */
async function loadedBy(page: Page, act: () => Promise<void>): Promise<Record<string, Size>> {
  const responses: Response[] = [];
  const note = (response: Response): number => responses.push(response);
  page.on('response', note);
  await act();
  page.off('response', note);
  const sizes: Record<string, Size> = {};
  for (const response of responses) {
    const [extension = ''] = /\.\w+$/.exec(new URL(response.url()).pathname) ?? [];
    const kind = kinds[extension];
    if (kind === undefined) continue;
    const body = await response.body();
    const size = (sizes[kind] ??= { gzip: 0, brotli: 0 });
    size.gzip += gzipSync(body).length / 1000;
    size.brotli += brotliCompressSync(body).length / 1000;
  }
  return sizes;
}

/** Milliseconds. */
async function timed(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** Milliseconds to find one of the domains, to go to the next page, and of the longest task. */
async function manyDomains(page: Page, url: string) {
  await signIn(page, `${url}/domains`, 'sd_any');
  await page.getByRole('link', { name: 'customer-00000.example' }).waitFor();
  await page.evaluate<void>(`
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ type: 'longtask' });
  `);
  const last = String(DOMAINS - 1).padStart(5, '0');
  const search = await timed(async () => {
    await page.getByLabel('Find domains').fill(`customer-${last}`);
    await page.getByRole('link', { name: `customer-${last}.example` }).waitFor();
  });
  const filter = await timed(async () => {
    await page.getByLabel('Find domains').fill('');
    await page.getByRole('button', { name: /^Status/ }).click();
    await page.getByRole('option', { name: 'At risk', exact: true }).click();
    await page.getByRole('button', { name: /^Order/ }).click();
    await page.getByRole('option', { name: 'Most mail first', exact: true }).click();
    await page.getByRole('link', { name: 'customer-00499.example' }).waitFor();
  });
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: /^Select all/ }).click();
  await page.getByRole('button', { name: /^Status/ }).click();
  await page.getByRole('option', { name: 'All domains', exact: true }).click();
  await page.getByRole('button', { name: /^Order/ }).click();
  await page.getByRole('option', { name: 'By name', exact: true }).click();
  await page.getByRole('link', { name: 'customer-00000.example' }).waitFor();
  const turns: number[] = [];
  for (let turn = 1; turn <= 20; turn += 1) {
    const first = String(turn * 25).padStart(5, '0');
    turns.push(
      await timed(async () => {
        await page.getByRole('button', { name: 'Next page' }).first().click();
        await page.getByRole('link', { name: `customer-${first}.example` }).waitFor();
        await page.mouse.wheel(0, 2000);
      }),
    );
  }
  return {
    search,
    filter,
    paging: Math.max(...turns),
    longest: await page.evaluate<number>('window.longest'),
  };
}
