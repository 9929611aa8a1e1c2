import { fstatSync, ftruncateSync, writeSync } from 'node:fs';

/** All that comes on standard input. */
export async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Writes to standard output without npm's banner before it: `npm run sign -- ... > out.eml` has npm
 * write "> sender-domains@0.1.0 sign" and the command first. A file that holds only the banner is
 * truncated; a pipe cannot be, which stderr then says.
 */
export function writeOutput(octets: Buffer): void {
  const banner = npmBanner();
  const stdout = fstatSync(1);
  if (banner !== undefined && stdout.isFile() && stdout.size === banner.length) {
    ftruncateSync(1, 0);
    for (let at = 0; at < octets.length;) at += writeSync(1, octets, at, octets.length - at, at);
    return;
  }
  if (banner !== undefined && !process.stdout.isTTY) {
    console.error(`npm wrote its banner before the output; use npm run -s.`);
  }
  process.stdout.write(octets);
}

/** Returns what npm wrote before it started this process, if anything. */
function npmBanner(): Buffer | undefined {
  const { env, argv } = process;
  const event = env['npm_lifecycle_event'];
  if (event === undefined || env['npm_config_loglevel'] === 'silent') return undefined;
  const id = `${env['npm_package_name']}@${env['npm_package_version']}`;
  const command = [env['npm_lifecycle_script'], ...argv.slice(2)].join(' ');
  return Buffer.from(`\n> ${id} ${event}\n> ${command}\n\n`);
}
