import type { NoticeTexts } from './texts.ts';

export const nl: NoticeTexts = {
  subject: '{what}: {happened}',
  domains: '{count} domeinen',
  intro: 'Een bericht van {sender} over het account {account}.',
  more: 'en nog {count}',
  record: 'TXT-record {name}, nieuwe waarde {value}',
  button: 'Dashboard openen',
  why: 'U krijgt deze mail omdat het account {account} uw adres voor berichten heeft opgegeven. Wie het account beheert, kan dat in het dashboard op de pagina ‘Notices’ wijzigen.',
  events: {
    'domain.at_risk': [
      'een DNS-record klopt niet meer',
      'Mail wordt nog ondertekend. Herstel het record snel: het dashboard toont wat er staat en wat er moet staan.',
    ],
    'domain.expiring': [
      'er is nog nooit een DNS-record gezien',
      'Voeg de records toe; anders wacht de dienst er nog maar 14 dagen op.',
    ],
    'domain.verified': ['alle DNS-records kloppen weer', 'Er is niets te doen.'],
    'domain.lost': [
      'er wordt geen mail meer verstuurd',
      'Het DNS bewijst niet meer dat het domein van u is. Herstel de records: zodra ze kloppen, wordt er weer mail verstuurd.',
    ],
    'domain.expired': [
      'het domein is verlopen',
      'Geen van de records is ooit gezien. Voeg het domein opnieuw toe als u het nodig hebt: de records zijn dezelfde als voorheen.',
    ],
    'rotation.prepared': [
      'een DKIM-record moet worden gewijzigd',
      'Er is een nieuwe sleutel klaar. Die ondertekent zodra uw DNS de nieuwe waarde toont; tot dan ondertekent de huidige.',
    ],
    'rotation.held_back': [
      'de overgang naar de volgende sleutel wacht',
      'De huidige sleutel blijft ondertekenen. De dienst probeert het elke dag opnieuw; het dashboard toont waarop hij wacht.',
    ],
    'signing.held': [
      'mail wacht op een DNS-record',
      'Uw DNS toont geen van de sleutels, zodat ontvangers mail niet zouden kunnen controleren. Herstel de DKIM-records snel: de mail vertrekt dan vanzelf.',
    ],
    'sending.paused': [
      'het versturen is onderbroken',
      'Te veel mail kwam terug of werd als spam gemeld. De mail wacht tot de beheerder van de dienst beslist.',
    ],
    'sending.slowed': [
      'mail wordt langzamer verstuurd',
      'Te veel mail kwam terug of werd als spam gemeld. Verwijder adressen die niet bestaan uit uw lijsten.',
    ],
    'sending.resumed': [
      'mail wordt weer als voorheen verstuurd',
      'Teruggekomen mail en klachten zijn weer zo zeldzaam als gewoonlijk. Er is niets te doen.',
    ],
    'policy.changed': [
      'het DMARC-beleid is een stap verder',
      'Het record waar het uwe naar verwijst, heeft de nieuwe waarde. Er is niets te doen.',
    ],
    'policy.held': ['het DMARC-plan zet geen stap', 'Het dashboard toont waarop het wacht.'],
    'api_key.created': [
      'er is een API-sleutel gemaakt',
      'Als niemand van u dat was, trek hem dan in.',
    ],
    'api_key.revoked': [
      'er is een API-sleutel ingetrokken',
      'Programma’s die hem gebruiken, worden vanaf nu geweigerd.',
    ],
    'user.invited': [
      'er is iemand uitgenodigd',
      'Als niemand van u dat was, verwijder die persoon dan.',
    ],
    'user.removed': ['er is iemand verwijderd', 'Die persoon kan niet meer inloggen.'],
  },
};
