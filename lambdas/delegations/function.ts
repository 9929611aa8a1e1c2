import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'delegations',
  description: 'Makes and gives up the hosted zones of delegated subdomains',
  callsBeside: 'DNS',
  wokenBy: {
    queue: {
      name: 'delegations',
      message: '`DelegationRequest`',
      deadLetters: {
        severity: 'routine',
        says: 'The zone of a delegated subdomain could not be made, changed or given up.',
        waits:
          'a step of a zone; while the claim lives, its checks ask for the step again, but a zone that is to go stays',
        remedy: 'within a day; move the messages back to the queue',
      },
    },
    batchSize: 1,
    concurrency: 2,
  },
  timeout: 60,
  memory: 512,
  tables: {
    claims: ['BatchGetItem', 'GetItem'],
    identities: ['BatchGetItem'],
    checks: ['UpdateItem'],
    delegatedZones: ['GetItem', 'Query', 'PutItem', 'DeleteItem'],
  },
  sendsTo: ['delegations'],
  settings: [
    'DEPLOYMENT',
    'DEPLOYMENT_NAME',
    'DELEGATED_ZONES',
    'SERVICE_ZONE_ID',
    'RESOLVERS',
    'AUTHORITATIVE_PORT',
  ],
  alarms: {
    NotMade: {
      name: 'delegated-zone-not-made',
      severity: 'routine',
      says: 'Route 53 made no zone for a delegated subdomain: a quota is full, or a subdomain above or below has one.',
      counter: 'DelegatedZoneNotMade',
      minutes: 60,
    },
  },
} as const satisfies FunctionDeclaration;
