import {
  publicRequest,
  type AddressesOf,
  type PublicRequestOptions,
} from '../https/public-request.ts';

/** The result of a request: the status that was answered with, or why there was no answer. */
export type PostOutcome = { readonly status: number } | { readonly error: string };

export type Post = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<PostOutcome>;

/** Posts to hosts on the public internet and nowhere else; what is answered is not kept. */
export function publicPost(
  addressesOf: AddressesOf,
  options: Partial<PublicRequestOptions> = {},
): Post {
  const send = publicRequest(addressesOf, options);
  return async (url, headers, body) => {
    const answer = await send({ method: 'POST', url, headers, body });
    return 'error' in answer ? answer : { status: answer.status };
  };
}
