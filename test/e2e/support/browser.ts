import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from 'playwright-core';
import { until } from './api.ts';

const candidates = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Returns the path of a Chromium; undefined, with a warning, where none is found. */
export function findChromium(): string | undefined {
  const found = candidates.find((file) => file !== '' && existsSync(file));
  if (found === undefined) {
    console.warn(
      '\n*** NO CHROMIUM WAS FOUND: the tests of the dashboard are SKIPPED. Install one (apt-get install chromium) or name it with CHROMIUM=/path. ***\n',
    );
  }
  return found;
}

/** The build artefacts: one screenshot for each page, colour scheme and size. */
const pictures = resolve(import.meta.dirname, '../../../dist/screenshots');

export const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Chromium's sandbox needs a user other than root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 360, height: 740 };

/** Milliseconds for one step of a page; a machine that is busy with other things takes its time. */
const STEP = 90_000;

/** Messages and errors of a page's console, and violations of its policy; each with its place. */
export interface Complaints {
  readonly all: string[];
}

/** @throws Error that names them, where there are any */
export function expectNone({ all }: Complaints): void {
  if (all.length > 0) throw new Error(`the page complained:\n${all.join('\n')}`);
}

/** A page of the dashboard that notes every complaint. */
export async function openPage(
  context: BrowserContext,
): Promise<{ page: Page; complaints: Complaints }> {
  context.setDefaultTimeout(STEP);
  const page = await context.newPage();
  const all: string[] = [];
  const note = (what: string): number => all.push(`${what} (on ${page.url()})`);
  page.on('pageerror', (error) => note(`error: ${error.stack ?? error.message}`));
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const { url, lineNumber } = message.location();
    // Refusals of the API are the page's to show; the browser notes each of them too.
    const isAnswer =
      message.text().startsWith('Failed to load resource') && /^https?:\/\/[^/]+\/v1\//.test(url);
    if (message.type() === 'error' && !isAnswer) {
      note(`console: ${message.text()} (at ${url}:${lineNumber})`);
    }
  });
  return { page, complaints: { all } };
}

export async function signIn(page: Page, url: string, apiKey: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('API key', { exact: true }).fill(apiKey);
  await button(page, 'Sign in').click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor({ state: 'detached' });
}

/** The button of exactly that name. */
export const button = (where: Page | Locator, name: string): Locator =>
  where.getByRole('button', { name, exact: true });

/**
 * Waits until a text is on the page. It may be there twice: what Cloudscape wants read aloud it
 * repeats in a live region a second later.
 */
export const shown = (
  where: Page | Locator,
  text: string | RegExp,
  options: { exact?: boolean } = {},
): Promise<void> => where.getByText(text, options).filter({ visible: true }).first().waitFor();

const appearances = [
  { kind: 'desktop', size: desktop, colorScheme: 'light', checked: true },
  { kind: 'desktop', size: desktop, colorScheme: 'dark', checked: false },
  { kind: 'phone', size: phone, colorScheme: 'light', checked: false },
  { kind: 'phone', size: phone, colorScheme: 'dark', checked: true },
] as const;

/**
 * Inspects a page in light and dark, on a desktop and a phone. Keeps a screenshot of each, and
 * checks two of them, which between them have each colour and each size.
 *
 * @param name of the pictures
 * @returns faults: serious and critical violations that axe-core found, pages that are wider than a
 *   phone
 */
export async function inspect(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  mkdirSync(pictures, { recursive: true });
  for (const { kind, size, colorScheme, checked } of appearances) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await settled(page);
    const path = join(pictures, `${name}-${kind}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    if (!checked) continue;
    found.push(...(await violationsOf(page)).map((each) => `${kind} ${colorScheme}: ${each}`));
    const overflow = await overflowOf(page);
    if (overflow > 0)
      found.push(`${kind} ${colorScheme}: ${overflow} pixels wider than the window`);
  }
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await settled(page);
  return found;
}

/** Nothing moves any more, and layouts that depend on measures have been made: two frames later. */
const settled = (page: Page): Promise<void> =>
  page.evaluate<void>(`(async () => {
    const ends = ({ playState, effect }) =>
      playState === 'running' && Number.isFinite(effect?.getComputedTiming().endTime);
    await Promise.allSettled(document.getAnimations().filter(ends).map((each) => each.finished));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  })()`);

/** Serious and critical violations: `rule: elements`. */
async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    // A page of ours has no frames, whose results would be put together in a page of its own.
    .setLegacyMode()
    // Of what is right, nothing is read.
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .join(' ')
          .slice(0, 400)}`,
    );
}

/** Returns the pixels by which a page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );

/** Sum of the layout shifts of so many milliseconds. */
export const layoutShiftOf = (page: Page, milliseconds: number): Promise<number> =>
  page.evaluate<number>(`new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) sum += value;
    }).observe({ type: 'layout-shift' });
    setTimeout(() => done(sum), ${milliseconds});
  })`);

/**
 * Returns the data that a page keeps beyond its memory: storage, cookies that it sees, its address.
 */
export const keptBy = (page: Page): Promise<string> =>
  page.evaluate<string>(
    'JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie, location.href])',
  );

/** Returns the name of the element that has the focus: its label, or else its text. */
const focusOf = (page: Page): Promise<string> =>
  page.evaluate<string>(`(() => {
    const { activeElement: focused } = document;
    const textOf = (elements) => elements.map((each) => each?.textContent ?? '').join(' ').trim();
    const ids = (focused?.getAttribute('aria-labelledby') ?? '').split(/\\s+/);
    const labels = textOf([...(focused?.labels ?? [])]);
    const named = textOf(ids.map((id) => document.getElementById(id)));
    return focused?.getAttribute('aria-label') || labels || named || (focused?.textContent ?? '').trim();
  })()`);

const isCalled = (found: string, name: string | RegExp): boolean =>
  typeof name === 'string' ? found === name : name.test(found);

/** Waits until what is called so has the focus. */
export async function focused(page: Page, name: string | RegExp): Promise<void> {
  await until(
    `the focus on “${String(name)}”`,
    () => focusOf(page),
    (found) => isCalled(found, name),
    STEP / 1000,
  );
}

/**
 * Presses Tab until what has the focus is called so.
 *
 * @throws Error after 80 times
 */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 80) {
    await page.keyboard.press('Tab');
    const found = await focusOf(page);
    if (isCalled(found, name)) return;
    passed.push(found.slice(0, 40));
  }
  throw new Error(`80 times Tab did not lead to “${String(name)}”, but by ${passed.join(' | ')}`);
}
