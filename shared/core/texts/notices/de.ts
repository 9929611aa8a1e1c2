import type { NoticeTexts } from './texts.ts';

export const de: NoticeTexts = {
  subject: '{what}: {happened}',
  domains: '{count} Domains',
  intro: 'Eine Nachricht von {sender} zum Konto {account}.',
  more: 'und {count} weitere',
  record: 'TXT-Eintrag {name}, neuer Wert {value}',
  button: 'Dashboard öffnen',
  why: 'Sie erhalten diese Mail, weil das Konto {account} Ihre Adresse für Nachrichten angegeben hat. Wer das Konto verwaltet, kann das im Dashboard auf der Seite „Notices“ ändern.',
  events: {
    'domain.at_risk': [
      'Ein DNS-Eintrag ist nicht mehr richtig',
      'Mails werden weiter signiert. Korrigieren Sie den Eintrag bald: Das Dashboard zeigt, was da ist und was da sein soll.',
    ],
    'domain.expiring': [
      'Noch nie wurde ein DNS-Eintrag gefunden',
      'Legen Sie die Einträge an; sonst wartet der Dienst nur noch 14 Tage darauf.',
    ],
    'domain.verified': ['Alle DNS-Einträge sind wieder richtig', 'Es ist nichts zu tun.'],
    'domain.lost': [
      'Es werden keine Mails mehr gesendet',
      'Das DNS weist nicht mehr nach, dass die Domain Ihnen gehört. Stellen Sie die Einträge wieder her: Sobald sie richtig sind, werden wieder Mails gesendet.',
    ],
    'domain.expired': [
      'Die Domain ist abgelaufen',
      'Keiner ihrer Einträge wurde je gefunden. Fügen Sie die Domain wieder hinzu, wenn Sie sie brauchen: Die Einträge sind dieselben wie zuvor.',
    ],
    'rotation.prepared': [
      'Ein DKIM-Eintrag ist zu ändern',
      'Ein neuer Schlüssel liegt bereit. Er signiert, sobald Ihr DNS den neuen Wert zeigt; bis dahin signiert der jetzige.',
    ],
    'rotation.held_back': [
      'Der Wechsel zum nächsten Schlüssel wartet',
      'Der jetzige Schlüssel signiert weiter. Der Dienst versucht es jeden Tag wieder; das Dashboard zeigt, worauf er wartet.',
    ],
    'signing.held': [
      'Mails warten auf einen DNS-Eintrag',
      'Ihr DNS zeigt keinen der Schlüssel, sodass Empfänger Mails nicht prüfen könnten. Stellen Sie die DKIM-Einträge bald wieder her: Die Mails gehen dann von selbst ab.',
    ],
    'sending.paused': [
      'Das Senden ist angehalten',
      'Zu viele Mails kamen zurück oder wurden als Spam gemeldet. Sie warten, bis der Betreiber entscheidet.',
    ],
    'sending.slowed': [
      'Mails werden langsamer gesendet',
      'Zu viele Mails kamen zurück oder wurden als Spam gemeldet. Entfernen Sie Adressen, die es nicht gibt, aus Ihren Listen.',
    ],
    'sending.resumed': [
      'Mails werden wieder wie zuvor gesendet',
      'Rückläufer und Beschwerden sind wieder so selten wie üblich. Es ist nichts zu tun.',
    ],
    'policy.changed': [
      'Die DMARC-Richtlinie ist einen Schritt weiter',
      'Der Eintrag, auf den Ihrer verweist, hat den neuen Wert. Es ist nichts zu tun.',
    ],
    'policy.held': [
      'Der DMARC-Plan macht keinen Schritt',
      'Das Dashboard zeigt, worauf er wartet.',
    ],
    'api_key.created': [
      'Ein API-Schlüssel wurde erstellt',
      'Wenn das niemand von Ihnen war, widerrufen Sie ihn.',
    ],
    'api_key.revoked': [
      'Ein API-Schlüssel wurde widerrufen',
      'Programme, die ihn verwenden, werden ab jetzt abgewiesen.',
    ],
    'user.invited': [
      'Jemand wurde eingeladen',
      'Wenn das niemand von Ihnen war, entfernen Sie die Person wieder.',
    ],
    'user.removed': ['Jemand wurde entfernt', 'Die Person kann sich nicht mehr anmelden.'],
  },
};
