import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMimeMessage } from 'mimetext';
import MailComposer from 'nodemailer/lib/mail-composer';

/** What each library is asked to make mails of. */
export const meaning = {
  address: 'ann@example.com',
  name: 'Jürgen Groß',
  recipient: 'Zoë',
  subject: 'Schöne Grüße aus München',
  text: 'Hallo Zoë,\n\nschöne Grüße.\n',
  /** One line, as editors and templates make it. */
  html: `<p>${'Größe und Maß, '.repeat(200)}</p>`,
  filename: 'Übersicht.bin',
  /** Base64. */
  attachment: Buffer.from(Uint8Array.from({ length: 2_000 }, (_, i) => (i * 7) % 256)).toString(
    'base64',
  ),
};

/**
 * Kinds of mail: `text`; `html`, one long line in 8bit where the library can; `mixed`, both and an
 * attachment; `empty`, without a body; `older`, as `text` by older classes.
 */
export type Kind = 'text' | 'html' | 'mixed' | 'empty' | 'older';

export type Mails = Partial<Record<Kind, Buffer>>;

/** A library, and the mails it makes; undefined where it is not installed. */
export interface Library {
  readonly name: string;
  readonly make: () => Promise<Mails> | Mails | undefined;
}

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A program that writes each mail to a file of its kind in a folder. */
function byScript(command: string, args: readonly string[], probe: readonly string[]) {
  return (): Mails | undefined => {
    if (spawnSync(command, probe, { stdio: 'ignore' }).status !== 0) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'library-'));
    try {
      run(command, [...args, folder]);
      return Object.fromEntries(
        readdirSync(folder).map((kind) => [kind, readFileSync(join(folder, kind))]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { input: JSON.stringify(meaning) });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.toString()}`);
}

/** PHP's mail() hands the mail to a command; one call a kind. */
function byPhpMail(): Mails | undefined {
  if (spawnSync('php', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'library-'));
  try {
    const kinds = ['text', 'html', 'mixed', 'empty'] as const;
    return Object.fromEntries(
      kinds.map((kind) => {
        const file = join(folder, kind);
        run('php', ['-d', `sendmail_path=cat > ${file}; true`, script('mail.php'), kind]);
        return [kind, readFileSync(file)];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function byNodemailer(): Promise<Mails> {
  const base = {
    from: { name: meaning.name, address: meaning.address },
    to: { name: meaning.recipient, address: 'b@example.net' },
    subject: meaning.subject,
  };
  const { text, html, filename } = meaning;
  const attachments = [{ filename, content: Buffer.from(meaning.attachment, 'base64') }];
  const build = (options: object) => new MailComposer({ ...base, ...options }).compile().build();
  return {
    text: await build({ text }),
    html: await build({ html }),
    mixed: await build({ text, html, attachments }),
    empty: await build({}),
  };
}

function byMimetext(): Mails {
  const make = (...parts: { contentType: string; data: string }[]) => {
    const message = createMimeMessage();
    message.setSender({ name: meaning.name, addr: meaning.address });
    message.setTo({ name: meaning.recipient, addr: 'b@example.net' });
    message.setSubject(meaning.subject);
    for (const part of parts) message.addMessage({ ...part }); // mimetext writes to what it is given
    return message;
  };
  const text = { contentType: 'text/plain', data: meaning.text };
  const html = { contentType: 'text/html', data: meaning.html };
  const mixed = make(text, html);
  const { filename, attachment: data } = meaning;
  mixed.addAttachment({ filename, contentType: 'application/octet-stream', data });
  return {
    text: Buffer.from(make(text).asRaw()),
    html: Buffer.from(make(html).asRaw()),
    mixed: Buffer.from(mixed.asRaw()),
  };
}

/** The libraries that ordinary programs make mail with. */
export const libraries: readonly Library[] = [
  { name: 'nodemailer', make: byNodemailer },
  { name: 'mimetext', make: byMimetext },
  {
    name: 'Python email and smtplib',
    make: byScript('/usr/bin/python3', [script('python.py')], ['--version']),
  },
  {
    name: 'PHPMailer',
    make: byScript(
      'php',
      [script('phpmailer.php')],
      ['-r', "exit(is_file('/usr/share/php/libphp-phpmailer/autoload.php') ? 0 : 1);"],
    ),
  },
  { name: 'PHP mail', make: byPhpMail },
  {
    name: 'Perl MIME::Lite',
    make: byScript('perl', [script('mime-lite.pl')], ['-MMIME::Lite', '-e1']),
  },
  {
    name: 'Perl Email::MIME',
    make: byScript('perl', [script('email-mime.pl')], ['-MEmail::MIME', '-e1']),
  },
  { name: 'Ruby mail', make: byScript('ruby', [script('mail.rb')], ['-rmail', '-e', '1']) },
];
