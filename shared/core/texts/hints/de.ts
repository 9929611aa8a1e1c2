import type { HintTexts } from './texts.ts';

export const de: HintTexts = {
  missing: 'Unter {name} gibt es noch keinen solchen Eintrag. Bitte legen Sie ihn an.',
  'appended-domain':
    'Der Eintrag steht unter einem Namen, an den die Domain doppelt angehängt wurde. Tragen Sie den Namen ohne die Domain ein.',
  'wrong-name': 'Der Eintrag steht unter einem falschen Namen. Richtig ist {name}.',
  'appended-domain-in-value':
    'An den Wert wurde die Domain angehängt. Setzen Sie einen Punkt ans Ende des Werts oder geben Sie ihn genau so ein.',
  'form-residue':
    'Im Wert stehen Zeichen, die nicht dazugehören, etwa Anführungszeichen. Geben Sie nur den Wert ein.',
  wildcard: 'Hier antwortet nur ein Platzhalter-Eintrag (*). Legen Sie {name} eigens an.',
  flattened:
    'Statt des CNAME stehen hier Adressen. Schalten Sie Proxy oder „Flattening“ für diesen Eintrag aus.',
  'cname-beside-others':
    'Neben einem CNAME darf kein anderer Eintrag stehen. Löschen Sie die anderen unter {name}.',
  'other-label':
    'Der Eintrag zeigt auf einen anderen Namen dieses Dienstes. Kopieren Sie den Wert neu.',
  'old-label':
    'Der Eintrag gehört zu einer früheren Anmeldung der Domain. Kopieren Sie den Wert neu.',
  'other-slot': 'Zwei Einträge sind vertauscht. Kopieren Sie den Wert, der zu {name} gehört.',
  'other-provider':
    'Der Eintrag zeigt anderswohin. Ersetzen Sie ihn, wenn er nicht mehr gebraucht wird.',
  'other-value': 'Der Wert ist ein anderer. Kopieren Sie ihn neu.',
  'name-fails':
    'Die Nameserver antworten für {name} mit einem Fehler, oft weil ein CNAME auf sich selbst zeigt.',
  'copied-key':
    'Hier steht der Schlüssel selbst statt des CNAME. Er wird sich ändern; legen Sie den CNAME an.',
  'stale-key': 'Hier steht ein alter Schlüssel. Ersetzen Sie ihn durch den Wert auf dieser Seite.',
  'compromised-key': 'Dieser Schlüssel ist anderen bekannt. Ersetzen Sie ihn sofort.',
  'key-truncated': 'Der Schlüssel ist abgeschnitten. Kopieren Sie den ganzen Wert.',
  'key-several': 'Unter {name} stehen mehrere Einträge. Behalten Sie nur diesen.',
  'dmarc-own-record': 'Nichts zu tun: Sie haben einen eigenen gültigen DMARC-Eintrag.',
  'dmarc-stale': 'Der DMARC-Eintrag ist nicht mehr aktuell. Ersetzen Sie ihn durch diesen Wert.',
  'dmarc-beside-cname':
    'Unter {name} stehen ein TXT-Eintrag und ein CNAME zugleich. Löschen Sie einen von beiden.',
  'dmarc-several':
    'Unter {name} stehen mehrere DMARC-Einträge; dann gilt keiner. Behalten Sie einen.',
  'dmarc-invalid':
    'Ihr DMARC-Eintrag hat einen Fehler und gilt nicht. Ersetzen oder berichtigen Sie ihn.',
  'dmarc-unrecognized':
    'Der Text unter {name} wird nicht als DMARC-Eintrag erkannt. Ersetzen oder berichtigen Sie ihn.',
  'dmarc-tag-unread': 'Ein Teil Ihres DMARC-Eintrags wird nicht gelesen. Berichtigen Sie ihn.',
  'dmarc-address': 'Die Berichtsadresse braucht „mailto:“ davor und Kommas zwischen Adressen.',
  'dmarc-address-refused': 'Die Domain der Berichtsadresse nimmt keine Berichte für Sie an.',
  'spf-several':
    'Es gibt mehrere SPF-Einträge; dann gilt keiner. Ersetzen Sie sie durch diesen einen.',
  'spf-no-include': 'In Ihrem SPF-Eintrag fehlen unsere Server. Ändern Sie ihn in diesen Wert.',
  'spf-include-after-all':
    'Nach „all“ gilt in SPF nichts mehr. Ändern Sie den Eintrag in diesen Wert.',
  'spf-senders-after-all':
    'Absender nach „all“ gelten nicht. Ändern Sie den Eintrag in diesen Wert.',
  'spf-include-negated':
    'Vor unserem include steht ein Zeichen, das Server ausschließt. Entfernen Sie es.',
  'spf-include-duplicated': 'Unser include steht doppelt im SPF-Eintrag. Einmal genügt.',
  'spf-unrecognized': 'Ein Text wird nicht als SPF erkannt. Ändern Sie ihn in diesen Wert.',
  'spf-invalid': 'Ihr SPF-Eintrag hat einen Schreibfehler. Ändern Sie ihn in diesen Wert.',
  'spf-loop': 'Der SPF-Eintrag verweist auf sich selbst. Ändern Sie ihn in diesen Wert.',
  'spf-broken-include': 'Etwas, worauf Ihr SPF-Eintrag verweist, hat keinen gültigen Eintrag mehr.',
  'spf-too-many-lookups':
    'Ihr SPF-Eintrag braucht mehr als 10 DNS-Abfragen. Entfernen Sie Dienste, die Sie nicht mehr nutzen.',
  'spf-too-many-voids':
    'Ihr SPF-Eintrag verweist auf zu viele Namen, die es nicht gibt. Entfernen Sie sie.',
  'spf-open': 'Mit diesem SPF-Eintrag darf jeder senden. Schränken Sie ihn ein.',
  'spf-ptr': 'Entfernen Sie „ptr“ aus dem SPF-Eintrag; es wird nicht mehr unterstützt.',
  'spf-unregistered': 'Eine Domain in diesem Eintrag gehört niemandem. Entfernen Sie sie.',
  'spf-own-senders': 'Nichts zu tun: Ihr eigener SPF-Eintrag enthält unsere Server.',
  'spf-at-cname': 'Nichts zu tun: Hier ist SPF weder möglich noch nötig.',
  'mx-several': 'Unter {name} darf nur ein MX-Eintrag stehen. Löschen Sie die anderen.',
  'mx-other-host': 'Der MX-Eintrag nennt einen anderen Server. Kopieren Sie den Wert neu.',
  'mx-other-preference':
    'Die Priorität des MX-Eintrags ist eine andere. Tragen Sie die angegebene ein.',
  'delegation-elsewhere':
    'Die Subdomain ist an andere Nameserver delegiert. Ersetzen Sie diese NS-Einträge unter {name}.',
  'delegation-mixed':
    'Neben unserem stehen andere Nameserver. Löschen Sie die anderen NS-Einträge unter {name}.',
  'no-such-domain':
    'Die Domain gibt es im öffentlichen DNS nicht. Ist sie registriert und bezahlt?',
  'not-delegated': 'Die Nameserver der Domain kennen sie nicht. Legen Sie dort die Zone an.',
  'dnssec-bogus':
    'DNSSEC der Domain ist fehlerhaft. Berichtigen Sie den DS-Eintrag beim Registrar.',
  'no-answer': 'Die Nameserver antworten nicht. Wir versuchen es weiter.',
  preparing: 'Dieser Wert wird gerade erzeugt und kommt gleich.',
};
