import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AxeResults } from 'axe-core';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import { isLong } from '../../support/long.ts';
import { until, waiting } from './api.ts';

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

/** The build artefacts of the long form: screenshots of each page. */
const pictures = resolve(import.meta.dirname, '../../../dist/screenshots');

export const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Chromium's sandbox needs a user other than root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

/** That of this worker's files. Its browser ends with the worker. */
let shared: Promise<BrowserContext> | undefined;

/**
 * Returns the context that this worker's files share, so that their pages find the dashboard's
 * scripts loaded and compiled. What a page keeps is gone with it.
 */
export const sharedContext = (executablePath: string): Promise<BrowserContext> =>
  (shared ??= startBrowser(executablePath).then((browser) => contextOf(browser)));

/** Makes a context, whose clock goes as clocks do and can be moved on. */
export async function contextOf(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: desktop, ...options });
  await made.clock.install();
  return made;
}

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

export async function signIn(
  page: Page,
  url: string,
  key: string,
  label = 'API key',
): Promise<void> {
  await page.goto(url);
  await page.getByLabel(label, { exact: true }).fill(key);
  await button(page, 'Sign in').click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor({ state: 'detached' });
}

/** Goes to another page as a link of the dashboard does, without loading it all again. */
export const goTo = (page: Page, path: string): Promise<void> =>
  page.evaluate<void>(
    `history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'));`,
  );

/** The cells of tables that are not within the window from left to right, each by its text. */
export async function cellsOutside(page: Page): Promise<string[]> {
  await settled(page);
  return page.evaluate<string[]>(`(() => {
    const cells = [...document.querySelectorAll('td, th, [role="cell"], [role="rowheader"]')];
    return cells
      .filter((cell) => {
        const { left, right, width } = cell.getBoundingClientRect();
        return width > 1 && (left < -1 || right > innerWidth + 1);
      })
      .map((cell) => cell.textContent.slice(0, 60));
  })()`);
}

/** The button of exactly that name. */
export const button = (where: Page | Locator, name: string): Locator =>
  where.getByRole('button', { name, exact: true });

/**
 * Waits until a text is on the page. It may be there twice: what Cloudscape wants read aloud it
 * repeats in a live region a second later.
 */
export async function shown(
  where: Page | Locator,
  text: string | RegExp,
  options: { exact?: boolean } = {},
): Promise<void> {
  const found = where.getByText(text, options).filter({ visible: true }).first();
  await hurrying('clock' in where ? where : where.page(), found.waitFor());
}

/** In milliseconds: the pause before a page's time is moved on, and between its moves. */
const HURRY = { first: 400, pause: 100 };

/**
 * Has a page's time run faster until something has come about: a page queries again after seconds.
 *
 * @param factor by which it runs faster
 */
export const hurrying = <T>(page: Page, awaited: Promise<T>, factor = 8): Promise<T> =>
  waiting(hurry(page, awaited, factor));

async function hurry<T>(page: Page, awaited: Promise<T>, factor: number): Promise<T> {
  const state = { open: true };
  const ended = awaited.finally(() => (state.open = false));
  await Promise.race([ended, sleep(HURRY.first)]);
  while (state.open) {
    await page.clock.fastForward(HURRY.pause * (factor - 1));
    await Promise.race([ended, sleep(HURRY.pause)]);
  }
  return ended;
}

/** Lets so many milliseconds of a page's time go by, at eight times the speed. */
export const passOn = (page: Page, milliseconds: number): Promise<void> =>
  hurrying(page, sleep(milliseconds / 8), 8);

const appearances = [
  { kind: 'desktop', size: desktop, colorScheme: 'light', checked: true },
  { kind: 'desktop', size: desktop, colorScheme: 'dark', checked: false },
  { kind: 'phone', size: phone, colorScheme: 'light', checked: false },
  { kind: 'phone', size: phone, colorScheme: 'dark', checked: true },
] as const;

/**
 * Inspects a page in light on a desktop and in dark on a phone, which between them have each colour
 * and each size. In the long form it keeps screenshots of these, and of the other two as well.
 *
 * @param name of the pictures
 * @returns faults: serious and critical violations that axe-core found, pages that are wider than a
 *   phone
 */
export async function inspect(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  if (isLong) mkdirSync(pictures, { recursive: true });
  for (const { kind, size, colorScheme, checked } of appearances) {
    if (!checked && !isLong) continue;
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await settled(page);
    if (isLong) {
      const path = join(pictures, `${name}-${kind}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
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

/** The pictures of README.md and docs/dashboard.md. */
const documented = resolve(import.meta.dirname, '../../../docs/pictures');

/** Takes a picture for the documents, where PICTURES is set; see docs/dashboard.md. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (process.env['PICTURES'] === undefined) return;
  mkdirSync(documented, { recursive: true });
  await page.setViewportSize(desktop);
  await settled(page);
  await page.screenshot({ path: join(documented, `${name}.png`) });
}

/** Nothing moves any more, and layouts that depend on measures have been made: two frames later. */
const settled = (page: Page): Promise<void> =>
  page.evaluate<void>(`(async () => {
    const ends = ({ playState, effect }) =>
      playState === 'running' && Number.isFinite(effect?.getComputedTiming().endTime);
    await Promise.allSettled(document.getAnimations().filter(ends).map((each) => each.finished));
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    // A table that became too wide is made focusable once it has measured itself.
    const unmeasured = () =>
      [...document.querySelectorAll('[class*="awsui_wrapper_"]')].some(
        (table) => table.scrollWidth > table.clientWidth && table.tabIndex < 0,
      );
    for (let frames = 0; frames < 60 && unmeasured(); frames += 1) await frame();
  })()`);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical violations: `rule: elements`. */
async function violationsOf(page: Page): Promise<string[]> {
  // A page is asked first, since to load axe takes as long as to run it.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(`${axe};0`);
  // Of what is right, nothing is read.
  const { violations } = await page.evaluate<AxeResults>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
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
  hurrying(
    page,
    page.evaluate<number>(`new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) sum += value;
    }).observe({ type: 'layout-shift' });
    setTimeout(() => done(sum), ${milliseconds});
  })`),
  );

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
