import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked, Caller } from './client.ts';
import type { Ledger } from './ledger.ts';

type Report = (of: string, subject: string, value: number, unit: string) => void;

/** Counts the requests to DynamoDB of one call of each kind. */
export async function costs(call: Caller, ledger: Ledger, report: Report): Promise<void> {
  await call({ method: 'POST', path: '/v1/domains', json: { name: 'warm.example' } });
  const calls: Asked[] = [
    { method: 'POST', path: '/v1/domains', json: { name: 'costs.example' } },
    { method: 'GET', path: '/v1/domains' },
    { method: 'GET', path: '/v1/domains/costs.example' },
    { method: 'GET', path: '/v1/domains/costs.example/keys' },
    { method: 'POST', path: '/v1/domains/costs.example/checks' },
    { method: 'PATCH', path: '/v1/domains/costs.example', json: { dmarc: { p: 'reject' } } },
    { method: 'GET', path: '/v1/domains/costs.example/records' },
    { method: 'GET', path: '/v1/domains/costs.example/records?format=bind' },
    { method: 'POST', path: '/v1/users', json: { email: 'ann@example.net' } },
    { method: 'GET', path: '/v1/users' },
    { method: 'GET', path: '/v1/api-keys' },
    { method: 'DELETE', path: '/v1/domains/costs.example' },
  ];
  for (const asked of calls) {
    // So that a list of records does not wait for its first check, nor a limit for its first read.
    await sleep(2_500);
    ledger.clear();
    const { status } = await call(asked);
    await sleep(500);
    const name = `${asked.method} ${asked.path.replace('costs.example', '{name}')} (${status})`;
    for (const [kind, value] of Object.entries(ledger.ofApi()))
      report(name, kind, value, 'requests');
  }
}
