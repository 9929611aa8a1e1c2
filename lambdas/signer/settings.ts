import { listOf } from '#shared/runtime/handler.ts';
import type { Environment } from '#shared/runtime/variables.ts';
import type declaration from './function.ts';
import type { SignerSettings } from './ports.ts';

type Settings = Pick<
  Environment<typeof declaration>,
  'UNCLEAR_SECONDS' | 'UNCLEAR_POLICY' | 'LEASE_SECONDS' | 'HOLD_HOURS' | 'UNSIGNED_ALLOWED'
>;

/**
 * Reads the signer's settings from its environment.
 *
 * @throws Error where one cannot be
 */
export function readSettings(env: Settings): SignerSettings {
  const unclearPolicy = env.UNCLEAR_POLICY;
  if (unclearPolicy !== 'resend' && unclearPolicy !== 'hold') {
    throw new Error(`UNCLEAR_POLICY is "${unclearPolicy}"; it must be resend or hold`);
  }
  return {
    unsignedAllowed: new Set(listOf(env.UNSIGNED_ALLOWED)),
    leaseSeconds: whole('LEASE_SECONDS', 'seconds', env),
    unclearSeconds: whole('UNCLEAR_SECONDS', 'seconds', env),
    unclearPolicy,
    holdHours: whole('HOLD_HOURS', 'hours', env),
  };
}

function whole(
  name: 'LEASE_SECONDS' | 'UNCLEAR_SECONDS' | 'HOLD_HOURS',
  unit: string,
  env: Settings,
): number {
  if (/^[1-9]\d{0,6}$/.test(env[name])) return Number(env[name]);
  throw new Error(`${name} is "${env[name]}"; it must be a whole number of ${unit}`);
}
