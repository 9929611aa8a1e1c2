import type { EventKind } from './kind.ts';

/** Events of an endpoint itself. */
export const webhookKinds = {
  'webhook.switched_off': {
    title: 'A webhook was switched off, since its endpoint failed',
    happened:
      'an endpoint took nothing for 3 days, or answered 410: nothing is sent to it until you switch it on; `webhook` is its id, with `url`, `reason` and `since`',
  },
  'webhook.test': {
    title: 'A test of a webhook',
    happened: 'you asked for a test: it goes to that endpoint alone, whatever its events are',
  },
} as const satisfies Record<`webhook.${string}`, EventKind>;

/** The type of a test, which no endpoint chooses. */
export const TEST_EVENT = 'webhook.test' satisfies keyof typeof webhookKinds;
