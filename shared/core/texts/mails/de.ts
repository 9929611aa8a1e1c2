import type { MailTexts } from './texts.ts';

export const de: MailTexts = {
  subject: 'DNS-Einträge für {what}',
  reminderSubject: 'Erinnerung: DNS-Einträge für {what}',
  domains: '{count} Domains',
  hello: 'Hallo {name},',
  helloNobody: 'Guten Tag,',
  asks: '{sender} bittet Sie, für diese Domains DNS-Einträge anzulegen, damit von ihnen Mails gesendet werden können:',
  reminds: 'eine Erinnerung von {sender}: Für diese Domains fehlen noch DNS-Einträge:',
  last: 'Das ist die letzte Erinnerung.',
  left: '{domain}: nötige Einträge, die fehlen: {count}',
  more: 'und {count} weitere',
  how: 'Diese Seite zeigt jeden Eintrag mit einer Schaltfläche zum Kopieren und prüft von selbst, was erledigt ist. Sie brauchen dafür kein Konto.',
  button: 'Einträge anzeigen',
  until: 'Der Link gilt bis {date}. Auf der Seite können Sie diese Erinnerungen auch beenden.',
  why: 'Sie erhalten diese Mail, weil {sender} Sie als die Person genannt hat, die das DNS dieser Domains verwaltet.',
};
