import * as z from 'zod';
import { refusalStatus, type RefusalCode } from '#shared/core/model/errors.ts';
import { changeRequest, spfDocument } from './change-schemas.ts';
import { apiKeyDocument, apiKeyList, issuedApiKey, issueRequest } from './api-key-schemas.ts';
import { domainConnectDocument } from './domain-connect-schemas.ts';
import { eventPage, eventsQuery } from './event-schemas.ts';
import { keyHistory, rotationRequest } from './key-schemas.ts';
import {
  messageAccepted,
  messageDocument,
  messagePage,
  messagesQuery,
  submitQuery,
} from './message-schemas.ts';
import { planDocument } from './plan-schemas.ts';
import { reportsDocument, reportsQuery } from './report-schemas.ts';
import { routes, type Operation, type Route } from './routes.ts';
import { shareLinkDocument, sharedQuery, sharedRecordsDocument } from './share-schemas.ts';
import {
  createdWebhook,
  deliveriesQuery,
  deliveryPage,
  webhookDocument,
  webhookList,
  webhookRequest,
} from './webhook-schemas.ts';
import { inviteRequest, userDocument, userList } from './user-schemas.ts';
import {
  claimRequest,
  customerRecord,
  domainDocument,
  domainPage,
  pageQuery,
  problem,
  recordsExport,
  recordsQuery,
  spfNode,
  spfTree,
} from './schemas.ts';

/** What the document tells of an operation beyond its route. */
interface OperationText {
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  /** Whether the operation knows `Idempotency-Key`. */
  readonly idempotent?: true;
  readonly body?: Content;
  readonly answer: { readonly status: number; readonly says: string; readonly content: Content };
  /** The reasons that it may be refused for, beside those of every operation. */
  readonly refusals: readonly RefusalCode[];
}

/** Media types and what lies under each: a schema's component name, or plain text. */
type Content = Readonly<Record<string, keyof typeof components | 'text'>>;

const components = {
  Problem: problem,
  ClaimRequest: claimRequest,
  WebhookRequest: webhookRequest,
  Webhook: webhookDocument,
  CreatedWebhook: createdWebhook,
  WebhookList: webhookList,
  DeliveryPage: deliveryPage,
  EventPage: eventPage,
  ChangeRequest: changeRequest,
  SenderPolicy: spfDocument,
  Reports: reportsDocument,
  DmarcPlan: planDocument,
  Record: customerRecord,
  Domain: domainDocument,
  DomainPage: domainPage,
  RecordsExport: recordsExport,
  RotationRequest: rotationRequest,
  KeyHistory: keyHistory,
  SpfTree: spfTree,
  ShareLink: shareLinkDocument,
  SharedRecords: sharedRecordsDocument,
  DomainConnect: domainConnectDocument,
  SpfNode: spfNode,
  MessageAccepted: messageAccepted,
  Message: messageDocument,
  MessagePage: messagePage,
  User: userDocument,
  UserList: userList,
  InviteRequest: inviteRequest,
  ApiKey: apiKeyDocument,
  ApiKeyList: apiKeyList,
  IssuedApiKey: issuedApiKey,
  IssueRequest: issueRequest,
} as const;

const domain: Content = { 'application/json': 'Domain' };
const names: readonly RefusalCode[] = [
  'domain-invalid',
  'domain-is-public-suffix',
  'domain-not-claimable',
];
const bodies: readonly RefusalCode[] = [
  'invalid-json',
  'invalid-body',
  'unsupported-media-type',
  'payload-too-large',
];

