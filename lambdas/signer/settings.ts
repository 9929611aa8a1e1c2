import { Env, requireEnv } from '#shared/runtime/env.ts';
import type { SignerSettings } from './ports.ts';

/**
 * The signer's settings from its environment.
 *
 * @throws Error where one is missing or cannot be
 */
export function readSettings(): SignerSettings {
  const env = requireEnv(Env.unclearSeconds, Env.unclearPolicy, Env.leaseSeconds);
  const unclearPolicy = env[Env.unclearPolicy];
  if (unclearPolicy !== 'resend' && unclearPolicy !== 'hold') {
    throw new Error(`${Env.unclearPolicy} is "${unclearPolicy}"; it must be resend or hold`);
  }
  return {
    // Empty where the operator lets none.
    unsignedAllowed: new Set((process.env[Env.unsignedAllowed] ?? '').split(',').filter(Boolean)),
    leaseSeconds: seconds(Env.leaseSeconds, env[Env.leaseSeconds]),
    unclearSeconds: seconds(Env.unclearSeconds, env[Env.unclearSeconds]),
    unclearPolicy,
  };
}

function seconds(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`${name} is "${text}"; it must be a whole number of seconds`);
}
