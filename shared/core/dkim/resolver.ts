/** The answer of DNS to a TXT query. */
export type TxtAnswer =
  /** The records, the strings of each joined. */
  | { readonly kind: 'records'; readonly texts: readonly string[] }
  /** The name is an alias, and the answer says no more: ask again at the target. */
  | { readonly kind: 'alias'; readonly target: string }
  /** The name does not exist, or has no TXT record. */
  | { readonly kind: 'none' }
  /** No answer to build on: SERVFAIL, a timeout. Another attempt may succeed. */
  | { readonly kind: 'failure'; readonly detail: string };

/** Asks DNS for the TXT records of a name. Turns failures into answers; throws only on a defect. */
export type TxtResolver = (name: string) => Promise<TxtAnswer>;

/** Longer chains than any provider makes, and an end to loops. */
const MAX_ALIASES = 8;

/** Resolves TXT records across CNAMEs. */
export async function resolveThroughAliases(
  resolve: TxtResolver,
  name: string,
): Promise<Exclude<TxtAnswer, { kind: 'alias' }>> {
  let at = name;
  for (let aliases = 0; aliases <= MAX_ALIASES; aliases += 1) {
    const answer = await resolve(at);
    if (answer.kind !== 'alias') return answer;
    at = answer.target;
  }
  return { kind: 'failure', detail: `more than ${MAX_ALIASES} CNAMEs from ${name} on` };
}
