import type { CheckStore, DueCheck } from '#shared/app/ports/check-store.ts';
import type { CheckMemory } from '#shared/core/model/check.ts';
import type { CheckResult } from '#shared/core/records/check.ts';
import { later } from '#shared/core/time.ts';

/** Notes the result of a check, as a check does. */
export async function givenResult(
  store: Pick<CheckStore, 'lock' | 'record'>,
  check: DueCheck & { readonly result: CheckResult; readonly memory: CheckMemory },
): Promise<void> {
  const { tenant, domain, label, dueAt, result, memory } = check;
  const since = result.checkedAt;
  const lock = { owner: 'given', since, until: later(since, 1_000) };
  if ((await store.lock({ tenant, domain, label }, lock)) === undefined) {
    throw new Error(`another check of ${domain} is under way`);
  }
  await store.record({ tenant, domain, label, dueAt, result, memory }, lock.owner);
}
