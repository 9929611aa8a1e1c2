import { answerOf, type Api } from '../client.ts';

/** Has a domain checked, and does not wait for the result. */
export const requestCheck = (api: Api, name: string): Promise<unknown> =>
  answerOf(api.POST('/v1/domains/{name}/checks', { params: { path: { name } } }));

/** Deletes a domain, as one by one. */
export const deleteDomain = (api: Api, name: string): Promise<unknown> =>
  answerOf(api.DELETE('/v1/domains/{name}', { params: { path: { name } } }));
