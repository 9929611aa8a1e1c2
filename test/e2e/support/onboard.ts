import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until, type Api, type DomainDocument } from './api.ts';
import type { Service } from './service.ts';

/** Claims a domain, puts the customer's records in place, and waits until it may send. */
export async function onboard(
  service: Pick<Service, 'customerDns'>,
  api: Api,
  name: string,
): Promise<DomainDocument> {
  const claimed = await api.claim(name);
  if (claimed.status !== 201)
    throw new Error(`claim of ${name}: ${claimed.status} ${claimed.text}`);
  // The export waits for the first DNS check of the domain, which otherwise comes in a few seconds.
  await api.check(name);
  await until(
    'the SES record',
    () => api.domain(name),
    // A busy machine may be answered by 503 meanwhile.
    ({ status, body }) =>
      status === 200 && body.records.find(({ id }) => id === 'ses-identity')!.value !== '',
    30,
  );
  await writeFile(join(service.customerDns, `${name}.zone`), await api.zoneFile(name));
  const { body } = await until(
    `${name} verified and ready`,
    () => api.check(name),
    (answer) => answer.body.status === 'verified' && answer.body.sending === 'ready',
    60,
  );
  return body;
}
