import type { HintTexts } from './texts.ts';

export const fr: HintTexts = {
  missing: 'Il n’y a pas encore cet enregistrement à {name}. Merci de le créer.',
  'appended-domain':
    'L’enregistrement est à un nom où le domaine a été ajouté deux fois. Saisissez le nom sans le domaine.',
  'wrong-name': 'L’enregistrement est à un mauvais nom. Le bon est {name}.',
  'appended-domain-in-value':
    'Le domaine a été ajouté à la valeur. Terminez-la par un point, ou saisissez-la telle quelle.',
  'form-residue':
    'La valeur contient des caractères en trop, comme des guillemets. Saisissez seulement la valeur.',
  wildcard: 'Seul un enregistrement générique (*) répond ici. Créez {name} lui-même.',
  flattened:
    'Il y a des adresses à la place du CNAME. Désactivez le proxy ou l’aplatissement pour ce nom.',
  'cname-beside-others':
    'Rien d’autre ne peut être à côté d’un CNAME. Supprimez les autres enregistrements de {name}.',
  'other-label': 'L’enregistrement mène à un autre nom de ce service. Copiez la valeur à nouveau.',
  'old-label': 'L’enregistrement vient d’une inscription précédente. Copiez la valeur à nouveau.',
  'other-slot': 'Deux enregistrements sont inversés. Copiez la valeur qui va avec {name}.',
  'other-provider': 'L’enregistrement mène ailleurs. Remplacez-le s’il ne sert plus.',
  'other-value': 'La valeur est différente. Copiez-la à nouveau.',
  'name-fails':
    'Les serveurs de noms répondent par une erreur à {name}, souvent un CNAME qui mène à lui-même.',
  'copied-key': 'La clé elle-même est là au lieu du CNAME. Elle changera ; créez le CNAME.',
  'stale-key': 'Une ancienne clé est là. Remplacez-la par la valeur de cette page.',
  'compromised-key': 'Cette clé est connue d’autres personnes. Remplacez-la tout de suite.',
  'key-truncated': 'La clé est coupée. Copiez toute la valeur.',
  'key-several': 'Il y a plusieurs enregistrements à {name}. Gardez seulement celui-ci.',
  'dmarc-own-record': 'Rien à faire : vous avez un enregistrement DMARC valide à vous.',
  'dmarc-stale': 'L’enregistrement DMARC n’est plus à jour. Remplacez-le par cette valeur.',
  'dmarc-beside-cname': 'Il y a un TXT et un CNAME à {name}. Supprimez l’un des deux.',
  'dmarc-several': 'Il y a plusieurs enregistrements DMARC, donc aucun ne compte. Gardez-en un.',
  'dmarc-invalid': 'Votre enregistrement DMARC a une erreur et ne compte pas. Corrigez-le.',
  'dmarc-unrecognized': 'Le texte à {name} n’est pas reconnu comme DMARC. Corrigez-le.',
  'dmarc-tag-unread': 'Une partie de votre enregistrement DMARC n’est pas lue. Corrigez-la.',
  'dmarc-address':
    'L’adresse des rapports doit commencer par « mailto: », avec des virgules entre adresses.',
  'dmarc-address-refused': 'Le domaine de l’adresse des rapports ne les accepte pas pour vous.',
  'spf-several': 'Il y a plusieurs SPF, donc aucun ne compte. Remplacez-les par celui-ci.',
  'spf-no-include': 'Nos serveurs manquent dans votre SPF. Remplacez-le par cette valeur.',
  'spf-include-after-all':
    'Rien ne compte après « all » dans un SPF. Remplacez-le par cette valeur.',
  'spf-senders-after-all': 'Ce qui suit « all » ne compte pas. Remplacez-le par cette valeur.',
  'spf-include-negated': 'Un signe devant notre include exclut nos serveurs. Enlevez-le.',
  'spf-include-duplicated': 'Notre include est deux fois dans le SPF. Une fois suffit.',
  'spf-unrecognized': 'Un texte n’est pas reconnu comme SPF. Remplacez-le par cette valeur.',
  'spf-invalid': 'Votre SPF a une faute d’écriture. Remplacez-le par cette valeur.',
  'spf-loop': 'Le SPF mène à lui-même. Remplacez-le par cette valeur.',
  'spf-broken-include': 'Un nom que votre SPF inclut n’a plus d’enregistrement valide.',
  'spf-too-many-lookups':
    'Votre SPF demande plus de 10 requêtes DNS. Enlevez les services que vous n’utilisez plus.',
  'spf-too-many-voids': 'Votre SPF mène à trop de noms qui n’existent pas. Enlevez-les.',
  'spf-open': 'Avec ce SPF, tout le monde peut envoyer. Limitez-le.',
  'spf-ptr': 'Enlevez « ptr » du SPF ; il ne doit plus être utilisé.',
  'spf-unregistered': 'Un domaine de cet enregistrement n’appartient à personne. Enlevez-le.',
  'spf-own-senders': 'Rien à faire : votre SPF contient nos serveurs.',
  'spf-at-cname': 'Rien à faire : un SPF n’est ici ni possible ni nécessaire.',
  'mx-several': 'Il ne peut y avoir qu’un MX à {name}. Supprimez les autres.',
  'mx-other-host': 'Le MX indique un autre serveur. Copiez la valeur à nouveau.',
  'mx-other-preference': 'La priorité du MX est différente. Saisissez celle qui est indiquée.',
  'delegation-elsewhere':
    'Le sous-domaine est délégué à d’autres serveurs. Remplacez les enregistrements NS à {name}.',
  'delegation-mixed':
    'D’autres serveurs de noms figurent à côté du nôtre. Supprimez les autres NS à {name}.',
  'no-such-domain': 'Le domaine n’existe pas dans le DNS public. Est-il enregistré et payé ?',
  'not-delegated': 'Les serveurs de noms ne connaissent pas le domaine. Créez-y la zone.',
  'dnssec-bogus': 'Le DNSSEC du domaine est incorrect. Corrigez l’enregistrement DS.',
  'no-answer': 'Les serveurs de noms ne répondent pas. Nous continuons d’essayer.',
  preparing: 'Cette valeur est en préparation et arrive dans un instant.',
};
