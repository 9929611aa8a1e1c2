import { Resolver } from 'node:dns/promises';
import { hostname } from 'node:os';
import { authenticationResults } from '#shared/core/dkim/authentication-results.ts';
import type { TxtAnswer, TxtResolver } from '#shared/core/dkim/resolver.ts';
import { verifyMessage } from '#shared/core/dkim/verify.ts';
import { readArguments, runCommand } from './command.ts';
import { readInput, writeOutput } from './standard-streams.ts';

const USAGE = `Usage: npm run verify -- [--dns HOST:PORT] < in.eml

Verifies the DKIM signatures of a message and prints its Authentication-Results. Keys are looked up
by the system's DNS servers, or by the one at --dns. The exit status is 1 where no signature passes.`;

/** Resolves TXT records by the system's servers, or by the one at `server` (`HOST:PORT`). */
function resolverAt(server: string | undefined): TxtResolver {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  if (server !== undefined) resolver.setServers([server]);
  return async (name) => {
    const answer = await answerOf(async () => {
      const records = await resolver.resolveTxt(name);
      const texts = records.map((strings) => strings.join(''));
      return texts.length === 0 ? { kind: 'none' } : { kind: 'records', texts };
    });
    if (answer.kind !== 'none') return answer;
    // an authoritative server gives a CNAME that leads out of its zones without what it leads to
    return answerOf(async () => {
      const [target] = await resolver.resolveCname(name);
      return target === undefined ? { kind: 'none' } : { kind: 'alias', target };
    });
  };
}

/** Returns the answer of a query, its errors turned into answers. */
async function answerOf(query: () => Promise<TxtAnswer>): Promise<TxtAnswer> {
  try {
    return await query();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOTFOUND' || code === 'ENODATA') return { kind: 'none' };
    return { kind: 'failure', detail: code };
  }
}

await runCommand(async () => {
  const { dns } = readArguments(USAGE, { dns: { type: 'string' } }).values;
  const results = await verifyMessage(await readInput(), resolverAt(dns), Date.now() / 1_000);
  writeOutput(Buffer.from(`${authenticationResults(hostname(), results)}\r\n`));
  if (!results.some(({ result }) => result === 'pass')) process.exitCode = 1;
});
