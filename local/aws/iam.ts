import type { AwsCall } from './call.ts';
import { CONDITION_KEYS } from './calls.ts';
import type { Authorize, Decision } from './gateway.ts';
import { parseConditions } from './iam-conditions.ts';
import type { Condition } from './iam-conditions.ts';
import { UnsupportedPolicyError, matchesPattern, strings } from './iam-patterns.ts';

/** The principal of a resource policy's statement. */
interface Principals {
  readonly anybody: boolean;
  /** ARNs of roles and users. */
  readonly arns: readonly string[];
  /** Accounts, whose own policies then decide (delegation). */
  readonly accounts: readonly string[];
}

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly actionsExcluded: boolean;
  readonly resources: readonly string[];
  readonly resourcesExcluded: boolean;
  readonly principals: Principals | undefined;
  readonly conditions: readonly Condition[];
}

/** A policy document that was read and understood to the last element. */
export interface Policy {
  readonly statements: readonly Statement[];
}

/** A caller: the role of a function, or the operator. */
export interface Principal {
  readonly arn: string;
  readonly policies: readonly Policy[];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new UnsupportedPolicyError(`${what} is not an object: ${JSON.stringify(value)}`);
}

function only(fields: Fields, what: string, known: readonly string[]): void {
  const other = Object.keys(fields).find((name) => !known.includes(name));
  if (other !== undefined) throw new UnsupportedPolicyError(`${what} has an unknown ${other}`);
}

const ROOT = /^arn:aws:iam::(\d{12}):root$/;

const accountOf = (name: string): string | undefined =>
  /^\d{12}$/.test(name) ? name : ROOT.exec(name)?.[1];

function parsePrincipals(value: unknown): Principals {
  if (value === '*') return { anybody: true, arns: [], accounts: [] };
  const fields = fieldsOf(value, 'Principal');
  // AWS services and federated users call through no gateway of ours, so they match no caller here.
  only(fields, 'Principal', ['AWS', 'Service', 'Federated', 'CanonicalUser']);
  const named = fields['AWS'] === undefined ? [] : strings(fields['AWS'], 'Principal.AWS');
  return {
    anybody: named.includes('*'),
    arns: named.filter((name) => name !== '*' && accountOf(name) === undefined),
    accounts: named.flatMap((name) => accountOf(name) ?? []),
  };
}

function parseList(fields: Fields, name: string): { list: readonly string[]; excluded: boolean } {
  const excluded = `Not${name}`;
  if ((fields[name] === undefined) === (fields[excluded] === undefined)) {
    throw new UnsupportedPolicyError(`a statement needs ${name} or ${excluded}, and not both`);
  }
  const isExcluded = fields[name] === undefined;
  return { list: strings(fields[isExcluded ? excluded : name], name), excluded: isExcluded };
}

const ELEMENTS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

function parseStatement(value: unknown, kind: 'identity' | 'resource'): Statement {
  const fields = fieldsOf(value, 'Statement');
  only(fields, 'Statement', kind === 'resource' ? [...ELEMENTS, 'Principal'] : ELEMENTS);
  const effect = fields['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new UnsupportedPolicyError(`Effect is ${JSON.stringify(effect)}`);
  }
  if (kind === 'resource' && fields['Principal'] === undefined) {
    throw new UnsupportedPolicyError('a statement of a resource policy needs a Principal');
  }
  const principals = kind === 'resource' ? parsePrincipals(fields['Principal']) : undefined;
  const nobody = principals !== undefined && isNobody(principals);
  const { list: actions, excluded: actionsExcluded } = parseList(fields, 'Action');
  const { list: resources, excluded: resourcesExcluded } = parseList(fields, 'Resource');
  return {
    effect,
    actions: actions.map((action) => action.toLowerCase()),
    actionsExcluded,
    resources,
    resourcesExcluded,
    principals,
    conditions: nobody ? [never] : parseConditions(fields['Condition'], CONDITION_KEYS),
  };
}

/** A statement about AWS services alone applies to no call here, with any condition keys. */
const never: Condition = () => false;

const isNobody = ({ anybody, arns, accounts }: Principals): boolean =>
  !anybody && arns.length === 0 && accounts.length === 0;

/**
 * Reads a policy document whose intrinsics are resolved.
 * @param kind `identity` for a role's policies, `resource` for a key's, bucket's, queue's or topic's
 * @throws UnsupportedPolicyError for an element, operator or condition key that is not understood here
 */
