import type { MailTexts } from './texts.ts';

export const nl: MailTexts = {
  subject: 'DNS-records voor {what}',
  reminderSubject: 'Herinnering: DNS-records voor {what}',
  domains: '{count} domeinen',
  hello: 'Hallo {name},',
  helloNobody: 'Hallo,',
  asks: '{sender} vraagt u om voor deze domeinen DNS-records toe te voegen, zodat er mail vanaf kan worden verzonden:',
  reminds: 'een herinnering van {sender}: voor deze domeinen ontbreken nog DNS-records:',
  last: 'Dit is de laatste herinnering.',
  left: '{domain}: vereiste records die ontbreken: {count}',
  more: 'en nog {count}',
  how: 'Deze pagina toont elk record met een knop om het te kopiëren, en controleert vanzelf wat klaar is. U hebt geen account nodig.',
  button: 'Records tonen',
  until: 'De link werkt tot {date}. Op de pagina kunt u deze herinneringen ook stoppen.',
  why: 'U krijgt deze mail omdat {sender} u heeft genoemd als degene die de DNS van deze domeinen beheert.',
};
