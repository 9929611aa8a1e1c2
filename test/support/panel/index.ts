import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Question } from './question.ts';
import { askRspamd } from './rspamd.ts';

/** A verifier that is not ours. */
export interface PanelVerifier {
  readonly name: string;
  /** False: it could not be installed, and is not asked. */
  readonly installed: boolean;
  /** @returns `pass`, or what it says, for each message in order */
  readonly verify: (messages: readonly Buffer[], question: Question) => Promise<string[]>;
}

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
/** Outside libfaketime, under which rspamd hangs; what is only asked whether it runs needs no date. */
const runs = (command: string, args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore', env: { ...process.env, LD_PRELOAD: undefined } })
    .status === 0;

/**
 * The five verifiers that every accepted mail must pass. Debian has four of them: python3-dkim,
 * libmail-dkim-perl, libopendkim-dev with gcc, and rspamd. Where CI is set, all must be installed.
 */
export function panel(): PanelVerifier[] {
  const python = ['/usr/bin/python3', 'python3'].find((each) => runs(each, ['-c', 'import dkim']));
  const build = mkdtempSync(join(tmpdir(), 'opendkim-'));
  process.once('exit', () => rmSync(build, { recursive: true, force: true }));
  const opendkim = join(build, 'opendkim');
  const clock = join(build, 'clock.so');
  return [
    {
      name: 'dkimpy',
      installed: python !== undefined,
      verify: byScript((time, keys, domain, folder) =>
        linesOf(python!, [script('dkimpy.py'), time, keys, domain, folder]),
      ),
    },
    {
      name: 'Mail::DKIM',
      installed: runs('perl', ['-MMail::DKIM', '-e1']),
      verify: byScript((time, keys, domain, folder) =>
        linesOf('perl', [script('mail-dkim.pl'), time, keys, domain, folder]),
      ),
    },
    {
      name: 'libopendkim',
      installed: runs('gcc', ['-o', opendkim, script('opendkim.c'), '-lopendkim']),
      verify: byScript((time, keys, domain, folder, count) =>
        linesOf(opendkim, [time, keys, domain, folder, String(count)]),
      ),
    },
    { name: 'mailauth', installed: true, verify: askMailauth },
    {
      name: 'rspamd',
      installed:
        runs('rspamd', ['--version']) &&
        runs('gcc', ['-shared', '-fPIC', '-o', clock, script('clock.c')]),
      verify: (messages, question) => askRspamd(messages, question, clock),
    },
  ];
}

/**
 * Asks the installed verifiers at once.
 *
 * @returns what was not `pass`: message, verifier and what it said
 */
export async function rejections(
  verifiers: readonly PanelVerifier[],
  messages: readonly Buffer[],
  question: Question,
): Promise<{ index: number; verifier: string; verdict: string }[]> {
  const asked = await Promise.all(
    verifiers
      .filter(({ installed }) => installed)
      .map(async ({ name, verify }) => {
        const verdicts = await verify(messages, question);
        if (verdicts.length !== messages.length)
          throw new Error(
            `${name} gave ${verdicts.length} verdicts on ${messages.length} messages`,
          );
        return verdicts.map((verdict, index) => ({ index, verifier: name, verdict }));
      }),
  );
  return asked.flat().filter(({ verdict }) => verdict !== 'pass');
}

/**
 * Says loudly which verifiers are not there.
 *
 * @throws Error where CI is set, which installs them all
 */
export function requirePanel(verifiers: readonly PanelVerifier[]): void {
  const missing = verifiers.filter(({ installed }) => !installed).map(({ name }) => name);
  if (missing.length === 0) return;
  const text = `NOT INSTALLED: ${missing.join(', ')}. Their acceptance of our signatures is not tested here.`;
  if (process.env['CI'] !== undefined) throw new Error(text);
  console.warn(`\n${text}\n`);
}

type Ask = (
  time: string,
  keys: string,
  domain: string,
  folder: string,
  count: number,
) => Promise<string[]>;

/** Hands messages and keys to a program as files. */
const byScript =
  (ask: Ask): PanelVerifier['verify'] =>
  async (messages, { domain, keys, time }) => {
    if (messages.length === 0) return [];
    const folder = mkdtempSync(join(tmpdir(), 'panel-'));
    try {
      const mails = join(folder, 'mails');
      mkdirSync(mails);
      for (const [index, message] of messages.entries())
        writeFileSync(join(mails, String(index).padStart(5, '0')), message);
      const records = Object.entries(keys).map(([name, record]) => `${name} ${record}\n`);
      writeFileSync(join(folder, 'keys'), records.join(''));
      return await ask(String(time), join(folder, 'keys'), domain, mails, messages.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

async function linesOf(command: string, args: string[]): Promise<string[]> {
  const { stdout } = await run(command, args, { maxBuffer: 64 << 20 });
  return stdout.trim().split('\n');
}

interface MailauthResult {
  results: { signingDomain: string; status: { result: string } }[];
}

async function askMailauth(messages: readonly Buffer[], question: Question): Promise<string[]> {
  const { dkimVerify } = require('mailauth/lib/dkim/verify') as {
    dkimVerify: (raw: Buffer, options: object) => Promise<MailauthResult>;
  };
  const resolver = (name: string) => {
    const record = question.keys[name];
    if (record === undefined) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    return [[record]];
  };
  const curTime = new Date(question.time * 1_000);
  return Promise.all(
    messages.map(async (raw) => {
      const { results } = await dkimVerify(raw, { resolver, curTime });
      const ours = results.find(({ signingDomain }) => signingDomain === question.domain);
      return ours?.status.result === 'pass' ? 'pass' : JSON.stringify(ours?.status ?? 'none');
    }),
  );
}
