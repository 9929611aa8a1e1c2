import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { deletedClaim, restoredClaim, type Claim } from '#shared/core/model/claim.ts';
import { BudgetExceeded } from '#shared/core/model/errors.ts';
import { hostedKey } from '#shared/core/records/kinds/dkim/hosted.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { isLong } from '../../../support/long.ts';
import { deployment, givenTenant } from '../../../fakes/given-claim.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import { DAY, DOMAIN, HOUR, MINUTE, TestEnvironment } from './test-environment.ts';

/** Histories of each property: four thousand and three properties are twelve thousand. */
const RUNS = isLong ? 4_000 : 300;
const TIMEOUT_MS = isLong ? 20 * MINUTE : 2 * MINUTE;

/** The target of a slot, or of the wildcard beside the slots. */
type Target =
  | { readonly at: 'claim'; readonly tenant: 0 | 1; readonly slot: number; readonly copy: boolean }
  | { readonly at: 'buried' }
  | { readonly at: 'elsewhere' }
  | { readonly at: 'nothing' };

type Step =
  | { readonly do: 'claim' | 'delete' | 'restore' | 'check'; readonly tenant: 0 | 1 }
  | { readonly do: 'host'; readonly tenant: 0 | 1 }
  | { readonly do: 'point'; readonly slot: number; readonly target: Target }
  | { readonly do: 'move'; readonly tenant: 0 | 1 }
  | { readonly do: 'wildcard'; readonly target: Target }
  | { readonly do: 'silence'; readonly silent: boolean }
  | { readonly do: 'wait'; readonly ms: number };

const tenant = fc.constantFrom<0 | 1>(0, 1);
const slot = fc.nat(2);
const target: fc.Arbitrary<Target> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ at: fc.constant('claim' as const), tenant, slot, copy: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Target>({ at: 'buried' }, { at: 'elsewhere' }, { at: 'nothing' }),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('claim', 'claim', 'delete', 'restore', 'host'), tenant }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('check' as const), tenant }) },
  // Mostly at the right slot, as people do.
  {
    weight: 3,
    arbitrary: fc.record({ slot, target }).map(({ slot: at, target: to }) => ({
      do: 'point' as const,
      slot: at,
      target: to.at === 'claim' && (to.slot + at) % 4 > 0 ? { ...to, slot: at } : to,
    })),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), tenant }) },
  fc.record({ do: fc.constant('wildcard' as const), target }),
  fc.record({ do: fc.constant('silence' as const), silent: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(HOUR, 3 * DAY, 8 * DAY) }),
);

