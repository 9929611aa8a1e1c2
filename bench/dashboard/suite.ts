import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';
import { startLocal } from '../../cli/service/run.ts';
import { desktop, findChromium, signIn, startBrowser } from '../../test/e2e/support/browser.ts';
import type { Line } from '../lib/line.ts';
import { answerTo, DOMAINS } from './domains.ts';

/** KB of compressed JavaScript that the first page may load. */
const BUDGET = 350;

/**
 * Measures the first page of the dashboard, and the page with 10,000 domains. Times have no budget:
 * a task's time depends on the machine as much as on the page (users feel over 200 ms).
 *
 * @throws Error where the budget of JavaScript is not kept
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined) return;
  const stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-dashboard-'));
  const local = await startLocal({ stateDir, quiet: true });
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
    await page.route('**/v1/domains?*', (route) =>
      route.fulfill({ json: answerTo(new URL(route.request().url()).searchParams) }),
    );
    const { search, paging, longest } = await manyDomains(page, url);
    line(`${DOMAINS} domains: search by name`, search, 'ms');
    line(`${DOMAINS} domains: next page, the slowest of 20`, paging, 'ms');
    line(`${DOMAINS} domains: longest task`, longest, 'ms');

    const scripts = loaded['JavaScript']?.gzip ?? 0;
    if (scripts === 0 || scripts > BUDGET) {
      throw new Error(
        `the first page loads ${scripts} KB of JavaScript; the budget is ${BUDGET} KB`,
      );
    }
  } finally {
    await browser.close();
    await local.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** From the sign-in to the list of domains. */
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
  await page.getByLabel('Find domains').fill('');
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
    paging: Math.max(...turns),
    longest: await page.evaluate<number>('window.longest'),
  };
}
