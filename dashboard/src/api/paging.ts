/** The query of a page of so many items, the first one without a cursor. */
export const pageOf = (cursor: string | undefined, limit: number) => ({
  limit,
  ...(cursor === undefined ? {} : { cursor }),
});

/** Options of `useInfiniteQuery` for a list with cursors. */
export const byCursor = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ cursor }: { readonly cursor: string | null }) => cursor ?? undefined,
};
