import {
  standingOf,
  windowsAt,
  type BudgetWindow,
  type Limits,
  type Standing,
} from '#shared/core/model/budgets.ts';
import type { BudgetStore, BudgetSubject } from '#shared/app/ports/budgets.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import { windowExceeded } from './exceeded.ts';

/** The part of a limit that one block has. */
const BLOCKS_PER_LIMIT = 100;

export interface CallMeterPorts {
  readonly store: Pick<BudgetStore, 'take'>;
  readonly clock: Clock;
  /** Receives failures to take a block: calls go on without it. */
  readonly log: (error: unknown) => void;
}

/** The calls of one subject in one window, as this instance knows them. */
interface Meter {
  window: BudgetWindow;
  /** Calls let through by this instance. */
  used: number;
  /** Calls that this instance took from the budget. */
  leased: number;
  /** Calls that all instances had taken by the last answer. */
  total: number;
  isUsedUp: boolean;
  block?: Promise<void>;
}

const blockOf = ({ window }: Meter): number =>
  Math.max(1, Math.ceil(window.limit / BLOCKS_PER_LIMIT));

const isOver = ({ isUsedUp, used, leased }: Meter): boolean => isUsedUp && used >= leased;

/**
 * Counts calls, without a write in the way of any: an instance takes them from the budget in blocks
 * of a hundredth of the limit, in the background, before it needs them.
 *
 * An instance lets at most one block through that it has not taken yet. So in a window the calls let
 * through are at most the limit and one block for each instance that serves the subject; and at most
 * a block for each may be left unused.
 */
export class CallMeter {
  readonly #ports: CallMeterPorts;
  readonly #group: 'calls' | 'shared-calls';
  #start = 0;
  #meters = new Map<BudgetSubject, Meter>();

  constructor(group: 'calls' | 'shared-calls', ports: CallMeterPorts) {
    this.#group = group;
    this.#ports = ports;
  }

  /**
   * Counts a call.
   *
   * @param limits as known now; they hold from the next window on for a subject that called before
   * @param reread reads the limits again, before a call is refused: another instance may know that
   *   they were raised, and may have taken blocks by that
   * @throws BudgetExceeded
   */
  async count(
    subject: BudgetSubject,
    limits: Limits,
    reread: () => Promise<Limits>,
  ): Promise<Standing> {
    const now = this.#ports.clock.now();
    const meter = this.#meterOf(subject, limits, now);
    await this.#refill(subject, meter);
    if (isOver(meter)) await this.#raise(subject, meter, await reread());
    const { window } = meter;
    const block = blockOf(meter);
    if (isOver(meter)) {
      throw windowExceeded(window, { used: Math.max(meter.total, window.limit), amount: 1 }, now);
    }
    meter.used += 1;
    if (meter.leased - meter.used < block / 2) void this.#takeBlock(subject, meter, block);
    return standingOf(window, meter.total - meter.leased + meter.used, now);
  }

  /** Takes a block where one more than it would go through untaken. */
  async #refill(subject: BudgetSubject, meter: Meter): Promise<void> {
    const block = blockOf(meter);
    if (meter.used >= meter.leased + block) await this.#takeBlock(subject, meter, block);
  }

  /** Goes on by a limit that is higher than the one that the meter began with. */
  async #raise(subject: BudgetSubject, meter: Meter, limits: Limits): Promise<void> {
    const [window] = windowsAt(this.#group, limits, new Date(meter.window.start * 1_000)) as [
      BudgetWindow,
    ];
    if (window.limit <= meter.window.limit) return;
    meter.window = window;
    meter.isUsedUp = false;
    await this.#takeBlock(subject, meter, blockOf(meter));
  }

  #meterOf(subject: BudgetSubject, limits: Limits, now: Date): Meter {
    const [window] = windowsAt(this.#group, limits, now) as [BudgetWindow];
    if (window.start !== this.#start) {
      this.#start = window.start;
      this.#meters = new Map();
    }
    const meter = this.#meters.get(subject) ?? {
      window,
      used: 0,
      leased: 0,
      total: 0,
      isUsedUp: window.limit === 0,
    };
    this.#meters.set(subject, meter);
    return meter;
  }

  /** Takes a block, or awaits the one that is being taken. A failure is logged, not thrown. */
  async #takeBlock(subject: BudgetSubject, meter: Meter, block: number): Promise<void> {
    if (meter.isUsedUp) return;
    const taking = (meter.block ??= this.#take(subject, meter, block));
    try {
      await taking;
    } catch (error) {
      this.#ports.log(error);
    }
    if (meter.block === taking) delete meter.block;
  }

  async #take(subject: BudgetSubject, meter: Meter, block: number): Promise<void> {
    const { window } = meter;
    const take = (amount: number) =>
      this.#ports.store.take({ subject, group: this.#group, windows: [window], amount });
    let amount = block;
    let taken = await take(amount);
    if (!taken.isTaken) {
      const left = Math.floor(window.limit - (taken.used[0] as number));
      meter.total = taken.used[0] as number;
      if (left < 1 || left >= block) {
        meter.isUsedUp = left < 1;
        return;
      }
      amount = left;
      taken = await take(amount);
    }
    meter.total = taken.used[0] as number;
    if (taken.isTaken) meter.leased += amount;
    else meter.isUsedUp = true;
  }
}
