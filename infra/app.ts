/* oxlint-disable no-new -- a construct adds itself to its scope */
import { App, type AppProps, DefaultStackSynthesizer, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { type Config, ConfigError, findConfig, parseConfig, refuseUndeployable } from './config.ts';
import { Queues, type Service } from './constructs/service.ts';
import { AccessStack } from './stacks/access.ts';
import { AuditStack } from './stacks/audit.ts';
import { DashboardStack } from './stacks/dashboard.ts';
import { DataStack } from './stacks/data.ts';
import { DisclosureStack } from './stacks/disclosure.ts';
import { DnsStack } from './stacks/dns.ts';
import { EventsStack } from './stacks/events.ts';
import { MonitoringStack } from './stacks/monitoring.ts';
import { OnboardingStack } from './stacks/onboarding.ts';
import { OperationsStack } from './stacks/operations.ts';
import { OutboundStack } from './stacks/outbound.ts';
import { PlatformStack } from './stacks/platform.ts';
import { PublishingStack } from './stacks/publishing.ts';
import { ReportsStack } from './stacks/reports.ts';
import { RotationStack } from './stacks/rotation.ts';
import { SenderPolicyStack } from './stacks/sender-policy.ts';
import { SmtpStack } from './stacks/smtp.ts';
import { UsersStack } from './stacks/users.ts';
import { VerificationStack } from './stacks/verification.ts';
import { oversizedEnvironments } from './validation/environment-size.ts';

export interface BuildProps extends AppProps {
  /** True if it is to be deployed, so that placeholders are refused. @default false */
  readonly forDeployment?: boolean;
}

/**
 * The whole app, with template validation and cdk-nag as part of its synthesis.
 *
 * @param environment where SENDER_DOMAINS_CONFIG is read
 * @throws ConfigError
 */
export function buildApp(
  environment: Readonly<Record<string, string | undefined>>,
  { forDeployment = false, ...props }: BuildProps = {},
): App {
  const app = new App({
    ...props,
    analyticsReporting: false,
    // The rule that compares the bootstrap's version is the CLI's to check, and needs a lookup.
    defaultStackSynthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const { input, source } = findConfig((key) => app.node.tryGetContext(key), environment);
  const config = parseConfig(input, source);
  if (forDeployment) refuseUndeployable(config, source);
  addStacks(app, config);
  const oversized = oversizedEnvironments(app, config);
  if (oversized.length > 0) throw new ConfigError(source, oversized);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return app;
}

function addStacks(app: App, config: Config): void {
  const named = (part: string, description: string, { holdsState = false } = {}) => ({
    // `cdk destroy` and a deletion by hand are refused until somebody switches it off.
    terminationProtection: holdsState,
    stackName: `${config.name}-${part}`,
    description: `${config.name}: ${description}`,
    env: {
      region: config.region,
      ...(config.account === undefined ? {} : { account: config.account }),
    },
    crossRegionReferences: false,
  });
  const { alarms } = new OperationsStack(app, 'Operations', {
    ...named('operations', 'where alarms go'),
    config,
  });
  const dns = new DnsStack(app, 'Dns', {
    ...named('dns', 'the hosted zones', { holdsState: true }),
    config,
  });
  const { tables, bus, wrappingKey, secretsKey, revocations, auditHeads } = new DataStack(
    app,
    'Data',
    {
      ...named('data', 'tables, and the keys that wrap private keys and secrets', {
        holdsState: true,
      }),
      config,
    },
  );
  const service: Service = {
    config,
    alarms,
    tables,
    wrappingKey,
    secretsKey,
    revocations,
    auditHeads,
    bus,
    queues: new Queues(),
  };
  new RotationStack(app, 'Rotation', {
    ...named('rotation', 'the monthly rotation of keys'),
    service,
  });
  if (config.rotation.disclosure) {
    new DisclosureStack(app, 'Disclosure', {
      ...named('disclosure', 'publishes retired private keys'),
      service,
    });
  }
  new VerificationStack(app, 'Verification', {
    ...named('verification', 'checks and SES identities'),
    service,
    dns,
  });
  new SenderPolicyStack(app, 'SenderPolicy', {
    ...named('sender-policy', 'what keeps SPF records right'),
    service,
  });
  const publishing = new PublishingStack(app, 'Publishing', {
    ...named('publishing', 'records to Route 53'),
    service,
  });
  publishing.addStackDependency(dns, 'the publisher writes into its zones');
  const users = new UsersStack(app, 'Users', {
    ...named('users', 'who uses the dashboard', { holdsState: true }),
    service,
  });
  const onboarding = new OnboardingStack(app, 'Onboarding', {
    ...named('onboarding', 'the API and the routes about domains', { holdsState: true }),
    service,
    users,
  });
  new AccessStack(app, 'Access', {
    ...named('access', 'the routes about API keys and users'),
    service,
    onboarding,
    users,
  });
  const dashboard = new DashboardStack(app, 'Dashboard', {
    ...named('dashboard', "the customers' web page", { holdsState: true }),
    service,
    onboarding,
    users,
  });
  new EventsStack(app, 'Events', {
    ...named('events', 'what happens, told on a bus and to webhooks'),
    service,
    onboarding,
  });
  const outbound = new OutboundStack(app, 'Outbound', {
    ...named('outbound', 'mail', { holdsState: true }),
    service,
    onboarding,
    dashboard,
  });
  new PlatformStack(app, 'Platform', {
    ...named('platform', 'the routes by which platforms bring their customers in'),
    service,
    onboarding,
  });
  new AuditStack(app, 'Audit', {
    ...named('audit', 'the audit log'),
    service,
    onboarding,
  });
  if (config.smtp.enabled) {
    new SmtpStack(app, 'Smtp', {
      ...named('smtp', 'mail submitted by SMTP'),
      service,
      dns,
      outbound,
    });
  }
  new ReportsStack(app, 'Reports', {
    ...named('reports', 'DMARC reports, and the policies that follow them', { holdsState: true }),
    service,
    dns,
  });
  new MonitoringStack(app, 'Monitoring', {
    ...named('monitoring', 'what sees that something no longer happens'),
    service,
  });
}
