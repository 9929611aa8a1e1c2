import type { NoticeTexts } from './texts.ts';

export const fr: NoticeTexts = {
  subject: '{what} : {happened}',
  domains: '{count} domaines',
  intro: 'Un avis de {sender} au sujet du compte {account}.',
  more: 'et {count} autres',
  record: 'enregistrement TXT {name}, nouvelle valeur {value}',
  button: 'Ouvrir le tableau de bord',
  why: 'Vous recevez ce message parce que le compte {account} a indiqué votre adresse pour les avis. La personne qui gère le compte peut le changer à la page « Notices » du tableau de bord.',
  events: {
    'domain.at_risk': [
      'un enregistrement DNS n’est plus correct',
      'Les messages sont encore signés. Corrigez bientôt l’enregistrement : le tableau de bord montre ce qui s’y trouve et ce qu’il faut.',
    ],
    'domain.expiring': [
      'aucun enregistrement DNS n’a encore été vu',
      'Ajoutez les enregistrements ; sinon le service cesse de les attendre dans 14 jours.',
    ],
    'domain.verified': [
      'tous les enregistrements DNS sont de nouveau corrects',
      'Il n’y a rien à faire.',
    ],
    'domain.lost': [
      'plus aucun message n’est envoyé',
      'Le DNS ne prouve plus que le domaine est à vous. Rétablissez ses enregistrements : les envois reprennent dès qu’ils sont corrects.',
    ],
    'domain.expired': [
      'le domaine a expiré',
      'Aucun de ses enregistrements n’a jamais été vu. Ajoutez de nouveau le domaine si vous en avez besoin : ses enregistrements sont les mêmes.',
    ],
    'rotation.prepared': [
      'un enregistrement DKIM est à changer',
      'Une nouvelle clé est prête. Elle signe dès que votre DNS montre la nouvelle valeur ; d’ici là, la clé actuelle signe.',
    ],
    'rotation.held_back': [
      'le passage à la clé suivante attend',
      'La clé actuelle continue de signer. Le service réessaie chaque jour ; le tableau de bord montre ce qu’il attend.',
    ],
    'signing.held': [
      'des messages attendent un enregistrement DNS',
      'Votre DNS ne montre aucune des clés, si bien que les destinataires ne pourraient pas vérifier les messages. Rétablissez bientôt les enregistrements DKIM : les messages partent alors d’eux-mêmes.',
    ],
    'sending.paused': [
      'les envois sont suspendus',
      'Trop de messages sont revenus ou ont été signalés comme spam. Ils attendent la décision de l’opérateur.',
    ],
    'sending.slowed': [
      'les messages partent plus lentement',
      'Trop de messages sont revenus ou ont été signalés comme spam. Retirez de vos listes les adresses qui n’existent pas.',
    ],
    'sending.resumed': [
      'les messages partent de nouveau comme avant',
      'Les retours et les plaintes sont revenus à la normale. Il n’y a rien à faire.',
    ],
    'policy.changed': [
      'la politique DMARC a avancé d’une étape',
      'L’enregistrement vers lequel pointe le vôtre a la nouvelle valeur. Il n’y a rien à faire.',
    ],
    'policy.held': ['le plan DMARC n’avance pas', 'Le tableau de bord montre ce qu’il attend.'],
    'api_key.created': [
      'une clé d’API a été créée',
      'Si ce n’est personne de chez vous, révoquez-la.',
    ],
    'api_key.revoked': [
      'une clé d’API a été révoquée',
      'Les programmes qui l’utilisent sont désormais refusés.',
    ],
    'user.invited': [
      'une personne a été invitée',
      'Si ce n’est personne de chez vous qui l’a fait, retirez-la.',
    ],
    'user.removed': ['une personne a été retirée', 'Elle ne peut plus se connecter.'],
  },
};