export function parsePolicy(document: unknown, kind: 'identity' | 'resource'): Policy {
  const fields = fieldsOf(document, 'the policy document');
  only(fields, 'the policy document', ['Version', 'Id', 'Statement']);
  const statements = fields['Statement'];
  if (statements === undefined) throw new UnsupportedPolicyError('the policy has no Statement');
  const list: readonly unknown[] = Array.isArray(statements) ? statements : [statements];
  return { statements: list.map((statement) => parseStatement(statement, kind)) };
}

type Context = ReadonlyMap<string, readonly string[]>;

function applies(statement: Statement, call: AwsCall, context: Context): boolean {
  const action = call.action.toLowerCase();
  const actionListed = statement.actions.some((pattern) => matchesPattern(pattern, action));
  const resourceListed = statement.resources.some((pattern) =>
    matchesPattern(pattern, call.resource),
  );
  return (
    actionListed !== statement.actionsExcluded &&
    resourceListed !== statement.resourcesExcluded &&
    statement.conditions.every((condition) => condition(context))
  );
}

interface Judged {
  readonly denied: boolean;
  /** Allowed to this very principal. */
  readonly allowed: boolean;
  /** Allowed to the account, so that its identity policies decide. */
  readonly delegated: boolean;
}

function judgeResourcePolicy(
  policy: Policy,
  principal: Principal,
  accountId: string,
  call: AwsCall,
  context: Context,
): Judged {
  let judged: Judged = { denied: false, allowed: false, delegated: false };
  for (const statement of policy.statements) {
    const principals = statement.principals;
    if (principals === undefined || !applies(statement, call, context)) continue;
    const named = principals.anybody || principals.arns.includes(principal.arn);
    const account = principals.accounts.includes(accountId);
    judged =
      statement.effect === 'Deny'
        ? { ...judged, denied: judged.denied || named || account }
        : {
            ...judged,
            allowed: judged.allowed || named,
            delegated: judged.delegated || account,
          };
  }
  return judged;
}

export interface AuthorizerOptions {
  readonly accountId: string;
  readonly region: string;
  /** Callers by access key id. */
  readonly principals: ReadonlyMap<string, Principal>;
  /** The policy on a resource, if it has one. A KMS key without one permits nothing. */
  readonly resourcePolicy: (resourceArn: string) => Policy | undefined;
}

const deny = (reason: string): Decision => ({ allowed: false, reason });

/**
 * Judges calls as IAM does within one account: an explicit Deny anywhere wins. A resource policy
 * may allow by itself; an identity policy may allow, for a KMS key only where the key policy
 * delegates to the account.
 */
export function createAuthorizer(options: AuthorizerOptions): Authorize {
  const { accountId, region, principals, resourcePolicy } = options;
  return (accessKeyId, call) => {
    const principal = principals.get(accessKeyId);
    if (principal === undefined) return deny(`no caller has the access key id ${accessKeyId}`);
    const context = new Map(
      Object.entries({
        ...call.context,
        'aws:PrincipalArn': [principal.arn],
        'aws:PrincipalAccount': [accountId],
        'aws:RequestedRegion': [region],
        // Loopback replaces the TLS that clients use with AWS.
        'aws:SecureTransport': ['true'],
        'aws:PrincipalIsAWSService': ['false'],
        'aws:ViaAWSService': ['false'],
      }).map(([key, values]) => [key.toLowerCase(), values] as const),
    );
    const own = principal.policies
      .flatMap(({ statements }) => statements)
      .filter((statement) => applies(statement, call, context));
    if (own.some(({ effect }) => effect === 'Deny')) {
      return deny(`an identity-based policy of ${principal.arn} denies it`);
    }
    const policy = resourcePolicy(call.resource);
    const judged =
      policy === undefined
        ? { denied: false, allowed: false, delegated: false }
        : judgeResourcePolicy(policy, principal, accountId, call, context);
    if (judged.denied) return deny('the resource-based policy denies it');
    if (judged.allowed) return { allowed: true };
    if (own.length === 0) return deny(`no identity-based policy of ${principal.arn} allows it`);
    if (call.action.startsWith('kms:') && !judged.delegated) {
      return deny('the key policy does not allow it');
    }
    return { allowed: true };
  };
}
