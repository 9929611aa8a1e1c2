import type { App, Resource } from './app.ts';

/** Reads from templates what wakes a function, what it may do, and where it may send. */

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

/** One action on one resource. */
export interface Right {
  readonly action: string;
  /** As in the policy, with references. */
  readonly on: string;
  /** True if the policy has conditions for it. */
  readonly isConditional: boolean;
}

const list = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** Every function, by its name. */
export const functionsOf = (app: App): [string, Resource][] =>
  app
    .ofType('AWS::Lambda::Function')
    .map((found): [string, Resource] => [app.nameOf(found), found])
    .toSorted(([a], [b]) => a.localeCompare(b));

/** Returns the permissions that the policies of a function's role allow. */
export function rightsOf(app: App, { properties }: Resource): Right[] {
  const role = app.referred(properties['Role'])?.key;
  return app
    .ofType('AWS::IAM::Policy')
    .filter((policy) =>
      (policy.properties['Roles'] as string[]).some((name) => app.referred(name)?.key === role),
    )
    .flatMap(
      (policy) => (policy.properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
    )
    .filter(({ Effect: effect }) => effect === 'Allow')
    .flatMap(({ Action: actions, Resource: resources, Condition: condition }) =>
      list(actions).flatMap((action) =>
        list(resources).map((on) => ({ action, on, isConditional: condition !== undefined })),
      ),
    );
}

/** Returns the callers of a function, in words. */
export function wokenBy(app: App, target: Resource): string[] {
  return [
    ...routesTo(app, target),
    ...app
      .ofType('AWS::ApiGatewayV2::Authorizer')
      .filter(({ properties }) => refersTo(app, properties['AuthorizerUri'], target))
      .map(() => 'HTTP API: as the authorizer'),
    ...app
      .ofType('AWS::Cognito::UserPool')
      .filter(({ properties }) => {
        const { CustomMessage: trigger } = (properties['LambdaConfig'] ?? {}) as Record<
          string,
          unknown
        >;
        return refersTo(app, trigger, target);
      })
      .map(() => 'Cognito: before it sends a mail'),
    ...app
      .ofType('AWS::SNS::Subscription')
      .filter(({ properties }) => refersTo(app, properties['Endpoint'], target))
      .map(({ properties }) => `topic \`${app.named(properties['TopicArn'])}\``),
    ...mappingsOf(app, target).map(({ properties }) => source(app, properties)),
    ...app
      .ofType('AWS::Scheduler::Schedule')
      .filter(({ properties }) => refersTo(app, scheduleTarget(properties).Arn, target))
      .map(({ properties }) => schedule(properties)),
  ];
}

export const mappingsOf = (app: App, target: Resource): Resource[] =>
  app
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => refersTo(app, properties['FunctionName'], target));

/** Returns true if a text refers to this resource. */
export const refersTo = (app: App, text: unknown, { key }: Resource): boolean =>
  app.referred(text)?.key === key;

function routesTo(app: App, target: Resource): string[] {
  const integrations = app
    .ofType('AWS::ApiGatewayV2::Integration')
    .filter(({ properties }) => refersTo(app, properties['IntegrationUri'], target))
    .map(({ key }) => key);
  const paths = app
    .ofType('AWS::ApiGatewayV2::Route')
    .filter(({ properties }) =>
      integrations.includes(app.referred(properties['Target'])?.key ?? ''),
    )
    .map(({ properties }) => String(properties['RouteKey']))
    .map((key) => /^\S+ (\/v1\/[\w-]+)/.exec(key)?.[1] ?? key);
  const folders = [...new Set(paths)].map((path) => `\`${path}\``);
  return folders.length === 0 ? [] : [`HTTP API: ${folders.join(', ')}`];
}

function source(app: App, properties: Resource['properties']): string {
  const found = app.referred(properties['EventSourceArn']);
  const name = `\`${app.named(properties['EventSourceArn'])}\``;
  return found?.type === 'AWS::SQS::Queue' ? `queue ${name}` : `stream of the table ${name}`;
}

const scheduleTarget = (properties: Resource['properties']) =>
  properties['Target'] as { readonly Arn: string; readonly Input: string };

function schedule(properties: Resource['properties']): string {
  const { task } = JSON.parse(scheduleTarget(properties).Input) as { task?: string };
  const expression = `Scheduler: \`${String(properties['ScheduleExpression'])}\``;
  return task === undefined ? expression : `${expression}, task \`${task}\``;
}
