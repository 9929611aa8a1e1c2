import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'roll-out',
  description: "Takes the steps of a domain's DMARC plan that its reports allow",
  wokenBy: {
    queue: {
      name: 'roll-out',
      message: '`RollOutRequest` (`shared/app/ports/roll-out-requests.ts`)',
      deadLetters: {
        severity: 'routine',
        says: 'The DMARC plan of a domain was not looked at today.',
        waits: 'a domain whose DMARC plan was not evaluated; the next day makes up for it',
        remedy: 'when you can',
      },
    },
    batchSize: 10,
    concurrency: 10,
  },
  timeout: 60,
  memory: 512,
  tables: { claims: ['GetItem', 'PutItem'], reports: ['Query'], audit: ['PutItem'] },
  settings: ['DEPLOYMENT', 'ROLL_OUT'],
  alarms: {
    SteppedBack: {
      name: 'policies-stepped-back',
      severity: 'routine',
      says: 'Many DMARC policies went back a step within a day, which points at our mail rather than at the customers’.',
      counter: 'PolicySteppedBack',
      minutes: 24 * 60,
      threshold: 10,
    },
  },
} as const satisfies FunctionDeclaration;
