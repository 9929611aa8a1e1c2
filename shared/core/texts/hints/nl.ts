import type { HintTexts } from './texts.ts';

export const nl: HintTexts = {
  missing: 'Bij {name} staat dit record nog niet. Maak het aan.',
  'appended-domain':
    'Het record staat bij een naam waar het domein twee keer achter staat. Voer de naam zonder het domein in.',
  'wrong-name': 'Het record staat bij een verkeerde naam. De juiste is {name}.',
  'appended-domain-in-value':
    'Achter de waarde is het domein gezet. Sluit haar af met een punt, of voer haar precies zo in.',
  'form-residue':
    'In de waarde staan tekens te veel, zoals aanhalingstekens. Voer alleen de waarde in.',
  wildcard: 'Hier antwoordt alleen een wildcardrecord (*). Maak {name} zelf aan.',
  flattened:
    'Hier staan adressen in plaats van de CNAME. Zet proxy of flattening voor deze naam uit.',
  'cname-beside-others':
    'Naast een CNAME mag niets anders staan. Verwijder de andere records bij {name}.',
  'other-label':
    'Het record wijst naar een andere naam van deze dienst. Kopieer de waarde opnieuw.',
  'old-label': 'Het record hoort bij een eerdere aanmelding. Kopieer de waarde opnieuw.',
  'other-slot': 'Twee records zijn verwisseld. Kopieer de waarde die bij {name} hoort.',
  'other-provider': 'Het record wijst ergens anders heen. Vervang het als het niet meer nodig is.',
  'other-value': 'De waarde is anders. Kopieer haar opnieuw.',
  'name-fails': 'De nameservers geven een fout bij {name}, vaak een CNAME die naar zichzelf wijst.',
  'copied-key':
    'Hier staat de sleutel zelf in plaats van de CNAME. Die verandert; maak de CNAME aan.',
  'stale-key': 'Hier staat een oude sleutel. Vervang die door de waarde op deze pagina.',
  'compromised-key': 'Deze sleutel is bij anderen bekend. Vervang hem meteen.',
  'key-truncated': 'De sleutel is afgekapt. Kopieer de hele waarde.',
  'key-several': 'Bij {name} staan meerdere records. Houd alleen dit ene.',
  'dmarc-own-record': 'Niets te doen: u hebt een geldig eigen DMARC-record.',
  'dmarc-stale': 'Het DMARC-record is niet meer actueel. Vervang het door deze waarde.',
  'dmarc-beside-cname': 'Bij {name} staan een TXT en een CNAME. Verwijder een van beide.',
  'dmarc-several': 'Er zijn meerdere DMARC-records, dus geldt er geen. Houd er een.',
  'dmarc-invalid': 'Uw DMARC-record heeft een fout en geldt niet. Verbeter of vervang het.',
  'dmarc-unrecognized':
    'De tekst bij {name} wordt niet als DMARC herkend. Verbeter of vervang die.',
  'dmarc-tag-unread': 'Een deel van uw DMARC-record wordt niet gelezen. Verbeter het.',
  'dmarc-address': 'Het rapportadres heeft „mailto:” ervoor nodig, en komma’s tussen adressen.',
  'dmarc-address-refused': 'Het domein van het rapportadres neemt geen rapporten voor u aan.',
  'spf-several': 'Er zijn meerdere SPF-records, dus geldt er geen. Vervang ze door dit ene.',
  'spf-no-include': 'Onze servers ontbreken in uw SPF-record. Wijzig het in deze waarde.',
  'spf-include-after-all': 'Na „all” telt in SPF niets meer. Wijzig het record in deze waarde.',
  'spf-senders-after-all': 'Wat na „all” staat telt niet. Wijzig het record in deze waarde.',
  'spf-include-negated': 'Een teken voor onze include sluit de servers uit. Haal het weg.',
  'spf-include-duplicated': 'Onze include staat twee keer in het SPF-record. Eén keer is genoeg.',
  'spf-unrecognized': 'Een tekst wordt niet als SPF herkend. Wijzig die in deze waarde.',
  'spf-invalid': 'Uw SPF-record heeft een schrijffout. Wijzig het in deze waarde.',
  'spf-loop': 'Het SPF-record wijst naar zichzelf. Wijzig het in deze waarde.',
  'spf-broken-include': 'Iets waar uw SPF-record naar wijst heeft geen geldig record meer.',
  'spf-too-many-lookups':
    'Uw SPF-record vraagt meer dan 10 DNS-opvragingen. Haal diensten weg die u niet meer gebruikt.',
  'spf-too-many-voids': 'Uw SPF-record wijst naar te veel namen die niet bestaan. Haal ze weg.',
  'spf-open': 'Met dit SPF-record mag iedereen verzenden. Beperk het.',
  'spf-ptr': 'Haal „ptr” uit het SPF-record; het mag niet meer worden gebruikt.',
  'spf-unregistered': 'Een domein in dit record is van niemand. Haal het weg.',
  'spf-own-senders': 'Niets te doen: uw eigen SPF-record bevat onze servers.',
  'spf-at-cname': 'Niets te doen: SPF kan hier niet en is niet nodig.',
  'mx-several': 'Bij {name} mag maar één MX staan. Verwijder de andere.',
  'mx-other-host': 'De MX noemt een andere server. Kopieer de waarde opnieuw.',
  'mx-other-preference': 'De prioriteit van de MX is anders. Voer de vermelde in.',
  'delegation-elsewhere':
    'Het subdomein is aan andere nameservers gedelegeerd. Vervang de NS-records bij {name}.',
  'delegation-mixed':
    'Naast de onze staan andere nameservers. Verwijder de andere NS-records bij {name}.',
  'no-such-domain': 'Het domein bestaat niet in de openbare DNS. Is het geregistreerd en betaald?',
  'not-delegated': 'De nameservers kennen het domein niet. Maak daar de zone aan.',
  'dnssec-bogus': 'DNSSEC van het domein klopt niet. Verbeter het DS-record bij de registrar.',
  'no-answer': 'De nameservers antwoorden niet. We blijven het proberen.',
  preparing: 'Deze waarde wordt gemaakt en komt zo.',
};
