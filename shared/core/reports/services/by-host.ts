import type { MailService } from './service.ts';

/** Names the services that host names belong to (Apache 2.0). */
const HOST_NAMES =
  'https://github.com/domainaware/parsedmarc/blob/68b93ed5803f88f9168fad8f0e7681303946c3c9/parsedmarc/resources/maps/base_reverse_dns_map.csv';
const READ = '2026-11-29';

/** What holds for every service that signs for its customers (RFC 9989 §4.4). */
const SIGN =
  'Set up its authentication of your own domain, so that it signs your mail with DKIM for that domain.';

const service = (name: string, ...domains: readonly string[]): MailService => ({
  name,
  includes: [],
  domains,
  align: SIGN,
  source: HOST_NAMES,
  read: READ,
});

const forwarder = (name: string, ...domains: readonly string[]): MailService => ({
  ...service(name, ...domains),
  align: 'It forwards mail; only DKIM survives that, so see that all your mail is signed.',
  forwards: true,
});

/** Services that are known by the names of their hosts. */
export const byHost: readonly MailService[] = [
  service('SMTP.com', 'smtp.com'),
  service('Netcore', 'pepitrans01.com', 'pepitrans02.com', 'netcore.co.in', 'nsmailserv.com'),
  service('GreenArrow', 'greenarrowmail.com'),
  service('Salesforce Marketing Cloud', 'exacttarget.com', 'exactt.com', 'pd25.com'),
  service('Emma', 'e2ma.net'),
  service('Selligent', 'emsecure.net'),
  service('Inxmail', 'inxserver.de'),
  service('Omeda', 'omeda.com', 'o-mx.com'),
  service('iPost', 'ipost.com'),
  service('BombBomb', 'bbemaildelivery.com'),
  service('Help Scout', 'helpscout.net'),
  service('SolarWinds Service Desk', 'samanage.com'),
  service('Workday', 'myworkday.com'),
  service('SAP Concur', 'concursolutions.com', 'concurcompleat.com'),
  service('Okta', 'okta.com'),
  service('Cvent', 'cvent-planner.com', 'cvtsv.com'),
  service('BigCommerce', 'bigcommerce.net'),
  service('Zoho', 'zoho.com', 'zoho.eu', 'zoho.in', 'zohocorporation.com', 'zohomail.com'),
  service('Yahoo', 'yahoo.com'),
  service('GMX', 'gmx.net', 'gmx.com'),
  service('Migadu', 'migadu.com'),
  service('IONOS', 'perfora.net'),
  service('Proofpoint', 'pphosted.com', 'ppe-hosted.com', 'gpphosted.com'),
  service('Barracuda', 'barracuda.com'),
  service('Cisco Cloud Email Security', 'iphmx.com'),
  service('Symantec Email Security', 'messagelabs.com'),
  service('Hornetsecurity', 'antispameurope.com', 'hornetsecurity.com'),
  forwarder('ImprovMX', 'improvmx.com'),
  forwarder('Pobox', 'pobox.com'),
  forwarder('Joker.com', 'joker-forward.com'),
  forwarder('DuckDuckGo', 'duck.com'),
];
