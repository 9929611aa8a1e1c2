import type { ContainerDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'smtp',
  description: 'Takes mail by SMTP from applications that sign in with an API key',
  cpu: 512,
  memory: 2048,
  // Above 1,024, so that no container needs a right to listen; the load balancer has the known ports.
  ports: { tls: 10_465, starttls: 10_587 },
  stopTimeout: 120,
  tables: {
    suppressions: ['BatchGetItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    tenants: ['GetItem'],
    users: ['UpdateItem'],
    claims: ['GetItem', 'BatchGetItem', 'Query'],
    messages: ['Query', 'GetItem', 'PutItem'],
  },
  sendsTo: ['outbound'],
  settings: ['MAIL_BUCKET', 'SMTP_HOST', 'CERTIFICATE_ARN', 'SPOOL', 'BUDGET_LIMITS'],
  optionalSettings: ['UNSIGNED_ALLOWED'],
  alarms: {
    Failing: {
      name: 'smtp-failing',
      severity: 'urgent',
      says: 'The SMTP server answers mail with a fault of ours.',
      counter: 'SmtpFailed',
      minutes: 5,
      threshold: 5,
    },
  },
} as const satisfies ContainerDeclaration;
