import { join } from 'node:path';
import { Duration, Names, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnScalingPolicy, type ScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type BaseService,
  Cluster,
  ContainerDependencyCondition,
  type ContainerDefinition,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  Protocol,
  type ScalableTaskCount,
} from 'aws-cdk-lib/aws-ecs';
import type { NetworkTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { ContainerDeclaration } from '#shared/runtime/declaration.ts';
import { functionName, roleName } from '../names.ts';
import { configuredValue } from '../settings.ts';
import { bundleDirectory } from './bundle.ts';
import { useQueuesAndBus, useTables } from './function-rights.ts';
import type { MailNetwork } from './mail-network.ts';
import { allow, type Grantee, type Permission } from './permission.ts';
import type { Service } from './service.ts';

/** Public images, so that a deployment builds none: Node, and what fetches the code for it. */
const images = {
  node: 'public.ecr.aws/docker/library/node:24.11-slim',
  awsCli: 'public.ecr.aws/aws-cli/aws-cli:2.31.0',
};
const CODE = '/code';
const SPOOL = '/spool';
/** The user `node` of the image. */
const NODE_USER = '1000';

export interface ContainerServiceProps {
  readonly service: Service;
  readonly declaration: ContainerDeclaration;
  readonly network: MailNetwork;
  readonly tasks: { readonly minimum: number; readonly maximum: number };
  /** The settings that the configuration does not give. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Containers on Fargate that run one bundle. An image of our own would need Docker at deployment:
 * a first container copies the bundle from the assets' bucket to a volume, and Node runs it there.
 */
export class ContainerService extends Construct implements Grantee {
  readonly #service: FargateService;
  readonly #container: ContainerDefinition;
  readonly #role: Role;
  readonly #scaling: ScalableTaskCount;

  constructor(scope: Construct, id: string, props: ContainerServiceProps) {
    super(scope, id);
    const { service, declaration, network, tasks } = props;
    const { config } = service;
    const { name } = declaration;
    this.#role = new Role(this, 'Role', {
      roleName: roleName(config, name),
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    const task = new FargateTaskDefinition(this, 'Task', {
      family: functionName(config, name),
      cpu: declaration.cpu,
      memoryLimitMiB: declaration.memory,
      taskRole: this.#role,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      volumes: [{ name: 'code' }, { name: 'spool' }],
    });
    this.#container = this.#containers(task, props);
    useTables(this, declaration, service);
    useQueuesAndBus(this, declaration, service);
    this.#service = new FargateService(this, 'Service', {
      serviceName: functionName(config, name),
      cluster: new Cluster(this, 'Cluster', {
        clusterName: functionName(config, name),
        vpc: network.vpc,
        containerInsightsV2: ContainerInsights.ENABLED,
      }),
      taskDefinition: task,
      desiredCount: tasks.minimum,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      assignPublicIp: true,
      securityGroups: [network.containers],
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: Duration.minutes(1),
    });
    this.#scaling = this.#service.autoScaleTaskCount({
      minCapacity: tasks.minimum,
      maxCapacity: tasks.maximum,
    });
    this.#scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    for (const [alarm, { counter, minutes, ...notice }] of Object.entries(
      declaration.alarms ?? {},
    )) {
      service.alarms.add(this, alarm, {
        ...notice,
        metric: service.alarms.counter(counter, Duration.minutes(minutes)),
      });
    }
  }

  addEnvironment(name: string, value: string): void {
    this.#container.addEnvironment(name, value);
  }

  addToRolePolicy(statement: PolicyStatement): void {
    this.#role.addToPrincipalPolicy(statement);
  }

  /** Allows the code exactly these actions on exactly these resources. */
  allow(permission: Permission, wildcard?: string): void {
    allow(this, permission, wildcard);
  }

  /** Sends a load balancer's connections to a port of the containers. */
  attachTo(targets: NetworkTargetGroup, port: number): void {
    targets.addTarget(
      (this.#service as BaseService & FargateService).loadBalancerTarget({
        containerName: this.#container.containerName,
        containerPort: port,
        protocol: Protocol.TCP,
      }),
    );
  }

  /**
   * Adds and takes tasks by the connections of each: idle ones use no processor, and a task takes so
   * many only.
   *
   * @param connections of all tasks
   * @param tasks that answer
   */
  scaleOnConnections({
    connections,
    tasks,
    perTask,
  }: {
    readonly connections: Metric;
    readonly tasks: Metric;
    readonly perTask: number;
  }): void {
    const target = this.#scaling.node.findChild('Target') as ScalableTarget;
    // The construct of the library takes no expression of metrics.
    const policy = new CfnScalingPolicy(this, 'ConnectionsPerTask', {
      policyName: `${Names.uniqueId(this)}ConnectionsPerTask`,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.scalableTargetId,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: perTask,
        customizedMetricSpecification: {
          metrics: [
            metricOf('connections', connections),
            metricOf('tasks', tasks),
            { id: 'each', expression: 'connections / tasks', returnData: true },
          ],
        },
      },
    });
    policy.node.addDependency(target);
  }

  #containers(
    task: FargateTaskDefinition,
    { service: { config }, declaration, environment }: ContainerServiceProps,
  ): ContainerDefinition {
    const { name, ports, stopTimeout, settings = [], optionalSettings = [] } = declaration;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/ecs/${functionName(config, name)}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logging = LogDrivers.awsLogs({ logGroup, streamPrefix: name });
    const code = new Asset(this, 'Code', {
      path: Stack.of(this).bundlingRequired
        ? join(bundleDirectory(name), 'index.js')
        : import.meta.filename,
    });
    this.allow({
      actions: ['s3:GetObject'],
      resources: [code.bucket.arnForObjects(code.s3ObjectKey)],
    });
    const fetch = task.addContainer('fetch', {
      image: ContainerImage.fromRegistry(images.awsCli),
      essential: false,
      entryPoint: ['/bin/sh', '-c'],
      command: [
        `aws s3 cp ${code.s3ObjectUrl} ${CODE}/index.js && chown ${NODE_USER} ${SPOOL} && chmod 700 ${SPOOL}`,
      ],
      logging,
    });
    fetch.addMountPoints(
      { sourceVolume: 'code', containerPath: CODE, readOnly: false },
      { sourceVolume: 'spool', containerPath: SPOOL, readOnly: false },
    );
    const run = task.addContainer(name, {
      image: ContainerImage.fromRegistry(images.node),
      command: ['node', `${CODE}/index.js`],
      user: NODE_USER,
      readonlyRootFilesystem: true,
      stopTimeout: Duration.seconds(stopTimeout),
      portMappings: Object.values(ports).map((containerPort) => ({ containerPort })),
      environment: {
        NODE_ENV: 'production',
        POWERTOOLS_SERVICE_NAME: config.name,
        ...Object.fromEntries(
          [...settings, ...optionalSettings].map((setting) => [
            setting,
            { ...environment, SPOOL }[setting] ?? configuredValue(setting, config),
          ]),
        ),
      },
      logging,
    });
    run.addMountPoints(
      { sourceVolume: 'code', containerPath: CODE, readOnly: true },
      { sourceVolume: 'spool', containerPath: SPOOL, readOnly: false },
    );
    run.addContainerDependencies({
      container: fetch,
      condition: ContainerDependencyCondition.SUCCESS,
    });
    Validations.of(task).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: 'Its variables are names and settings; it has no secret but its role.',
    });
    return run;
  }
}

/** A metric as a part of an expression. */
function metricOf(id: string, { namespace, metricName, statistic, dimensions = {} }: Metric) {
  return {
    id,
    returnData: false,
    metricStat: {
      stat: statistic,
      metric: {
        namespace,
        metricName,
        dimensions: Object.entries(dimensions).map(([name, value]) => ({
          name,
          value: String(value),
        })),
      },
    },
  };
}
