import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from '../../cli/service/run.ts';
import { createTenant } from '../../cli/tenant.ts';
import type { Line } from '../lib/line.ts';
import { runAbuses } from './abuses.ts';
import { callerOf } from './client.ts';
import { costs } from './costs.ts';
import { Ledger } from './ledger.ts';

/** Measures the cost of calls, then the waits of nineteen tenants beside one at each abuse in turn. */
export async function run(emit: (line: Line) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-budgets-'));
  const ledger = new Ledger();
  const local = await startLocal({ stateDir, quiet: true, observe: ledger.observe });
  const report = (of: string, subject: string, value: number, unit: string) =>
    emit({ suite: 'budgets', case: of, subject, value, unit });
  const { api } = local.endpoints;
  const tenant = async (name: string) => {
    const { tenant: made, key } = await createTenant(name, { state: stateDir });
    return { id: made.id, key };
  };
  try {
    await costs(callerOf(api, (await tenant('costs')).key), ledger, report);
    await runAbuses({ api, dns: local.dns, tenant }, ledger, report);
  } finally {
    await local.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}
