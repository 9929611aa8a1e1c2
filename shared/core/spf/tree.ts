import { MAX_LOOKUPS, MAX_VOID_LOOKUPS, type SpfLookup } from './evaluate.ts';
import { isSpfRecord, parseSpf, type Mechanism, type SpfRecord } from './record.ts';

/**
 * The reason why a record is not followed.
 *
 * - `no-record`, `several-records`, `invalid`: each makes the whole SPF a permerror.
 * - `loop`: it includes itself, by way of others.
 * - `no-answer`: DNS did not answer. `not-followed`: a macro, or beyond this one's bounds.
 */
export type SpfNodeProblem =
  | 'no-record'
  | 'several-records'
  | 'invalid'
  | 'loop'
  | 'no-answer'
  | 'not-followed';

/** One SPF record, with those of its terms that cause lookups. */
export interface SpfNode {
  readonly domain: string;
  /** As published; absent where there is none to show. */
  readonly record?: string;
  readonly problem?: SpfNodeProblem;
  /** The fault, in words. */
  readonly detail?: string;
  readonly terms: readonly SpfTerm[];
}

/** A term that causes lookups (RFC 7208 §4.6.4), counted with all below it. */
export interface SpfTerm {
  /** As written: `include:_spf.example.net`. */
  readonly text: string;
  readonly lookups: number;
  readonly voidLookups: number;
  /** The record that an `include` or `redirect` leads to. */
  readonly node?: SpfNode;
}

/** An SPF record with everything it leads to, by any path that a receiver could take. */
export interface SpfTree {
  readonly root: SpfNode;
  /** Terms that cause lookups, of `MAX_LOOKUPS` at most. */
  readonly lookups: number;
  /** Void lookups, of `MAX_VOID_LOOKUPS` at most. */
  readonly voidLookups: number;
}

/** Bounds of one tree, far over what RFC 7208 lets receivers follow. */
const MOST_RECORDS = 40;
const MOST_QUESTIONS = 120;
const DEEPEST = 12;
const MOST_HOSTS = 10;

/**
 * The whole tree below an SPF record, with counts: what RFC 7208 §4.6.4 limits, as a sender that
 * matches nothing would meet it.
 *
 * @param record an SPF record of `domain`, as published
 */
export async function spfTree(domain: string, record: string, lookup: SpfLookup): Promise<SpfTree> {
  const root = await new Survey(lookup).node(domain, [record], []);
  return { root, ...sum(root.terms) };
}

/** Returns true if receivers would give up on a tree for its size. */
export const isTooLarge = ({ lookups, voidLookups }: SpfTree): boolean =>
  lookups > MAX_LOOKUPS || voidLookups > MAX_VOID_LOOKUPS;

