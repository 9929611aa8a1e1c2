import { join, relative } from 'node:path';
import type { LocalRun } from './run.ts';
import { customerDnsOf } from '../../local/runtime/stand-ins.ts';

/**
 * Returns first commands to try, as lines to copy into a shell.
 *
 * @param folder that the shell is in, for the paths
 */
export function quickTour({ endpoints, stateDir }: LocalRun, folder: string): string {
  const { api, apiKey, dashboard, dns, outbox } = endpoints;
  const from = (path: string): string => relative(folder, path) || '.';
  const domain = 'example.com';
  const zoneFile = from(join(customerDnsOf(stateDir), `${domain}.zone`));
  const dig = `dig +short @${dns.host} -p ${dns.port}`;
  const authorized = `-H "Authorization: Bearer $KEY"`;
  return `What a customer sees: ${dashboard}, signed in to with the API key ${apiKey}

The same by the API, a quick tour to copy line by line into another terminal:

  export API=${api} KEY=${apiKey}

  # A customer claims a domain; the answer lists the records to publish.
  curl -s -X POST $API/v1/domains ${authorized} -H 'content-type: application/json' -d '{"name":"${domain}"}'

  # Put them into the customer's DNS. What they point at is in ours by now.
  curl -s "$API/v1/domains/${domain}/records?format=bind" ${authorized} -o ${zoneFile}
  ${dig} TXT zero._domainkey.${domain}
  ${dig} TXT _dmarc.${domain}

  # Check until the domain is verified and ready to send: some seconds.
  until curl -s -X POST $API/v1/domains/${domain}/checks ${authorized} | grep -q '"status":"verified","sending":"ready"'; do sleep 2; done

  # Send a mail, and see it come out signed.
  printf 'From: me@${domain}\\r\\nTo: you@example.net\\r\\nSubject: Hello\\r\\n\\r\\nHello.\\r\\n' | curl -s -X POST $API/v1/messages ${authorized} -H 'content-type: message/rfc822' --data-binary @-
  until grep -A9 -i '^dkim-signature' ${from(outbox)}/*.eml 2>/dev/null; do sleep 1; done

Logs are in ${from(join(stateDir, 'logs'))}; all state is in ${from(stateDir)}, remove it to start afresh. Ctrl-C stops.
`;
}
