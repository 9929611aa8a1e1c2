import { MessageSplitter } from '../mail/split.ts';
import { bodyCanonicalization } from './body/canonicalization.ts';
import { BodyHash } from './body/hash.ts';
import { type Signer, signHeader } from './sign.ts';

/**
 * Signs a message that comes in chunks; keeps its header only. To change the header before it is
 * signed, use `MessageSplitter`, `BodyHash` and `signHeader` as this does.
 *
 * @returns the DKIM-Signature field with its CRLF, the same as `signMessage` gives
 * @throws SigningError where there is nothing that a verifier would accept
 */
export async function signChunks(chunks: AsyncIterable<Buffer>, signer: Signer): Promise<Buffer> {
  const splitter = new MessageSplitter();
  const body = new BodyHash(bodyCanonicalization(signer.profile.bodyCanonicalization));
  for await (const chunk of chunks) body.update(splitter.push(chunk));
  return signHeader(splitter.end(), body.digest(), signer);
}
