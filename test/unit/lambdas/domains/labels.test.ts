import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DomainName, Label, TenantId } from '#shared/core/model/names.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domains = ['example.com', 'mail.example.com'] as DomainName[];

const step = fc.record({
  do: fc.constantFrom('claim' as const, 'delete' as const, 'retire' as const),
  tenant: fc.nat(1),
  domain: fc.constantFrom(...domains),
});

test('no label appears twice, and none is forgotten, however often domains are claimed and retired', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
      async (steps) => {
        const testEnvironment = givenTestEnvironment();
        const tenants: readonly TenantId[] = [givenTenant(), givenTenant()];
        const owners = new Map<Label, string>();
        const retired = new Set<Label>();
        for (const one of steps) {
          const key = { tenant: tenants[one.tenant]!, domain: one.domain };
          const path = `/v1/domains/${one.domain}`;
          if (one.do === 'claim') await testEnvironment.claim(one.domain, { as: key.tenant });
          if (one.do === 'delete') await testEnvironment.ask('DELETE', path, { as: key.tenant });
          const claim = await testEnvironment.claims.get(key);
          if (one.do === 'retire' && claim?.lifecycle === 'deleting') {
            await testEnvironment.claims.retire(claim, {
              ...claim,
              version: claim.version + 1,
              lifecycle: 'tombstone',
            });
            retired.add(claim.label);
          } else if (claim !== undefined) {
            const owner = `${key.tenant} ${key.domain}`;
            expect(retired.has(claim.label)).toBe(false);
            expect(owners.get(claim.label) ?? owner).toBe(owner);
            owners.set(claim.label, owner);
          }
        }
        for (const label of owners.keys()) {
          const { lifecycle } = (await testEnvironment.claims.getByLabel(label))!;
          expect(lifecycle === 'tombstone').toBe(retired.has(label));
        }
      },
    ),
    { numRuns: 60 },
  );
});