/** The first record of a tree that has a problem, of those given, from the root on. */
export function findProblem(
  node: SpfNode,
  problems: readonly SpfNodeProblem[],
): SpfNode | undefined {
  if (node.problem !== undefined && problems.includes(node.problem)) return node;
  for (const { node: below } of node.terms) {
    const found = below && findProblem(below, problems);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Counts {
  readonly lookups: number;
  readonly voidLookups: number;
}

const sum = (terms: readonly Counts[]): Counts => ({
  lookups: terms.reduce((total, { lookups }) => total + lookups, 0),
  voidLookups: terms.reduce((total, { voidLookups }) => total + voidLookups, 0),
});

class Survey {
  readonly #lookup: SpfLookup;
  #records = 0;
  #questions = 0;

  constructor(lookup: SpfLookup) {
    this.#lookup = lookup;
  }

  /** @param path the domains above, from the root on */
  async node(domain: string, values: readonly string[], path: readonly string[]): Promise<SpfNode> {
    const records = values.filter(isSpfRecord);
    const [record] = records;
    if (record === undefined) return { domain, problem: 'no-record', terms: [] };
    if (records.length > 1) {
      return { domain, record, problem: 'several-records', terms: [] };
    }
    let parsed: SpfRecord;
    try {
      parsed = parseSpf(record);
    } catch (error) {
      return { domain, record, problem: 'invalid', detail: (error as Error).message, terms: [] };
    }
    const terms = await this.#terms(parsed, domain, [...path, domain]);
    return { domain, record, terms };
  }

  async #terms(
    { mechanisms, redirect }: SpfRecord,
    domain: string,
    path: readonly string[],
  ): Promise<SpfTerm[]> {
    const all = mechanisms.findIndex(({ kind }) => kind === 'all');
    // §5.1, §6.1: receivers ignore terms after "all", and a redirect beside it.
    const reached = all < 0 ? mechanisms : mechanisms.slice(0, all);
    const found = await Promise.all(
      reached.map((mechanism) => this.#mechanism(mechanism, domain, path)),
    );
    const terms = found.filter((term) => term !== undefined);
    if (redirect === undefined || all >= 0) return terms;
    return [...terms, await this.#below(`redirect=${redirect}`, redirect, path)];
  }

  async #mechanism(
    mechanism: Mechanism,
    domain: string,
    path: readonly string[],
  ): Promise<SpfTerm | undefined> {
    const { text } = mechanism;
    switch (mechanism.kind) {
      case 'all':
      case 'ip4':
      case 'ip6':
        return undefined;
      case 'include':
        return this.#below(text, mechanism.domain, path);
      case 'a':
      case 'exists':
        return this.#counted(text, () => this.#voids(mechanism.domain ?? domain, 'A'));
      case 'mx':
        return this.#counted(text, () => this.#voidsOfMx(mechanism.domain ?? domain));
      case 'ptr':
        return this.#counted(text, async () => 0);
      default:
        return mechanism satisfies never;
    }
  }

  async #counted(text: string, voids: () => Promise<number>): Promise<SpfTerm> {
    return { text, lookups: 1, voidLookups: await voids() };
  }

  async #below(text: string, spec: string, path: readonly string[]): Promise<SpfTerm> {
    const node = await this.#follow(spec, path);
    const { lookups, voidLookups } = sum(node.terms);
    const isVoid = node.problem === 'no-record' && node.detail === undefined;
    return { text, lookups: lookups + 1, voidLookups: voidLookups + (isVoid ? 1 : 0), node };
  }

  async #follow(spec: string, path: readonly string[]): Promise<SpfNode> {
    const domain = spec.toLowerCase().replace(/\.$/, '');
    const empty = { domain, terms: [] };
    if (path.includes(domain)) return { ...empty, problem: 'loop' };
    this.#records += 1;
    if (path.length >= DEEPEST || this.#records > MOST_RECORDS || domain.includes('%')) {
      return { ...empty, problem: 'not-followed' };
    }
    const answer = await this.#ask(domain, 'TXT');
    if (answer === undefined || answer.outcome === 'unknown') {
      return { ...empty, problem: answer === undefined ? 'not-followed' : 'no-answer' };
    }
    const node = await this.node(domain, answer.values, path);
    // Text that is no SPF record is an answer: not void, though as bad.
    return node.problem === 'no-record' && answer.values.length > 0
      ? { ...node, detail: 'has text, but no SPF record' }
      : node;
  }

  async #voidsOfMx(domain: string): Promise<number> {
    const answer = domain.includes('%') ? undefined : await this.#ask(domain, 'MX');
    if (answer === undefined || answer.outcome === 'unknown') return 0;
    if (answer.values.length === 0) return 1;
    const hosts = answer.values.slice(0, MOST_HOSTS).map((mx) => mx.slice(mx.indexOf(' ') + 1));
    const voids = await Promise.all(hosts.map((host) => this.#voids(host, 'A')));
    return voids.reduce((total, one) => total + one, 0);
  }

  /** 1 where DNS says that there is nothing, else 0. */
  async #voids(spec: string, type: 'A'): Promise<number> {
    // The value of a macro depends on the mail.
    const answer = spec.includes('%') ? undefined : await this.#ask(spec, type);
    return answer !== undefined && answer.outcome !== 'unknown' && answer.values.length === 0
      ? 1
      : 0;
  }

  #ask(name: string, type: 'TXT' | 'A' | 'MX'): ReturnType<SpfLookup> | Promise<undefined> {
    this.#questions += 1;
    return this.#questions > MOST_QUESTIONS ? Promise.resolve(undefined) : this.#lookup(name, type);
  }
}
