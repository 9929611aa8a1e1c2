import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, refuse, type Domain, type RecordFormat } from '../client.ts';
import { isSettled } from './domain.ts';
import { keys } from './keys.ts';

/** The records as a file. */
export function useExport(name: string) {
  const api = useApi();
  return useMutation({
    mutationFn: (format: RecordFormat) =>
      answerOf(
        api.GET('/v1/domains/{name}/records', {
          params: { path: { name }, query: { format } },
          parseAs: 'text',
        }),
      ),
  });
}

/** Makes a link that shows the records to anyone who has it. */
export function useShareLink(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answerOf(api.POST('/v1/domains/{name}/share-links', { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.shareLinks(name) }),
  });
}

/** Lists the links that open, without their addresses. */
export function useShareLinks(name: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.shareLinks(name),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/domains/{name}/share-links', { params: { path: { name } }, signal })),
  });
}

/** Revokes a link, or has it open as long as a new one. */
export function useChangeShareLink(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ link, change }: { link: string; change: 'renew' | 'revoke' }) => {
      const params = { path: { name, link } };
      const { response, error } = await (change === 'renew'
        ? api.POST('/v1/domains/{name}/share-links/{link}/renewals', { params })
        : api.DELETE('/v1/domains/{name}/share-links/{link}', { params }));
      refuse(response, error);
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.shareLinks(name) }),
  });
}

/**
 * Queries once, while there is anything to create, if the domain's DNS provider can create its
 * records.
 */
export function useDomainConnect(domain: Domain) {
  const api = useApi();
  return useQuery({
    queryKey: keys.domainConnect(domain.name),
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/domains/{name}/domain-connect', {
          params: { path: { name: domain.name } },
          signal,
        }),
      ),
    enabled: !isSettled(domain),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data?.reason === 'preparing' ? 5_000 : false),
  });
}
