import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'rotation-planner',
  description: 'Starts the monthly rotation of DKIM keys and takes it from wave to wave',
  wokenBy: {
    schedules: {
      // When is the operator's to say. A day late is better than a month; the planner does a period once.
      Monthly: { every: 'month', task: 'start', maximumAge: 24 * 3600 },
      // The next one comes in a minute and does the same.
      EveryMinute: {
        every: 'minute',
        task: 'continue',
        expression: 'rate(1 minute)',
        maximumAge: 60,
      },
      Daily: {
        every: 'day',
        task: 'retry',
        expression: 'cron(0 5 * * ? *)',
        maximumAge: 12 * 3600,
        succeeded: 'RotationRetried',
      },
    },
    failures: {
      severity: 'urgent',
      says: 'The monthly rotation did not start, or its planner failed three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy:
        "the next call makes up for it, but the rotation's start comes in a month: invoke it by hand",
    },
  },
  timeout: 120,
  memory: 512,
  tables: {
    claims: ['GetItem', 'BatchGetItem'],
    publications: ['Query'],
    rotations: ['GetItem', 'Query', 'PutItem'],
  },
  sendsTo: ['rotation'],
  settings: ['DEPLOYMENT', 'ROTATIONS_PER_SECOND', 'ROTATION_WATCH_MINUTES'],
  optionalSettings: ['ROTATION_OWN_DOMAINS'],
  alarms: {
    Missed: {
      name: 'rotation-missed',
      severity: 'urgent',
      says: 'No run of the rotation has begun for over a month.',
      counter: 'RotationMissed',
      minutes: 60,
    },
    Halted: {
      name: 'rotation-halted',
      severity: 'urgent',
      says: 'Mail signed with new keys does not verify; the monthly rotation has halted.',
      counter: 'RotationHalted',
      minutes: 1,
    },
    Stalled: {
      name: 'rotation-stalled',
      severity: 'routine',
      says: 'Batches of the monthly rotation have not been done for an hour.',
      counter: 'RotationStalled',
      minutes: 5,
    },
    HeldBack: {
      name: 'rotations-held-back',
      severity: 'routine',
      says: 'Domains have not been able to rotate for three days or longer.',
      counter: 'RotationsHeldBackLong',
      minutes: 60,
    },
  },
} as const satisfies FunctionDeclaration;
