import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { startLocal, type LocalRun } from '../../cli/service/run.ts';
import { setLimits } from '../../cli/tenant.ts';
import { Api } from '../../test/e2e/support/api.ts';
import { onboard } from '../../test/e2e/support/onboard.ts';
import type { Line } from '../lib/line.ts';

const ROUNDS = 5;
const MAILS = 200;
const CONNECTIONS = 10;
const OCTETS = 2_000;
const TO = 'success@simulator.amazonses.com';

/** Ticks of the processor's time in /proc, a second (proc(5): `sysconf(_SC_CLK_TCK)`, 100 on Linux). */
const TICKS = 100;

/**
 * Measures how many mails are accepted in a second, by SMTP over open connections and by the API, in
 * turns; and the processor time of the SMTP task for a mail (Linux only).
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-smtp-'));
  const local = await startLocal({ stateDir, quiet: true });
  try {
    await setLimits('local', ['recipients-minute=1000000', 'recipients-day=10000000'], {
      state: stateDir,
    });
    const api = new Api(local.endpoints.api, local.endpoints.apiKey);
    await onboard({ customerDns: join(stateDir, 'customer-dns') }, api, 'example.com');
    const transport = poolTo(local.endpoints);
    const bySmtp = { subject: 'SMTP', rate: 0, submit: submitBy(transport) };
    const byApi = { subject: 'API', rate: 0, submit: submitTo(api) };
    await idle(local);
    const before = await cpuSecondsOf(local);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const channel of [bySmtp, byApi]) {
        const start = performance.now();
        await Promise.all(Array.from({ length: CONNECTIONS }, () => submitSome(channel)));
        channel.rate = Math.max(channel.rate, (MAILS / (performance.now() - start)) * 1_000);
        // What was accepted is signed and sent before the other channel has its turn.
        await idle(local);
      }
    }
    const cpu = (await cpuSecondsOf(local)) - before;
    transport.close();
    const line = { suite: 'smtp', case: `${OCTETS / 1_000} KB, ${CONNECTIONS} at a time` };
    for (const { subject, rate } of [bySmtp, byApi]) {
      emit({ ...line, subject, value: rate, unit: 'mails/s' });
    }
    if (!Number.isNaN(cpu)) {
      const value = (cpu / (ROUNDS * MAILS)) * 1_000;
      emit({ ...line, subject: 'SMTP task', value, unit: 'ms of CPU/mail' });
    }
  } finally {
    await local.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

interface Channel {
  readonly submit: (mail: string) => Promise<void>;
}

/** The share of one of the connections. */
async function submitSome({ submit }: Channel): Promise<void> {
  for (let mail = 0; mail < MAILS / CONNECTIONS; mail += 1) await submit(nextMail());
}

let count = 0;

/** Each mail is another one, with what mail has from a program. */
function nextMail(): string {
  count += 1;
  const header = [
    'From: app@example.com',
    `To: ${TO}`,
    `Subject: Mail ${count} of the bench`,
    'Date: Mon, 30 Nov 2026 10:00:00 +0000',
    `Message-ID: <${count}.${process.pid}@example.com>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain',
  ].join('\r\n');
  const text = `${'The quick brown fox jumps over the lazy dog.'.padEnd(70)}\r\n`;
  return `${header}\r\n\r\n${text.repeat(Math.ceil((OCTETS - header.length) / text.length))}`;
}

/** Connections that stay open, as those of an application. */
const poolTo = ({ smtp, apiKey }: LocalRun['endpoints']) =>
  createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Infinity,
    host: '127.0.0.1',
    port: smtp.tlsPort,
    secure: true,
    auth: { user: 'bench', pass: apiKey },
    tls: { rejectUnauthorized: false },
  });

const submitBy =
  (transport: ReturnType<typeof poolTo>): Channel['submit'] =>
  async (mail) => {
    const envelope = { from: 'app@example.com', to: TO };
    const { response } = await transport.sendMail({ envelope, raw: mail });
    requireIt(response, /^250 /);
  };

const submitTo =
  (api: Api): Channel['submit'] =>
  async (mail) => {
    const { status, text } = await api.send(Buffer.from(mail), [TO]);
    requireIt(`${status} ${text}`, /^202 /);
  };

/** @throws Error where a mail was not accepted: then nothing was measured */
function requireIt(answer: string, wanted: RegExp): void {
  if (!wanted.test(answer)) throw new Error(`not accepted: ${answer}`);
}

/** Waits until the queue of accepted mail is empty. */
async function idle({ queues }: LocalRun): Promise<void> {
  const isBusy = (): boolean => {
    const { visible, inFlight } = queues.inspect('sender-domains-outbound')!;
    return visible.length + inFlight.length > 0;
  };
  while (isBusy()) await sleep(20);
}

/** The processor time that the task has used, in seconds; NaN where the system does not say. */
async function cpuSecondsOf({ containers }: LocalRun): Promise<number> {
  if (process.platform !== 'linux') return Number.NaN;
  const stat = await readFile(`/proc/${containers[0]!.pid}/stat`, 'utf8');
  // utime and stime are the 14th and 15th fields; the second, in brackets, may hold blanks.
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / TICKS;
}