const texts: Record<Operation, OperationText> = {
  claimDomain: {
    summary: 'Claim a domain',
    description:
      'Answers with the records to publish in the DNS of the domain; they prove that it is yours. Claiming a domain that is being deleted undoes the deletion. Others may claim the same domain: DNS decides.',
    idempotent: true,
    body: { 'application/json': 'ClaimRequest' },
    answer: { status: 201, says: 'Claimed', content: domain },
    refusals: [
      ...bodies,
      'invalid-parameter',
      ...names,
      'domain-already-claimed',
      'dmarc-invalid',
      'idempotency-key-reused',
      'too-many-pending-claims',
      'no-capacity',
    ],
  },
  listDomains: {
    summary: 'List your domains, by name',
    query: pageQuery,
    answer: { status: 200, says: 'A page', content: { 'application/json': 'DomainPage' } },
    refusals: ['invalid-parameter', 'invalid-cursor'],
  },
  getDomain: {
    summary: 'Read a domain',
    answer: { status: 200, says: 'The domain', content: domain },
    refusals: ['not-found'],
  },
  changeDomain: {
    summary: 'Change the SPF and DMARC records that we host for a domain, and who hosts its keys',
    description:
      'What is published follows within minutes; you change nothing in your DNS. Mechanisms are ip4, ip6, a, mx, include and exists. A change that receivers would count as an error is refused.',
    body: { 'application/json': 'ChangeRequest' },
    answer: { status: 200, says: 'Changed', content: domain },
    refusals: [
      ...bodies,
      'not-found',
      'domain-deleting',
      'spf-invalid',
      'spf-too-long',
      'spf-too-many-lookups',
      'dmarc-invalid',
      'cnames-not-seen',
    ],
  },
  deleteDomain: {
    summary: 'Delete a domain',
    description:
      'Nothing is sent for it from then on. What it points at stays published for 7 days, in which claiming it again undoes the deletion; afterwards its keys are revoked.',
    answer: { status: 202, says: 'Being deleted', content: domain },
    refusals: ['not-found'],
  },
  checkDomain: {
    summary: 'Check the records of a domain now',
    description:
      'Within 2 seconds of the last check it answers what that saw. Checks run on their own too.',
    answer: { status: 200, says: 'The domain, as the check left it', content: domain },
    refusals: ['not-found', 'domain-deleting'],
  },
  exportRecords: {
    summary: 'Export the records to publish',
    query: recordsQuery,
    answer: {
      status: 200,
      says: 'The records; `bind` is a zone file (RFC 1035) to be added to the domain’s zone, `cloudflare` the same for its import, `route53` a change batch in JSON, `terraform` a map of the records with resources for Route 53',
      content: { 'application/json': 'RecordsExport', 'text/dns': 'text', 'text/plain': 'text' },
    },
    refusals: ['not-found', 'invalid-parameter'],
  },
  rotateDomain: {
    summary: 'Move a domain on to another key now',
    description:
      'Domains rotate by themselves every month. `manual` does it now, where it is due: 409 with `retryAfter` where it is not, and with what to mend where the next key is not found by the name in your DNS. `compromise` revokes the key that signs; at most once an hour, and two slots at a time.',
    body: { 'application/json': 'RotationRequest' },
    answer: { status: 200, says: 'The domain, with its keys as they now are', content: domain },
    refusals: [
      ...bodies,
      'not-found',
      'domain-not-verified',
      'rotation-not-due',
      'rotation-held-back',
      'too-many-requests',
    ],
  },
  listKeys: {
    summary: 'Every key that a domain ever had, and when each signed',
    answer: { status: 200, says: 'The keys', content: { 'application/json': 'KeyHistory' } },
    refusals: ['not-found'],
  },
  listEvents: {
    summary: 'List what happened to a domain, newest first',
    description: 'For 400 days.',
    query: eventsQuery,
    answer: { status: 200, says: 'A page', content: { 'application/json': 'EventPage' } },
    refusals: ['not-found', 'invalid-parameter', 'invalid-cursor'],
  },
  readReports: {
    summary: 'What receivers report of the domain’s mail',
    description:
      'DMARC aggregate reports, summed by day, source, selector and reporter. Only reports that a configured reporter is proven to have sent are counted; others are shown apart.',
    query: reportsQuery,
    answer: { status: 200, says: 'The figures', content: { 'application/json': 'Reports' } },
    refusals: ['not-found', 'invalid-parameter'],
  },
  readPlan: {
    summary: 'How far a domain’s DMARC plan is from its next steps',
    description: 'What a step takes and what there is of it, by the reports up to now.',
    answer: { status: 200, says: 'The steps', content: { 'application/json': 'DmarcPlan' } },
    refusals: ['not-found'],
  },
  listSenders: {
    summary: 'List who may send for a domain by its SPF record',
    description: 'With what came from where, as DNS has it now.',
    answer: { status: 200, says: 'The list', content: { 'application/json': 'SenderPolicy' } },
    refusals: ['not-found'],
  },
  createShareLink: {
    summary: 'Make a link that shows the records of a domain',
    description:
      'For whoever runs the DNS: read-only, without an API key, for 14 days. A domain has 5 at a time; a sixth ends the oldest.',
    answer: { status: 201, says: 'Made', content: { 'application/json': 'ShareLink' } },
    refusals: ['not-found', 'domain-deleting'],
  },
  getDomainConnect: {
    summary: 'Have the DNS provider of a domain create the records',
    description:
      'Where the provider supports Domain Connect, and knows this service: a link to a page of the provider, where whoever runs the DNS agrees, and is sent back to the dashboard. Follow it in a browser. Records of your own that serve are left as they are. What counts is what DNS says afterwards: check the domain.',
    answer: {
      status: 200,
      says: 'The link, or why there is none',
      content: { 'application/json': 'DomainConnect' },
    },
    refusals: ['not-found', 'domain-deleting'],
  },
  readSharedRecords: {
    summary: 'Read the records behind a link',
    description: 'A browser is shown a page; `format` gives the records as an export does.',
    query: sharedQuery,
    answer: {
      status: 200,
      says: 'The records, and how they stand',
      content: {
        'application/json': 'SharedRecords',
        'text/html': 'text',
        'text/dns': 'text',
        'text/plain': 'text',
      },
    },
    refusals: ['not-found', 'invalid-parameter'],
  },
  listWebhooks: {
    summary: 'List your webhooks',
    answer: { status: 200, says: 'The list', content: { 'application/json': 'WebhookList' } },
    refusals: [],
  },
  createWebhook: {
    summary: 'Have events sent to an endpoint of yours',
    description:
      'Requests are signed by the Standard Webhooks scheme with the secret that is shown only now, and repeated for 28 hours until one is answered with 2xx.',
    body: { 'application/json': 'WebhookRequest' },
    answer: { status: 201, says: 'Made', content: { 'application/json': 'CreatedWebhook' } },
    refusals: [...bodies, 'webhook-invalid', 'too-many-webhooks'],
  },
  deleteWebhook: {
    summary: 'Delete a webhook',
    answer: { status: 200, says: 'Deleted', content: { 'application/json': 'Webhook' } },
    refusals: ['not-found'],
  },
  listDeliveries: {
    summary: 'List what was sent to a webhook, newest first',
    description: 'For 30 days.',
    query: deliveriesQuery,
    answer: { status: 200, says: 'A page', content: { 'application/json': 'DeliveryPage' } },
    refusals: ['not-found', 'invalid-parameter', 'invalid-cursor'],
  },
  submitMessage: {
    summary: 'Submit a mail',
    description:
      'A mail as RFC 5322 has it, at most 4.5 MB, with a From field of a verified domain of yours. It is signed and sent; its status tells what became of it.',
    query: submitQuery,
    idempotent: true,
    body: { 'message/rfc822': 'text' },
    answer: { status: 202, says: 'Accepted', content: { 'application/json': 'MessageAccepted' } },
    refusals: [
      'unsupported-media-type',
      'invalid-parameter',
      'payload-too-large',
      'message-refused',
      'from-refused',
      'sender-refused',
      'recipients-refused',
      'idempotency-key-reused',
    ],
  },
  listMessages: {
    summary: 'List the mails from a domain, newest first',
    description: 'For 90 days. A mail that was just submitted may be missing for some seconds.',
    query: messagesQuery,
    answer: { status: 200, says: 'A page', content: { 'application/json': 'MessagePage' } },
    refusals: ['invalid-parameter', 'invalid-cursor', 'domain-invalid'],
  },
  getMessage: {
    summary: 'Read what became of a mail',
    answer: { status: 200, says: 'The message', content: { 'application/json': 'Message' } },
    refusals: ['not-found'],
  },
  listUsers: {
    summary: 'List those who may use the dashboard for you',
    answer: { status: 200, says: 'The list', content: { 'application/json': 'UserList' } },
    refusals: [],
  },
  inviteUser: {
    summary: 'Invite somebody to the dashboard',
    description:
      'They get a mail with a first password, which is good for 3 days; inviting them again sends another. An address belongs to one account at a time, and nothing tells whether another has it: one that never becomes active may be such.',
    body: { 'application/json': 'InviteRequest' },
    answer: { status: 201, says: 'Invited', content: { 'application/json': 'User' } },
    refusals: [...bodies, 'user-exists', 'too-many-users'],
  },
  removeUser: {
    summary: 'Remove a user',
    description:
      'They are refused from the next request on. The last active user cannot remove themselves.',
    answer: { status: 200, says: 'Removed', content: { 'application/json': 'User' } },
    refusals: ['not-found', 'last-user'],
  },
  listApiKeys: {
    summary: 'List your API keys',
    answer: { status: 200, says: 'The keys', content: { 'application/json': 'ApiKeyList' } },
    refusals: [],
  },
  issueApiKey: {
    summary: 'Make an API key',
    description:
      'The key is shown once, in the answer. Sent again it makes another key; revoke the one that got lost.',
    body: { 'application/json': 'IssueRequest' },
    answer: { status: 201, says: 'Made', content: { 'application/json': 'IssuedApiKey' } },
    refusals: [...bodies, 'too-many-api-keys'],
  },
  revokeApiKey: {
    summary: 'Revoke an API key',
    description: 'It is refused from the next request on, for good.',
    answer: { status: 200, says: 'Revoked', content: { 'application/json': 'ApiKey' } },
    refusals: ['not-found'],
  },
};