/** One domain that two tenants want, its DNS in anyone's hands. */
class Fight {
  readonly testEnvironment = new TestEnvironment();
  readonly tenants: readonly [TenantId, TenantId] = [givenTenant(), givenTenant()];
  readonly #slots: (Shown | undefined)[] = [undefined, undefined, undefined];
  #wildcard: Shown | undefined;
  #retired: Claim | undefined;
  readonly #budgets = givenBudgets(
    { now: () => new Date(this.testEnvironment.now) },
    { 'claims-hour': 3, 'deletions-hour': 2, checks: 1 },
  ).budgets;

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'claim':
        if ((await this.claimOf(one.tenant)) === undefined && (await this.#may(one))) {
          await this.testEnvironment.claim({ tenant: this.tenants[one.tenant] });
        }
        break;
      case 'delete': {
        const claim = await this.claimOf(one.tenant);
        if (claim?.lifecycle === 'live' && (await this.#may(one))) {
          await this.testEnvironment.claims.release(claim, deletedClaim(claim, this.#at()));
        }
        break;
      }
      case 'restore': {
        const claim = await this.claimOf(one.tenant);
        if (claim?.lifecycle === 'deleting' && (await this.#may(one))) {
          await this.testEnvironment.claims.update(claim, restoredClaim(claim, this.#at()));
        }
        break;
      }
      case 'host':
        await this.#host(one.tenant);
        break;
      case 'check':
        if (await this.#may(one)) await this.check(one.tenant);
        break;
      case 'point':
        this.#slots[one.slot] = await this.#shownOf(one.target);
        break;
      case 'move': {
        const copy = (await this.claimOf(one.tenant))?.hosting === 'self';
        for (const at of [0, 1, 2]) {
          const shown = await this.#shownOf({ at: 'claim', tenant: one.tenant, slot: at, copy });
          this.#slots[at] = shown ?? this.#slots[at];
        }
        break;
      }
      case 'wildcard':
        this.#wildcard = await this.#shownOf(one.target);
        break;
      case 'silence':
        this.testEnvironment.dns.silence(DOMAIN, one.silent);
        break;
      case 'wait':
        this.testEnvironment.advance(one.ms);
        break;
    }
    this.#publish();
  }

  /** Takes what the step costs from its tenant's budgets, which are small; false where one is used up. */
  async #may({ do: what, tenant: who }: Extract<Step, { tenant: 0 | 1 }>): Promise<boolean> {
    const tenant = this.tenants[who];
    try {
      if (what === 'check') {
        await this.#budgets.leaseUnlessTaken(tenant, 'checks', DOMAIN);
      } else {
        await this.#budgets.take(tenant, what === 'delete' ? 'deletions' : 'claims', 1);
      }
      return true;
    } catch (error) {
      if (error instanceof BudgetExceeded) return false;
      throw error;
    }
  }

  async check(who: 0 | 1): Promise<void> {
    const claim = await this.claimOf(who);
    if (claim === undefined) return;
    const after = (await this.testEnvironment.check(claim)).claim;
    if (after.lifecycle === 'tombstone' || after.lifecycle === 'expired') this.#retired = after;
  }

  claimOf(who: 0 | 1): Promise<Claim | undefined> {
    return this.testEnvironment.claims.get({ tenant: this.tenants[who], domain: DOMAIN });
  }

  async maySign(who: 0 | 1): Promise<boolean> {
    return this.testEnvironment.maySign({ tenant: this.tenants[who], domain: DOMAIN });
  }

  /**
   * Returns true if DNS, by its own records, has the tenant's live claim at two slots: a CNAME to
   * its label, or its self-hosted key.
   */
  async provesIn(who: 0 | 1): Promise<boolean> {
    const claim = await this.claimOf(who);
    if (claim?.lifecycle !== 'live') return false;
    const proofs = claim.keys.map((_, slot) =>
      [false, ...(claim.hosting === 'self' ? [true] : [])].map(
        (copy) => shownBy(claim, slot, copy).value,
      ),
    );
    const shown = this.#slots.filter(
      (one, at) => one && proofs[at]!.includes(one.value) && one.value !== this.#wildcard?.value,
    );
    return shown.length >= 2;
  }

  async state(): Promise<unknown> {
    return {
      claims: [await this.claimOf(0), await this.claimOf(1)],
      holder: await this.testEnvironment.claims.holder(DOMAIN),
    };
  }

  /** The tenant takes to hosting the keys themselves, which loses nothing; back only while nothing is proven. */
  async #host(who: 0 | 1): Promise<void> {
    const claim = await this.claimOf(who);
    if (claim?.lifecycle !== 'live') return;
    const isBack = claim.hosting === 'self';
    if (isBack && claim.status !== 'pending' && claim.status !== 'lost') return;
    const { hosting: _, ...rest } = claim;
    const next = isBack ? rest : { ...rest, hosting: 'self' as const };
    await this.testEnvironment.claims.update(claim, { ...next, version: claim.version + 1 });
  }

  async #shownOf(to: Target): Promise<Shown | undefined> {
    if (to.at === 'nothing') return undefined;
    if (to.at === 'elsewhere') return { type: 'CNAME', value: 'key.provider.example' };
    if (to.at === 'buried')
      return this.#retired && shownBy(this.#retired, 0, this.#retired.hosting === 'self');
    const claim = await this.claimOf(to.tenant);
    return claim && shownBy(claim, to.slot, to.copy);
  }

  #publish(): void {
    const records = [...this.#slots, this.#wildcard].flatMap((shown, at): DnsRecord[] => {
      const selector = deployment.selectors[at] ?? '*';
      const name = `${selector}._domainkey.${DOMAIN}`;
      return shown === undefined ? [] : [{ name, ...shown }];
    });
    this.testEnvironment.dns.zone(DOMAIN, records);
  }

  #at(): string {
    return new Date(this.testEnvironment.now).toISOString();
  }
}

