import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';

const run = promisify(execFile);

/** Where and how a client submits a mail. */
export interface Target {
  readonly port: number;
  /** TLS from the start; otherwise STARTTLS. */
  readonly tls: boolean;
  readonly key: string;
}

export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
}

/** A client that applications use, or a program's library; it throws where it is refused. */
export interface Client {
  readonly name: string;
  readonly isInstalled: () => boolean;
  readonly submit: (mail: Mail, target: Target) => Promise<unknown>;
}

const has =
  (program: string, ...args: string[]) =>
  (): boolean =>
    spawnSync(program, args, { stdio: 'ignore' }).status === 0;

const guide = readFileSync(join(import.meta.dirname, '../../../docs/smtp.md'), 'utf8');

/** The recipe for a program as users read it in docs/smtp.md. @throws Error where there is none */
function recipeOf(program: string): string {
  const [, recipe] = guide.split(`\n**${program}**`)[1]?.split(/```\w*\n/) ?? [];
  if (recipe === undefined) throw new Error(`docs/smtp.md has no recipe for ${program}`);
  return recipe.trim();
}

/** Returns a recipe with other values. @throws Error where it lacks one of those that are replaced */
function adapted(recipe: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [value, other]) => {
    if (!text.includes(value)) throw new Error(`the recipe has no ${value}: ${text}`);
    return text.replace(value, other);
  }, recipe);
}

const body = 'Hello.\r\n';

const python = `
import smtplib, ssl, sys
port, tls, key, sender, to, subject = sys.argv[1:]
from email.message import EmailMessage
mail = EmailMessage()
mail['From'], mail['To'], mail['Subject'] = sender, to, subject
mail.set_content('Hello.\\n')
context = ssl._create_unverified_context()
server = (smtplib.SMTP_SSL('127.0.0.1', int(port), context=context) if tls == 'true'
          else smtplib.SMTP('127.0.0.1', int(port)))
if tls != 'true':
    server.starttls(context=context)
server.login('app', key)
server.send_message(mail)
server.quit()
`;

const php = `
require '/usr/share/php/libphp-phpmailer/autoload.php';
[, $port, $tls, $key, $from, $to, $subject] = $argv;
$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
$mail->isSMTP();
${adapted(recipeOf('PHPMailer'), {
  'smtp.example.net': '127.0.0.1',
  465: '(int) $port',
  "'ssl'": "$tls === 'true' ? 'ssl' : 'tls'",
})}
$mail->SMTPOptions = ['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]];
$mail->setFrom($from);
$mail->addAddress($to);
$mail->Subject = $subject;
$mail->Body = "Hello.\\n";
$mail->send();
`;

async function msmtp({ from, to, subject }: Mail, { port, tls, key }: Target): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'msmtp-'));
  const config = join(folder, 'msmtprc');
  const recipe = adapted(recipeOf('msmtp'), {
    'smtp.example.net': '127.0.0.1',
    465: String(port),
    'tls_starttls off': `tls_starttls ${tls ? 'off' : 'on'}`,
    $KEY: key,
    'app@example.com': from,
  });
  await writeFile(config, `${recipe}\ntls_certcheck off\n`);
  await chmod(config, 0o600);
  const sending = run('msmtp', ['-C', config, to]);
  sending.child.stdin?.end(`From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\n${body}`);
  await sending;
  await rm(folder, { recursive: true });
}

/** Unpacked by `.ci/exim`. */
const exim4 = join(import.meta.dirname, '../../../.corpora/exim4/usr/sbin/exim4');

async function exim({ from, to, subject }: Mail, { port, tls, key }: Target): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'exim-'));
  await chmod(folder, 0o777);
  const config = join(folder, 'exim.conf');
  await writeFile(
    config,
    `exim_path = ${exim4}
keep_environment =
primary_hostname = exim.example
spool_directory = ${folder}/spool
log_file_path = ${folder}/%slog
tls_advertise_hosts =
begin routers
smarthost:
  driver = manualroute
  domains = *
  transport = smarthost
  route_list = * 127.0.0.1::${port} byname
  self = send
begin transports
smarthost:
  driver = smtp
  protocol = ${tls ? 'smtps' : 'smtp'}
  hosts_require_auth = *
  hosts_require_tls = *
  tls_verify_hosts = :
  tls_try_verify_hosts = :
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  client_send = ^app^${key}
`,
  );
  // -odf: it hands the mail on before it ends; what failed is in its log only.
  const sending = run(exim4, ['-C', config, '-odf', '-oi', '-f', from, to]);
  sending.child.stdin?.end(`From: ${from}\nTo: ${to}\nSubject: ${subject}\n\n${body}`);
  await sending;
  const log = await readFile(join(folder, 'mainlog'), 'utf8');
  if (!log.includes(' Completed')) throw new Error(`exim did not hand the mail on:\n${log}`);
  await rm(folder, { recursive: true });
}

/** The clients that the tests submit mail with. */
export const clients: readonly Client[] = [
  {
    name: 'nodemailer',
    isInstalled: () => true,
    submit: async ({ from, to, subject }, { port, tls, key }) => {
      const transport = createTransport({
        host: '127.0.0.1',
        port,
        secure: tls,
        requireTLS: !tls,
        auth: { user: 'app', pass: key },
        tls: { rejectUnauthorized: false },
      });
      return transport.sendMail({ from, to, subject, text: body });
    },
  },
  {
    name: 'Python smtplib',
    isInstalled: has('python3', '--version'),
    submit: async ({ from, to, subject }, { port, tls, key }) =>
      run('python3', ['-c', python, String(port), String(tls), key, from, to, subject]),
  },
  { name: 'msmtp', isInstalled: has('msmtp', '--version'), submit: msmtp },
  {
    name: 'swaks',
    isInstalled: has('swaks', '--version'),
    submit: async ({ from, to, subject }, { port, tls, key }) =>
      run('swaks', [
        '--server',
        '127.0.0.1',
        '--port',
        String(port),
        tls ? '--tls-on-connect' : '--tls',
        '--auth',
        'PLAIN',
        '--auth-user',
        'app',
        '--auth-password',
        key,
        '--from',
        from,
        '--to',
        to,
        '--h-From',
        from,
        '--h-Subject',
        subject,
        '--suppress-data',
      ]),
  },
  { name: 'exim4', isInstalled: has(exim4, '-C', '/dev/null', '-bV'), submit: exim },
  {
    name: 'PHPMailer',
    isInstalled: has('php', '-r', "require '/usr/share/php/libphp-phpmailer/autoload.php';"),
    submit: async ({ from, to, subject }, { port, tls, key }) =>
      run('php', ['-r', php, '--', String(port), String(tls), key, from, to, subject]),
  },
];

/** Postfix as a smart host that relays all it gets, in a folder of its own. */
export interface Postfix {
  /** The port that it takes mail at, without sign-in. */
  readonly port: number;
  /** The number of mails that it has not handed on. */
  queued(): Promise<number>;
  stop(): Promise<void>;
}

export const postfixIsInstalled = has('postconf', '-d', 'mail_version');

/**
 * Starts Postfix before the service.
 *
 * @param listen a free port
 */
export async function startPostfix(listen: number, { port, tls, key }: Target): Promise<Postfix> {
  const folder = await mkdtemp(join(tmpdir(), 'postfix-'));
  await chmod(folder, 0o755);
  const config = join(folder, 'etc');
  const queue = join(folder, 'spool');
  const data = join(folder, 'data');
  for (const each of [config, queue, data]) await mkdir(each);
  await run('chown', ['postfix', data]);
  const recipe = adapted(recipeOf('Postfix as a smart host'), {
    '[smtp.example.net]:587': `[127.0.0.1]:${port}`,
    '/etc/postfix/sasl': join(config, 'sasl'),
    // The certificate of the local run is signed by nobody.
    'smtp_tls_security_level = secure': 'smtp_tls_security_level = encrypt',
  });
  await writeFile(join(config, 'sasl'), `[127.0.0.1]:${port} app:${key}\n`);
  await writeFile(
    join(config, 'main.cf'),
    `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
maillog_file = ${join(folder, 'maillog')}
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = smarthost.example
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
${recipe}
smtp_tls_wrappermode = ${tls ? 'yes' : 'no'}
smtp_dns_support_level = disabled
smtp_destination_concurrency_limit = 20
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
`,
  );
  await writeFile(
    join(config, 'master.cf'),
    `127.0.0.1:${listen} inet n - n - 50 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 2 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - 20 smtp
relay unix - - n - 20 smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`,
  );
  await run('postfix', ['-c', config, 'start']);
  return {
    port: listen,
    async queued() {
      const { stdout } = await run('postqueue', ['-c', config, '-j']);
      return stdout.split('\n').filter((line) => line !== '').length;
    },
    async stop() {
      await run('postfix', ['-c', config, 'stop']);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Hands mails to an SMTP server by Postfix's own load generator. */
export const smtpSource = async (
  port: number,
  { from, to, mails, sessions }: { from: string; to: string; mails: number; sessions: number },
): Promise<unknown> =>
  run('smtp-source', [
    '-s',
    String(sessions),
    '-m',
    String(mails),
    '-l',
    '2000',
    '-N',
    '-f',
    from,
    '-t',
    to,
    `127.0.0.1:${port}`,
  ]);
