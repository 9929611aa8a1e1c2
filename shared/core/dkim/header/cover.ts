import type { HeaderField } from '../../mail/parse.ts';
import type { SigningProfile } from '../profile.ts';
import { foldNames } from '../signature-field.ts';

/** The fields of one header that a signature covers. */
export interface Coverage {
  /** The fields in the order of the `h=` list: of a name, the lowest instance first (RFC 6376 §5.4.2). */
  readonly fields: readonly HeaderField[];
  /** Number of names in the `h=` list. */
  readonly names: number;
  /** The `h=` list, folded. */
  readonly list: string;
}

/** A name of a profile: whether one instance beyond those that are there is signed. */
interface Slot {
  readonly name: string;
  readonly oversign: 'always' | 'where-present' | 'never';
}

/** A profile made ready for use; h= lists that were composed once are kept. */
interface Plan {
  readonly slots: readonly Slot[];
  readonly slotOf: ReadonlyMap<string, number>;
  readonly lists: Map<string, string>;
}

const plans = new WeakMap<SigningProfile, Plan>();
/** Far more combinations than senders' software makes; what is beyond is composed each time. */
const MAX_LISTS = 1_000;
const MAX_LIST_LENGTH = 2_000;

/** The fields of a header that a profile signs, and the `h=` list that says so. */
export function coverHeader(fields: readonly HeaderField[], profile: SigningProfile): Coverage {
  const plan = plans.get(profile) ?? makePlan(profile);
  const found: HeaderField[][] = plan.slots.map(() => []);
  for (let i = fields.length - 1; i >= 0; i -= 1) {
    const field = fields[i] as HeaderField;
    const slot = plan.slotOf.get(field.name);
    if (slot !== undefined) (found[slot] as HeaderField[]).push(field);
  }
  let counts = '';
  let names = 0;
  for (let slot = 0; slot < found.length; slot += 1) {
    const there = (found[slot] as HeaderField[]).length;
    const count = isOversigned(plan.slots[slot] as Slot, there) ? there + 1 : there;
    counts += `${count} `;
    names += count;
  }
  return {
    fields: found.flat(),
    names,
    list: plan.lists.get(counts) ?? composeList(plan, found, counts),
  };
}

const isOversigned = ({ oversign }: Slot, there: number): boolean =>
  oversign === 'always' || (oversign === 'where-present' && there > 0);

const slotsOf = (names: readonly string[], oversign: Slot['oversign']): Slot[] =>
  names.map((name) => ({ name, oversign }));

function makePlan(profile: SigningProfile): Plan {
  const { oversign, oversignPresent, sign } = profile;
  const slots = [
    ...slotsOf(oversign, 'always'),
    ...slotsOf(oversignPresent, 'where-present'),
    ...slotsOf(sign, 'never'),
  ];
  const plan: Plan = {
    slots,
    slotOf: new Map(slots.map(({ name }, i) => [name, i])),
    lists: new Map(),
  };
  plans.set(profile, plan);
  return plan;
}

function composeList(plan: Plan, found: readonly HeaderField[][], counts: string): string {
  const list = foldNames(
    plan.slots.flatMap((each, slot) => {
      const there = found[slot] ?? [];
      const names = there.map(() => each.name);
      return isOversigned(each, there.length) ? [...names, each.name] : names;
    }),
  );
  if (plan.lists.size < MAX_LISTS && list.length < MAX_LIST_LENGTH) plan.lists.set(counts, list);
  return list;
}
