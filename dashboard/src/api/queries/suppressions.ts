import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf } from '../client.ts';
import { byCursor, pageOf } from '../paging.ts';
import { keys } from './keys.ts';

const PAGE = 100;

/** Queries the addresses that mail is not sent to. */
export function useSuppressions() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: keys.suppressions,
    ...byCursor,
    queryFn: ({ signal, pageParam }) =>
      answerOf(
        api.GET('/v1/suppressions', {
          params: { query: pageOf(pageParam, PAGE) },
          signal,
        }),
      ),
  });
}

/** Puts addresses on the list. */
export function useSuppress() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (addresses: readonly string[]) =>
      answerOf(
        api.POST('/v1/suppressions', {
          body: {
            suppressions: addresses.map((address) => ({ address, reason: 'manual' as const })),
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.suppressions }),
  });
}

/** Takes an address off the list. */
export function useUnsuppress() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (address: string) =>
      answerOf(api.DELETE('/v1/suppressions/{address}', { params: { path: { address } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.suppressions }),
  });
}