type Shown = Pick<DnsRecord, 'type' | 'value'>;

/** A record by which a slot shows a claim: its name, or a copy of what is there. */
function shownBy(claim: Claim, slot: number, copy: boolean): Shown {
  const { name, values } = hostedKey({ ...claim, lifecycle: 'live' }, claim.keys[slot]!);
  return copy ? { type: 'TXT', value: values[0]! } : { type: 'CNAME', value: name };
}

/** Both tenants have claimed the domain; long stories, for short ones seldom come to a fight. */
const story = (maxLength: number) =>
  fc
    .array(step, { minLength: 10, maxLength, size: 'max' })
    .map((steps): Step[] => [{ do: 'claim', tenant: 0 }, { do: 'claim', tenant: 1 }, ...steps]);

test(
  'two tenants fight over a domain: at most one may sign, and none while DNS names the other',
  async () => {
    await fc.assert(
      fc.asyncProperty(story(40), async (steps) => {
        const fight = new Fight();
        for (const one of steps) {
          const before = [await fight.maySign(0), await fight.maySign(1)];
          await fight.take(one);
          const signing = [await fight.maySign(0), await fight.maySign(1)];
          expect(signing.filter(Boolean).length).toBeLessThanOrEqual(1);
          // No tenant begins to sign but by a check, and by a proof of its own.
          for (const who of [0, 1] as const) {
            if (before[who] || !signing[who]) continue;
            expect(one).toEqual({ do: 'check', tenant: who });
            expect(await fight.provesIn(who)).toBe(true);
          }
          if (one.do !== 'check') continue;
          // After its own check no tenant signs as a domain whose DNS names the other.
          const other = one.tenant === 0 ? 1 : 0;
          const named = await fight.provesIn(other);
          const answered =
            (await fight.testEnvironment.dns.authoritative(DOMAIN, 'TXT')).length > 0;
          if (named && answered) expect(signing[one.tenant]).toBe(false);
        }
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'while DNS is unchanged, nothing flaps, for any checks in any order',
  async () => {
    const order = fc.array(tenant, { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(story(30), order, async (steps, checks) => {
        const fight = new Fight();
        for (const one of steps) await fight.take(one);
        for (const who of [0, 1, 0, 1] as const) await fight.check(who);
        const settled = await fight.state();
        for (const who of checks) {
          fight.testEnvironment.advance(1_000);
          await fight.check(who);
          expect(await fight.state()).toEqual(settled);
        }
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'once DNS names a tenant and its current key, that tenant signs after one check',
  async () => {
    await fc.assert(
      fc.asyncProperty(story(30), tenant, async (steps, who) => {
        const fight = new Fight();
        for (const one of steps) await fight.take(one);
        await fight.take({ do: 'silence', silent: false });
        await fight.take({ do: 'wait', ms: HOUR });
        await fight.take({ do: 'wildcard', target: { at: 'nothing' } });
        // A claim never seen may be just over its time, and then a new claim moves.
        await fight.check(who);
        await fight.take({ do: 'claim', tenant: who });
        await fight.take({ do: 'restore', tenant: who });
        await fight.take({ do: 'move', tenant: who });
        await fight.check(who);
        expect([await fight.maySign(0), await fight.maySign(1)]).toEqual([who === 0, who === 1]);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);
