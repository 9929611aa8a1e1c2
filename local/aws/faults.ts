import type { AllowedCall, Service } from './gateway.ts';
import type { Disorder } from './sqs-queues.ts';
import { AwsError, type Fault, HANG, HANG_UP, LOSE_ANSWER } from './http.ts';

/** Faults to plant: the share of calls that fail, and the seed that decides which. */
export interface FaultPlan {
  readonly seed: number;
  /** 0 to 1. */
  readonly rate: number;
}

/** - `throttle`, `error`: AWS answers with it; nothing was done.
 * - `reset`: the connection breaks before the call is done. `lost`: after it.
 * - `hang`: no answer comes until the client gives up.
 */
export const faultKinds = ['throttle', 'error', 'reset', 'lost', 'hang'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A hanging call holds its client up for seconds: it is as rare again. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  throttle: 4,
  error: 4,
  reset: 4,
  lost: 4,
  hang: 1,
};

/** What may happen to a message of a standard queue: it comes twice, or after later ones. */
const messageFaults = ['twice', 'late'] as const;
type MessageFault = (typeof messageFaults)[number];
const LATE_MS = 2_000;

/** The error codes by which services throttle. */
const THROTTLING: Readonly<Record<Service, readonly [code: string, status: number]>> = {
  acm: ['ThrottlingException', 400],
  'cognito-idp': ['TooManyRequestsException', 400],
  dynamodb: ['ThrottlingException', 400],
  events: ['ThrottlingException', 400],
  kms: ['ThrottlingException', 400],
  lambda: ['TooManyRequestsException', 429],
  route53: ['Throttling', 400],
  s3: ['SlowDown', 503],
  ses: ['TooManyRequestsException', 429],
  sns: ['Throttled', 429],
  sqs: ['RequestThrottled', 400],
};

/** Plants faults at random, which the seed repeats, and counts them. */
export class Faults {
  /** Share of the calls that fail; may be changed. */
  rate: number;
  #state: number;
  readonly planted: Record<FaultKind, number> = {
    throttle: 0,
    error: 0,
    reset: 0,
    lost: 0,
    hang: 0,
  };
  readonly messages: Record<MessageFault, number> = { twice: 0, late: 0 };
  calls = 0;

  constructor({ seed, rate }: FaultPlan) {
    this.#state = seed >>> 0;
    this.rate = rate;
  }

  /** For `GatewayOptions.fail`. The operator's own calls, which make the resources, never fail. */
  readonly fail = ({ accessKeyId, service }: AllowedCall): Fault | undefined => {
    if (!accessKeyId.startsWith('function-')) return undefined;
    this.calls += 1;
    if (this.#random() >= this.rate) return undefined;
    const kind = this.#kind();
    this.planted[kind] += 1;
    switch (kind) {
      case 'throttle': {
        const [code, status] = THROTTLING[service];
        return new AwsError(code, 'A planted fault: the rate is exceeded.', status);
      }
      case 'error':
        return new AwsError('ServiceUnavailable', 'A planted fault: the service is out.', 503);
      case 'reset':
        return HANG_UP;
      case 'lost':
        return LOSE_ANSWER;
      case 'hang':
        return HANG;
      default:
        return kind satisfies never;
    }
  };

  /** For `SqsOptions.disorder`: that share of the messages comes twice, and as many come late. */
  readonly disorder: Disorder = {
    isDoubled: () => this.#isPlanted('twice'),
    lateBy: () => (this.#isPlanted('late') ? this.#random() * LATE_MS : 0),
  };

  #isPlanted(fault: MessageFault): boolean {
    const isPlanted = this.#random() < this.rate;
    if (isPlanted) this.messages[fault] += 1;
    return isPlanted;
  }

  #kind(): FaultKind {
    const all = faultKinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
    let left = this.#random() * all;
    for (const kind of faultKinds) {
      left -= WEIGHTS[kind];
      if (left < 0) return kind;
    }
    return 'error';
  }

  /** The next of a sequence that the seed decides, 0 up to 1: a linear congruential generator (Knuth, MMIX's high bits). */
  #random(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

/**
 * Reads `seed=7,rate=4%`.
 *
 * @returns undefined where it is none
 */
export function parseFaultPlan(text: string): FaultPlan | undefined {
  const [, seed, rate] = /^seed=(\d{1,9}),rate=(\d{1,2}(?:\.\d+)?)%$/.exec(text) ?? [];
  if (seed === undefined || rate === undefined) return undefined;
  return { seed: Number(seed), rate: Number(rate) / 100 };
}
