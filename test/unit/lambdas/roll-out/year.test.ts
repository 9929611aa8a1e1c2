import { expect, test } from 'vitest';
import { type Day, daysAfter } from '#shared/core/reports/day.ts';
import { domain, TestEnvironment } from './test-environment.ts';

const start: Day = '2026-01-01';
const dayNumber = (number: number): Day => daysAfter(start, number);

/** Days, from the plan's beginning, on which something is the matter. */
const espBroken = { from: 120, to: 150 };
const flood = { from: 200, to: 230 };
const sharedFlood = { from: 250, to: 256 };
const sesAddressSpoofed = { from: 300, to: 310 };

const during = ({ from, to }: { from: number; to: number }, day: number): boolean =>
  day >= from && day < to;

/** Rows that a forger would like to be believed: the other sender's mail fails, in great number. */
const forgedRows =
  '<record><row><source_ip>203.0.113.10</source_ip><count>1000000</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>shop.example</header_from></identifiers><auth_results><spf><domain>mail.esp.example</domain><result>pass</result></spf></auth_results></record>';

test('a year: from none to reject, back where a sender breaks, and deaf to floods', async () => {
  const testEnvironment = await TestEnvironment.begin(start, {
    ceiling: 'reject',
    consent: { reject: true },
  });
  const policies: string[] = [];
  const heldOn: number[] = [];
  for (let number = 0; number < 365; number += 1) {
    const day = dayNumber(number);
    testEnvironment.espKeyPublished = !during(espBroken, number);
    await testEnvironment.publish();
    // Weekends are quiet, as senders' are.
    const share = [0, 6].includes(new Date(day).getUTCDay()) ? 0.4 : 1;
    await testEnvironment.deliver(testEnvironment.ownMail(), Math.round(40 * share));
    await testEnvironment.deliver(testEnvironment.espMail(), Math.round(30 * share));
    // Spoofed mail comes every day; in the flood a hundred times as much, from a hundred hosts.
    const hosts = during(flood, number) ? 20 : 2;
    for (let host = 0; host < hosts; host += 1) {
      const ip = `192.0.2.${(number * 7 + host * 13) % 250}`;
      await testEnvironment.deliver(
        testEnvironment.spoofedMail(ip),
        during(flood, number) ? 500 : 50,
      );
    }
    if (during(flood, number)) {
      await testEnvironment.deliver(
        testEnvironment.spoofedMail('192.0.2.251', 'x@crook.example', 'zero'),
        5_000,
      );
      await testEnvironment.deliver(
        testEnvironment.spoofedMail('192.0.2.252', 'x@crook.example', 'esp1'),
        5_000,
      );
    }
    // A stranger uses the same host to send spoofed mail.
    if (during(sharedFlood, number)) {
      await testEnvironment.deliver(
        testEnvironment.spoofedMail('203.0.113.10', 'other@mail.esp.example'),
        400,
      );
    }
    // An address of SES's, by which others send too.
    if (during(sesAddressSpoofed, number)) {
      await testEnvironment.deliver(
        testEnvironment.spoofedMail('198.51.100.17', '0102@elsewhere.example'),
        90,
      );
    }
    await testEnvironment.endDay(day, [testEnvironment.forgedReport(day, forgedRows)]);
    const { dmarc, rollOut } = await testEnvironment.claim();
    policies.push(dmarc?.p ?? '');
    if (rollOut?.held !== undefined) heldOn.push(number);
  }

  const { policyHistory: history = [], rollOut } = await testEnvironment.claim();
  const steps = history.map(
    ({ at, tag, from, to }) => `${at.slice(0, 10)} ${tag} ${from} -> ${to}`,
  );
  console.log(history.map(({ at, why }) => `${at.slice(0, 10)}: ${why}`).join('\n'));
  const [toQuarantine, toReject, back, again, ...rest] = steps;
  expect(toQuarantine).toBe(`${dayNumber(28)} p none -> quarantine`);
  expect(toReject).toBe(`${dayNumber(42)} p quarantine -> reject`);
  // Its reports come the next morning; by noon the policy is back.
  expect(back).toBe(`${dayNumber(espBroken.from + 1)} p reject -> quarantine`);
  expect(history[2]?.why).toMatch(/^Mail of esp\.example \(90 of 90 failed\) began to fail\.$/);
  // While it is broken the plan holds at quarantine, however long that is.
  expect(new Set(policies.slice(espBroken.from, espBroken.to))).toEqual(new Set(['quarantine']));
  for (let number = espBroken.from; number < espBroken.to; number += 1)
    expect(heldOn).toContain(number);
  // Two weeks of good mail after it was repaired, and the plan goes on.
  expect(again).toMatch(/^2026-06-\d\d p quarantine -> reject$/);
  const backAtReject = policies.indexOf('reject', espBroken.to);
  expect(backAtReject - espBroken.to).toBeGreaterThanOrEqual(13);
  expect(backAtReject - espBroken.to).toBeLessThan(20);
  // Floods of spoofed mail and of forged reports changed nothing.
  expect(rest).toEqual([]);
  expect(new Set(policies.slice(backAtReject))).toEqual(new Set(['reject']));
  expect(rollOut?.learned).toEqual(['esp.example', 'ses']);
  // A host that the source shares with a spoofer is flagged; what it sends itself goes on passing.
  expect(heldOn.filter((number) => number >= flood.from && number < flood.to)).toEqual([]);
  expect(heldOn).toContain(sharedFlood.from);
  expect(heldOn).toContain(sesAddressSpoofed.from);
  expect(rollOut?.held).toBeUndefined();
  // Subdomains sent nothing, so there is no evidence to ask more of them.
  expect((await testEnvironment.claim()).dmarc?.sp).toBe('none');
  const unverified = testEnvironment.reportEvents.filter(
    (event) => event.kind === 'counted' && event.reporter === undefined,
  );
  expect(unverified).toHaveLength(365);
}, 120_000);

test('mail of the domain is let pass, and spoofed mail is rejected once the year is over', async () => {
  const testEnvironment = await TestEnvironment.begin(start, {
    ceiling: 'reject',
    consent: { reject: true },
  });
  await testEnvironment.change(({ dmarc }) => ({ dmarc: { ...dmarc!, p: 'reject' } }));
  await testEnvironment.publish();
  expect(await testEnvironment.deliver(testEnvironment.ownMail(), 1)).toEqual([
    'none',
    'none',
    'none',
  ]);
  expect(await testEnvironment.deliver(testEnvironment.espMail(), 1)).toEqual([
    'none',
    'none',
    'none',
  ]);
  const spoofed = testEnvironment.spoofedMail('192.0.2.1', `x@${domain}`, 'zero');
  expect(await testEnvironment.deliver(spoofed, 1)).toEqual(['reject', 'reject', 'reject']);
});
