/**
 * When a message must be checked again: at a time, or after a back-off of at least so long; and its
 * place in its tenant's line, where it has one.
 */
export type Again = { readonly place?: number | undefined } & (
  | { readonly kind: 'at'; readonly at: Date }
  | { readonly kind: 'back-off'; readonly atLeastSeconds: number }
);
