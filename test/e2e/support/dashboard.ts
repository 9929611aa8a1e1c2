import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { until, type Api } from './api.ts';
import { expectNone, openPage, sharedContext, type Complaints } from './browser.ts';
import { onboard } from './onboard.ts';
import { sharedService, type Service } from './service.ts';

/** Number of this worker's tests so far. */
let tests = 0;

/** The dashboard of a service. Each test has a page, an account and domains of its own. */
export interface Dashboard {
  service: Service;
  url: string;
  context: BrowserContext;
  page: Page;
  /** The API as the test's account sees it. */
  api: Api;
  /** The number of the test, among those of this worker. */
  number: number;
  /** The file of a domain's zone. */
  zoneOf: (name: string) => string;
  /** A domain that no test had before. */
  named: (what: string) => string;
  /** The row that has a cell, or a part of one, of exactly that text. */
  row: (text: string) => Locator;
  fieldOf: (label: string) => Locator;
  /** A domain whose records are all made, and none of them in DNS. */
  claimed: (what: string) => Promise<string>;
  /** A domain that mail can be sent from. */
  verified: (what: string) => Promise<string>;
}

/**
 * Serves the dashboard to the tests of the calling suite. After each of them it expects the page to
 * have complained of nothing.
 *
 * @param chromium path of the browser; undefined where the suite is skipped
 * @returns an object that is filled before each test
 */
export function givenDashboard(chromium: string | undefined): Dashboard {
  let complaints: Complaints;
  const named = (what: string): string => `${what}-${dashboard.number}.example`;
  const dashboard = {
    number: 0,
    zoneOf: (name) => join(dashboard.service.customerDns, `${name}.zone`),
    named,
    row: (text) =>
      dashboard.page
        .getByRole('row')
        .filter({ has: dashboard.page.getByText(text, { exact: true }) }),
    fieldOf: (label) => dashboard.page.getByRole('textbox', { name: label, exact: true }),
    claimed: async (what) => {
      const { api } = dashboard;
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
    },
    verified: async (what) => {
      const name = named(what);
      await onboard(dashboard.service, dashboard.api, name);
      return name;
    },
  } as Dashboard;

  beforeAll(async () => {
    dashboard.service = await sharedService();
    dashboard.url = dashboard.service.local.endpoints.dashboard;
    dashboard.context = await sharedContext(chromium as string);
  }, 180_000);

  beforeEach(async () => {
    dashboard.number = tests += 1;
    dashboard.api = await dashboard.service.newTenant(`test ${dashboard.number}`);
    ({ page: dashboard.page, complaints } = await openPage(dashboard.context));
  }, 120_000);

  afterEach(async () => {
    await Promise.all(dashboard.context.pages().map((page) => page.close()));
    expectNone(complaints);
  });

  return dashboard;
}
