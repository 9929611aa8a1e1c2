import type { Group } from './group.ts';

/** Groups that one sum keeps apart: so that an item stays far below DynamoDB's 400 KB. */
export const MAX_GROUPS = 1_000;

/**
 * Sums groups: those that differ in nothing but their number become one. Where there are too many,
 * the least significant are folded together without their address. So the totals stay right and
 * memory stays bounded.
 */
export class Aggregates {
  readonly #limit: number;
  #cells = new Map<string, Cell>();

  constructor(groups: Iterable<Group> = [], limit = MAX_GROUPS) {
    this.#limit = limit;
    for (const group of groups) this.add(group);
  }

  add(group: Group): void {
    this.#add(group, keyOf(group));
    if (this.#cells.size > 2 * this.#limit) this.#fold();
  }

  /** The groups, the most significant first: at most the limit, and one for each folded result. */
  groups(): Group[] {
    if (this.#cells.size > this.#limit) this.#fold();
    return this.#sorted().map(({ group, messages }) => ({ ...group, messages }));
  }

  #add(group: Group, key: string, messages = group.messages): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, { key, group, messages });
    else cell.messages += messages;
  }

  #fold(): void {
    const sorted = this.#sorted();
    this.#cells = new Map();
    for (const [index, { key, group, messages }] of sorted.entries()) {
      if (index < this.#limit) {
        this.#add(group, key, messages);
      } else {
        const folded = withoutSource(group);
        this.#add(folded, keyOf(folded), messages);
      }
    }
  }

  /** Folded groups stay folded; mail that passes is kept before mail that anybody may have sent. */
  #sorted(): Cell[] {
    return [...this.#cells.values()].sort(
      (a, b) =>
        Number(a.group.source === '') - Number(b.group.source === '') ||
        trust(b.group) - trust(a.group) ||
        b.messages - a.messages ||
        (a.key < b.key ? -1 : 1),
    );
  }
}

interface Cell {
  readonly key: string;
  readonly group: Group;
  messages: number;
}

const keyOf = (group: Group): string => {
  const { source, scope, disposition, dkim, spf, signature, envelope, policyDomain } = group;
  return `${source} ${scope} ${disposition} ${dkim} ${spf} ${signature?.domain} ${signature?.selector} ${signature?.result} ${envelope?.domain} ${envelope?.result} ${policyDomain}`;
};

const withoutSource = (group: Group): Group => ({
  ...group,
  source: '',
  signature: undefined,
  envelope: undefined,
});

const trust = ({ dkim, spf, signature, envelope }: Group): number => {
  if (dkim || spf) return 2;
  return signature?.result === 'pass' || envelope?.result === 'pass' ? 1 : 0;
};
