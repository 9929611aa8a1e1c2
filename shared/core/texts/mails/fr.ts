import type { MailTexts } from './texts.ts';

export const fr: MailTexts = {
  subject: 'Enregistrements DNS à ajouter pour {what}',
  reminderSubject: 'Rappel : enregistrements DNS à ajouter pour {what}',
  domains: '{count} domaines',
  hello: 'Bonjour {name},',
  helloNobody: 'Bonjour,',
  asks: '{sender} vous demande d’ajouter des enregistrements DNS pour ces domaines, afin d’envoyer des messages depuis eux :',
  reminds:
    'un rappel envoyé par {sender} : il manque encore des enregistrements DNS pour ces domaines :',
  last: 'C’est le dernier rappel.',
  left: '{domain} : enregistrements nécessaires restants : {count}',
  more: 'et {count} autres',
  how: 'Cette page montre chaque enregistrement avec un bouton pour le copier, et vérifie d’elle-même ce qui est fait. Aucun compte n’est nécessaire.',
  button: 'Afficher les enregistrements',
  until: 'Le lien est valable jusqu’au {date}. La page permet aussi d’arrêter ces rappels.',
  why: 'Vous recevez ce message parce que {sender} vous a indiqué comme responsable du DNS de ces domaines.',
};
