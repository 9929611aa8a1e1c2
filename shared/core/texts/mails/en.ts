import type { MailTexts } from './texts.ts';

export const en: MailTexts = {
  subject: 'DNS records to add for {what}',
  reminderSubject: 'Reminder: DNS records to add for {what}',
  domains: '{count} domains',
  hello: 'Hello {name},',
  helloNobody: 'Hello,',
  asks: '{sender} asks you to add DNS records for these domains, so that mail can be sent from them:',
  reminds: 'a reminder from {sender}: DNS records are still to be added for these domains:',
  last: 'This is the last reminder.',
  left: '{domain}: required records left: {count}',
  more: 'and {count} more',
  how: 'This page shows each record with a button to copy it, and checks by itself what is done. It needs no account.',
  button: 'Show the records',
  until: 'The link works until {date}. On the page you can also stop these reminders.',
  why: 'You get this mail because {sender} named you as the person who manages the DNS of these domains.',
};
