import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, type SourceDecision } from '../client.ts';
import { keys } from './keys.ts';

/**
 * Queries the requirements of the next steps of the domain's DMARC plan, and the evidence for them.
 */
export function usePlan(name: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.plan(name),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/domains/{name}/dmarc-plan', { params: { path: { name } }, signal })),
    staleTime: 60_000,
  });
}

/** Queries the permitted senders of the domain by its SPF record, as DNS has it now. */
export function useSenders(name: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.senders(name),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/domains/{name}/spf', { params: { path: { name } }, signal })),
    staleTime: 60_000,
  });
}

/**
 * Queries the reports of receivers about the domain's mail.
 *
 * @param from the first day, `2026-11-01`
 */
export function useReports(name: string, from: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...keys.reports(name), from],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/domains/{name}/reports', {
          params: { path: { name }, query: { from } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** Queries what each DMARC policy would have done to the mail of the last 30 days. */
export function usePolicyEffects(name: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.effects(name),
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/domains/{name}/policy-effects', { params: { path: { name } }, signal }),
      ),
    staleTime: 60_000,
  });
}

/** Says of a source of the domain's mail that it is the customer's, or that it is not. */
export function useDecideSource(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ source, decision }: { source: string; decision: SourceDecision }) =>
      answerOf(
        api.PATCH('/v1/domains/{name}/sources/{source}', {
          params: { path: { name, source } },
          body: { decision },
        }),
      ),
    onSuccess: () =>
      Promise.all(
        [keys.reports(name), keys.effects(name), keys.plan(name)].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}
