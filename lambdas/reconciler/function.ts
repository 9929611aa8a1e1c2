import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'reconciler',
  description: 'Compares the zones with the claims, reports drift and nudges the publisher',
  wokenBy: {
    schedules: { Daily: { every: 'day', expression: 'cron(30 1 * * ? *)' } },
    failures: {
      severity: 'routine',
      says: 'The daily comparison of Route 53 with the claims did not finish.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  timeout: 15 * 60,
  // For the last writes and messages.
  reserve: 20,
  memory: 1024,
  tables: {
    claims: ['BatchGetItem', 'Scan'],
    publications: ['BatchGetItem', 'Query', 'PutItem'],
    revokedKeys: ['BatchGetItem', 'PutItem', 'Scan'],
  },
  sendsTo: ['publish'],
  settings: ['DEPLOYMENT', 'REVOCATIONS_BUCKET'],
  alarms: {
    Drift: {
      name: 'zone-drift',
      severity: 'urgent',
      says: 'Route 53 holds other records than the claims say.',
      counter: 'ZoneDrift',
      minutes: 5,
    },
    Unreached: {
      name: 'reconcile-unreached',
      severity: 'routine',
      says: 'The daily comparison did not get through all zones.',
      counter: 'ReconcileUnreached',
      minutes: 5,
    },
    Stale: {
      name: 'publications-stale',
      severity: 'routine',
      says: 'Claims changed a while ago and are still not published.',
      counter: 'PublicationsStale',
      minutes: 5,
    },
    // The signer counts them too.
    RevocationsRecovered: {
      name: 'revocations-recovered',
      severity: 'urgent',
      says: 'Revoked keys were missing in their table, as after a restore; they are revoked again.',
      counter: 'RevocationsRecovered',
      minutes: 5,
    },
    // Any function counts them; this one reads everything that is to be published, every day.
    Malformed: {
      name: 'stored-items-malformed',
      severity: 'routine',
      says: 'Items of tables cannot be read, and their domains wait.',
      counter: 'StoredItemsMalformed',
      minutes: 60,
    },
  },
} as const satisfies FunctionDeclaration;
