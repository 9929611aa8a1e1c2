import MailComposer from 'nodemailer/lib/mail-composer';
import type { ComposeMail, Mailbox } from '#shared/app/ports/mail-composer.ts';

const mailboxOf = ({ name = '', address }: Mailbox) => ({ name, address });

/**
 * Makes a mail by nodemailer's MailComposer: 8-bit names and subjects as encoded words, texts as
 * quoted-printable where they need it, attachments in base64, CRLF line ends. nodemailer fetches
 * nothing: it gets neither paths nor addresses, and may not use them.
 */
export const composeMail: ComposeMail = async (mail) =>
  new MailComposer({
    from: mailboxOf(mail.from),
    to: mail.to.map(mailboxOf),
    cc: mail.cc.map(mailboxOf),
    replyTo: mail.replyTo.map(mailboxOf),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    attachments: mail.attachments.map(({ filename, content, contentType, contentId }) => ({
      filename,
      content,
      contentType,
      cid: contentId,
      contentDisposition: contentId === undefined ? 'attachment' : 'inline',
    })),
    headers: mail.headers.map(({ name, value }) => ({ key: name, value })),
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
