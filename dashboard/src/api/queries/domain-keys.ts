import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, type Domain, type RotationReason } from '../client.ts';
import { noteDomain } from './domain.ts';
import { keys } from './keys.ts';

/** Every key that the domain ever had; asked for again when another signs. */
export function useKeys({ name, dkim }: Pick<Domain, 'name' | 'dkim'>) {
  const api = useApi();
  return useQuery({
    queryKey: [...keys.keys(name), dkim.current, dkim.next, dkim.previous],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/domains/{name}/keys', { params: { path: { name } }, signal })),
  });
}

/** Moves on to the next key, or revokes the current one. */
export function useRotate(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: RotationReason) =>
      answerOf(
        api.POST('/v1/domains/{name}/rotations', { params: { path: { name } }, body: { reason } }),
      ),
    onSuccess: (domain) => {
      noteDomain(client, domain);
      void client.invalidateQueries({ queryKey: keys.keys(name) });
    },
  });
}
