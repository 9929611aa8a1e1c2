/**
 * When a message must be checked again: at a time, or after a back-off of at least so long; and its
 * place in its tenant's line, where it has one.
 */
export type Again = { readonly place?: number | undefined } & (
  | { readonly kind: 'at'; readonly at: Date }
  | { readonly kind: 'back-off'; readonly atLeastSeconds: number }
);

/** Returns the one that comes first. A back-off wins over any time: SES asked for it. */
export function sooner(one: Again | undefined, other: Again | undefined): Again | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.kind === 'back-off') return one;
  if (other.kind === 'back-off') return other;
  return one.at <= other.at ? one : other;
}