/** The OpenAPI 3.1 document of the API, from the routes and schemas that the functions work by. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operation, route] of Object.entries(routes) as [Operation, Route][]) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationObject(operation, route),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'sender-domains',
      version: '1',
      description:
        'Register the domains that you send mail from, publish a few records once, and send mail that is signed with a key of the domain in its From address.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `sd_...`' },
      },
      schemas: componentSchemas(),
    },
  };
}

function operationObject(operation: Operation, { path, scope }: Route): Record<string, unknown> {
  const { summary, description, query, idempotent, body, answer, refusals } = texts[operation];
  const parameters = [
    ...pathParameters(path),
    ...(query === undefined ? [] : queryParameters(query)),
    ...(idempotent === undefined ? [] : [idempotencyKey]),
  ];
  return {
    operationId: operation,
    summary,
    description: [
      description ?? [],
      scope === null ? 'Needs no API key.' : `Needs the scope \`${scope}\`.`,
    ]
      .flat()
      .join('\n\n'),
    ...(scope === null ? { security: [] } : {}),
    tags: [scope ?? 'domains'],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: contentObject(body) } }),
    responses: {
      [answer.status]: { description: answer.says, content: contentObject(answer.content) },
      ...refusalResponses(refusals, scope !== null),
    },
  };
}

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(query: z.ZodObject) {
  const { properties = {}, required = [] } = jsonSchema(query);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Names this request, so that sending it again does not do it twice: 1 to 255 visible ASCII characters.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
};

const contentObject = (content: Content) =>
  Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => [
      mediaType,
      { schema: schema === 'text' ? { type: 'string' } : reference(schema) },
    ]),
  );

const reference = (component: keyof typeof components) => ({
  $ref: `#/components/schemas/${component}`,
});

const unauthorised = {
  401: { description: 'No API key was sent (answered by API Gateway)' },
  403: {
    description:
      'The API key is unknown or revoked (answered by API Gateway), or lacks the scope (`forbidden`)',
  },
};

/** One response for each status, naming the codes that it stands for. */
function refusalResponses(refusals: readonly RefusalCode[], guarded: boolean) {
  const codes = new Map<number, string[]>([
    [500, ['internal-error']],
    [503, ['busy']],
  ]);
  for (const code of refusals) {
    const status = refusalStatus[code];
    codes.set(status, [...(codes.get(status) ?? []), code]);
  }
  return {
    ...Object.fromEntries(
      [...codes]
        .toSorted(([a], [b]) => a - b)
        .map(([status, named]) => [
          status,
          {
            description: named.map((code) => `\`${code}\``).join(', '),
            content: { 'application/problem+json': { schema: reference('Problem') } },
          },
        ]),
    ),
    ...(guarded ? unauthorised : {}),
  };
}

/** Every component, with references from one to another. */
function componentSchemas(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(components)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    ...conversion,
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, conversion);

/** `input`: what has a default may be left out, and answers may come to have more fields. */
const conversion = {
  io: 'input',
  override: ({ jsonSchema: schema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    // The format says it; the expression is longer than all the rest.
    if (schema.format === 'date-time') delete schema.pattern;
  },
} as const;
