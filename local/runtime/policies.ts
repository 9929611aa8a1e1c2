import { parsePolicy, type Policy } from '../aws/iam.ts';
import { parseConditions } from '../aws/iam-conditions.ts';
import { matchesPattern, strings } from '../aws/iam-patterns.ts';
import type { ServiceStatement } from './deployment.ts';

/** The condition keys that a service's call is given. */
const SERVICE_KEYS = ['aws:sourcearn', 'aws:sourceaccount', 'aws:securetransport'];

type Statement = Readonly<Record<string, unknown>>;

const statementsOf = (document: unknown): readonly Statement[] => {
  const { Statement: statements } = document as { Statement: Statement | readonly Statement[] };
  return [statements].flat();
};

const servicesOf = ({ Principal: principal }: Statement): readonly string[] => {
  const service = (principal as { Service?: unknown } | undefined)?.Service;
  return service === undefined ? [] : strings(service, 'Principal.Service');
};

/**
 * Splits a resource policy. The gateway checks each call against its statements about callers with
 * an access key; the run's start checks connections against those about AWS services.
 *
 * @throws UnsupportedPolicyError on what is not understood
 */
export function parseResourcePolicy(document: unknown): {
  readonly callers: Policy;
  readonly services: readonly ServiceStatement[];
} {
  const statements = statementsOf(document);
  const ofServices = statements.filter((statement) => servicesOf(statement).length > 0);
  const callers = parsePolicy(
    { Statement: statements.filter((statement) => !ofServices.includes(statement)) },
    'resource',
  );
  return { callers, services: ofServices.flatMap(parseServiceStatement) };
}

/** Returns who may assume a role, by its trust policy. */
export const parseTrustPolicy = (document: unknown): readonly ServiceStatement[] =>
  statementsOf(document).flatMap((statement) =>
    parseServiceStatement({ Resource: '*', ...statement }),
  );

function parseServiceStatement(statement: Statement): ServiceStatement[] {
  if (statement['Effect'] !== 'Allow') {
    throw new Error(`the local run knows no Deny about services: ${JSON.stringify(statement)}`);
  }
  const actions = strings(statement['Action'], 'Action').map((action) => action.toLowerCase());
  const resources = strings(statement['Resource'], 'Resource');
  const conditions = parseConditions(statement['Condition'], SERVICE_KEYS);
  return servicesOf(statement).map((service) => ({
    service,
    allows(action, resource, { sourceArn, sourceAccount }) {
      const context = new Map([
        ['aws:sourcearn', [sourceArn]],
        ['aws:sourceaccount', [sourceAccount]],
        ['aws:securetransport', ['true']],
      ]);
      return (
        actions.some((pattern) => matchesPattern(pattern, action.toLowerCase())) &&
        resources.some((pattern) => matchesPattern(pattern, resource)) &&
        conditions.every((condition) => condition(context))
      );
    },
  }));
}
