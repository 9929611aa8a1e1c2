import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, type ChangeRequest, type Domain } from '../client.ts';
import { checkNow, noteDomain } from './domain.ts';
import { keys } from './keys.ts';

/** Checks the domain's records in DNS now. */
export function useCheckNow(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => checkNow(api, name),
    onSuccess: (domain) => noteDomain(client, domain),
  });
}

export interface ClaimRequest {
  readonly name: string;
  /** Absent: as it was of a domain that is brought back, else by the service. */
  readonly hosting?: Domain['hosting'];
  /** Absent: sending. */
  readonly purpose?: Domain['purpose'];
  readonly key: string;
}

export function useClaimDomain() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    // One key for each wish, so that a retry of the same wish does nothing twice.
    mutationFn: ({ name, hosting, purpose, key }: ClaimRequest) =>
      answerOf(
        api.POST('/v1/domains', {
          body: { name, ...(hosting && { hosting }), ...(purpose && { purpose }) },
          params: { header: { 'Idempotency-Key': key } },
        }),
      ),
    onSuccess: (domain) => noteDomain(client, domain),
  });
}

export function useDeleteDomain(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.DELETE('/v1/domains/{name}', { params: { path: { name } } })),
    onSuccess: (domain) => noteDomain(client, domain),
  });
}

/** Changes what is hosted for the domain; what is absent stays. */
export function useChangeDomain(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ChangeRequest) =>
      answerOf(api.PATCH('/v1/domains/{name}', { params: { path: { name } }, body: change })),
    onSuccess: (domain) => {
      noteDomain(client, domain);
      void client.invalidateQueries({ queryKey: keys.senders(name) });
      void client.invalidateQueries({ queryKey: keys.plan(name) });
    },
  });
}
