import { newMemory, type CheckMemory } from '#shared/core/model/check.ts';
import type { KeyVerdict } from '#shared/core/model/key-verdict.ts';
import type { CheckResult } from '#shared/core/records/check.ts';
import type { Label } from '#shared/core/model/names.ts';
import {
  DUE_PARTITIONS,
  lastCheck,
  SENT_PRECISION_SECONDS,
  type CheckKey,
  type CheckLock,
  type CheckState,
  type CheckStore,
  type DueCheck,
  type LastCheck,
} from '#shared/app/ports/check-store.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';

/** Check results and due times in memory. */
export class MemoryCheckStore implements CheckStore {
  readonly items = new Map<Label, CheckState>();

  async get(label: Label): Promise<CheckState | undefined> {
    return this.items.get(label);
  }

  async results(labels: readonly Label[]): Promise<Map<Label, LastCheck>> {
    return new Map(
      labels.flatMap((label) => {
        const { result, memory } = this.items.get(label) ?? {};
        return result === undefined ? [] : [[label, lastCheck(result, memory)]];
      }),
    );
  }

  async schedule({ label, tenant, domain, dueAt }: DueCheck): Promise<void> {
    const state = this.items.get(label) ?? { memory: newMemory };
    this.items.set(label, { ...state, label, tenant, domain, dueAt });
  }

  async lock(
    { label, tenant, domain }: CheckKey,
    lock: CheckLock,
  ): Promise<CheckState | undefined> {
    const state = this.items.get(label);
    if (state?.lock !== undefined && state.lock.until > lock.since) return undefined;
    const fallback = { memory: newMemory, dueAt: lock.until };
    const locked = { ...fallback, ...state, label, tenant, domain, lock: { ...lock } };
    this.items.set(label, locked);
    return structuredClone(locked);
  }

  async record(
    check: DueCheck & { result: CheckResult; memory: CheckMemory },
    owner: string,
  ): Promise<CheckState | undefined> {
    const { label, tenant, domain, dueAt, result, memory } = structuredClone(check);
    const { lock, ...state } = this.items.get(label) ?? {};
    if (lock?.owner !== owner) return undefined;
    const noted = { ...state, label, tenant, domain, dueAt, result, memory };
    this.items.set(label, noted);
    return structuredClone(noted);
  }

  async unlock(label: Label, owner: string): Promise<void> {
    const { lock, ...state } = this.items.get(label) ?? {};
    if (lock?.owner === owner) this.items.set(label, state as CheckState);
  }

  async request(
    { label, tenant, domain, dueAt, requestedAt }: DueCheck & { requestedAt: string },
    was: string | undefined,
  ): Promise<boolean> {
    const state = this.items.get(label) ?? { memory: newMemory };
    if ((state as Partial<CheckState>).requestedAt !== was) return false;
    this.items.set(label, { ...state, label, tenant, domain, dueAt, requestedAt });
    return true;
  }

  readonly verdicts = new Map<Label, KeyVerdict>();

  async verdict(label: Label): Promise<KeyVerdict | undefined> {
    return this.verdicts.get(label);
  }

  async noteVerdict(label: Label, verdict: KeyVerdict): Promise<void> {
    const last = this.verdicts.get(label);
    if (last !== undefined && last.at > verdict.at) return;
    this.verdicts.set(label, verdict);
  }

  async noteSent(label: Label, at: string): Promise<void> {
    const state = this.items.get(label);
    if (state === undefined) return;
    if (
      state.lastSentAt !== undefined &&
      state.lastSentAt > later(at, -SENT_PRECISION_SECONDS * 1000)
    )
      return;
    const soon = later(at, HOUR_MS);
    const dueAt = state.dueAt > soon ? soon : state.dueAt;
    this.items.set(label, { ...state, lastSentAt: at, dueAt });
  }

  async due(partition: number, now: string, limit: number): Promise<DueCheck[]> {
    return [...this.items.values()]
      .filter(({ label, dueAt }) => partitionOf(label) === partition && dueAt <= now)
      .toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1))
      .slice(0, limit)
      .map(({ label, tenant, domain, dueAt }) => ({ label, tenant, domain, dueAt }));
  }

  async lease({ label, dueAt }: DueCheck, until: string): Promise<boolean> {
    const state = this.items.get(label);
    if (state === undefined || state.dueAt !== dueAt) return false;
    this.items.set(label, { ...state, dueAt: until });
    return true;
  }

  async forget(label: Label): Promise<void> {
    this.items.delete(label);
    this.verdicts.delete(label);
  }
}

function partitionOf(label: Label): number {
  let sum = 0;
  for (const character of label) sum += character.charCodeAt(0);
  return sum % DUE_PARTITIONS;
}
