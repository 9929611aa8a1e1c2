// node set-up.mjs DOMAIN: claims a domain, prints its records, and waits until it may send.
import { call, sleep } from './call.mjs';

const [name] = process.argv.slice(2);
await call('POST', '/v1/domains', { body: { name }, idempotencyKey: `set-up-${name}` });

// Amazon SES gives the value of one record a few seconds later.
let domain = await call('GET', `/v1/domains/${name}`);
while (domain.records.some(({ value }) => value === '')) {
  await sleep(2);
  domain = await call('GET', `/v1/domains/${name}`);
}
console.log('Create these records:');
for (const { type, name: host, value } of domain.records) console.log(`${type} ${host} ${value}`);

while (domain.status !== 'verified' || domain.sending !== 'ready') {
  await call('POST', `/v1/domains/${name}/checks`);
  await sleep(5);
  domain = await call('GET', `/v1/domains/${name}`);
}
console.log(`${name} may send`);
