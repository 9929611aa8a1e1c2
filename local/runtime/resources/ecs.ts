import * as z from 'zod';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';
import { trusts } from '../connections.ts';
import { accessKeyOf, type DeclaredContainer, type Deployment } from '../deployment.ts';

const ONE_TASK = 'one task runs here, and it is not replaced';
const ONE_MACHINE = 'it runs on this machine';

const container = z.strictObject({
  Name: z.string(),
  Image: z.string(),
  Command: z.array(z.string()),
  EntryPoint: z.array(z.string()).optional(),
  Essential: z.boolean(),
  DependsOn: z
    .array(z.strictObject({ Condition: z.literal('SUCCESS'), ContainerName: z.string() }))
    .optional(),
  Environment: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]),
  LogConfiguration: z.strictObject({
    LogDriver: z.literal('awslogs'),
    Options: accepted('its log is a file'),
  }),
  MountPoints: z
    .array(
      z.strictObject({
        ContainerPath: z.string(),
        ReadOnly: z.boolean(),
        SourceVolume: z.string(),
      }),
    )
    .default([]),
  PortMappings: z
    .array(z.strictObject({ ContainerPort: z.int(), Protocol: z.literal('tcp') }))
    .default([]),
  ReadonlyRootFilesystem: accepted(ONE_MACHINE),
  StopTimeout: z.int().default(30),
  User: accepted(ONE_MACHINE),
});
type Container = z.infer<typeof container>;

/** `aws s3 cp s3://<bucket>/<key> <path>`, in the command of a container that fetches a file. */
const FETCH = /\baws s3 cp s3:\/\/[^/\s]+\/(\S+) (\S+)/;

/**
 * ECS's services on Fargate: of a task definition, the container that runs Node, with the file that
 * another container fetches for it. Scaling is accepted and does nothing.
 */
export function ecsTypes(
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
): ResourceTypes {
  const arnOf = (rest: string): string => `arn:aws:ecs:${region}:${account}:${rest}`;
  const tasks = new Map<string, Omit<DeclaredContainer, 'name'>>();
  return {
    'AWS::ECS::Cluster': resourceType(
      {
        ClusterName: z.string().optional(),
        ClusterSettings: accepted('no metrics are collected here'),
        Tags: tags,
      },
      ({ properties, generatedName }) => {
        const name = properties.ClusterName ?? generatedName();
        return { ref: name, attributes: { Arn: arnOf(`cluster/${name}`) } };
      },
    ),
    'AWS::ECS::TaskDefinition': resourceType(
      {
        ContainerDefinitions: z.array(container).min(1),
        Cpu: accepted(ONE_MACHINE),
        ExecutionRoleArn: accepted('images are not fetched here'),
        Family: z.string(),
        Memory: z.string().regex(/^\d+$/),
        NetworkMode: z.literal('awsvpc'),
        RequiresCompatibilities: z.tuple([z.literal('FARGATE')]),
        RuntimePlatform: accepted('JavaScript runs on any'),
        TaskRoleArn: z.string(),
        Volumes: z.array(z.strictObject({ Name: z.string() })).default([]),
        Tags: tags,
      },
      ({ stack, properties }) => {
        const { Family, TaskRoleArn, ContainerDefinitions: containers, Memory } = properties;
        const arn = arnOf(`task-definition/${Family}:1`);
        const role = deployment.roles.get(TaskRoleArn);
        if (role === undefined) throw new Error(`there is no role ${TaskRoleArn}`);
        if (!trusts(role, 'ecs-tasks.amazonaws.com', arn, account)) {
          throw new Error(`the trust policy of ${role.arn} does not let ECS's tasks assume it`);
        }
        const main = containers.find(({ Essential }) => Essential);
        if (main === undefined || main.Command[0] !== 'node' || main.Command[1] === undefined) {
          throw new Error('the local run runs essential containers whose command is node <file>');
        }
        tasks.set(arn, {
          role,
          file: fetchedFile(main.Command[1], containers, stack.assets),
          variables: Object.fromEntries(main.Environment.map(({ Name, Value }) => [Name, Value])),
          folders: main.MountPoints.filter(({ ReadOnly }) => !ReadOnly).map(
            ({ ContainerPath }) => ContainerPath,
          ),
          ports: main.PortMappings.map(({ ContainerPort }) => ContainerPort),
          memoryMegabytes: Number(Memory),
          stopSeconds: main.StopTimeout,
        });
        return { ref: arn };
      },
    ),
    'AWS::ECS::Service': resourceType(
      {
        Cluster: z.string(),
        DeploymentConfiguration: accepted(ONE_TASK),
        DeploymentController: z.strictObject({ Type: z.literal('ECS') }).optional(),
        DesiredCount: accepted(ONE_TASK),
        EnableECSManagedTags: accepted(ONE_TASK),
        HealthCheckGracePeriodSeconds: accepted(ONE_TASK),
        LaunchType: z.literal('FARGATE'),
        LoadBalancers: z.array(
          z.strictObject({
            ContainerName: z.string(),
            ContainerPort: z.int(),
            TargetGroupArn: z.string(),
          }),
        ),
        NetworkConfiguration: accepted(ONE_MACHINE),
        ServiceName: z.string(),
        TaskDefinition: z.string(),
        Tags: tags,
      },
      ({ properties }) => {
        const { ServiceName: name, TaskDefinition, Cluster } = properties;
        const task = tasks.get(TaskDefinition);
        if (task === undefined) throw new Error(`there is no task definition ${TaskDefinition}`);
        deployment.containers.push({ ...task, name });
        deployment.principals.set(accessKeyOf(name), task.role);
        return { ref: arnOf(`service/${Cluster}/${name}`), attributes: { Name: name } };
      },
    ),
    'AWS::ApplicationAutoScaling::ScalableTarget': resourceType(
      {
        MaxCapacity: accepted(ONE_TASK),
        MinCapacity: accepted(ONE_TASK),
        ResourceId: z.string(),
        RoleARN: accepted(ONE_TASK),
        ScalableDimension: z.string(),
        ServiceNamespace: z.literal('ecs'),
      },
      ({ generatedName }) => ({ ref: generatedName() }),
    ),
    'AWS::ApplicationAutoScaling::ScalingPolicy': resourceType(
      {
        PolicyName: z.string(),
        PolicyType: z.string(),
        ScalingTargetId: z.string(),
        StepScalingPolicyConfiguration: accepted(ONE_TASK),
        TargetTrackingScalingPolicyConfiguration: accepted(ONE_TASK),
      },
      ({ properties }) => ({ ref: properties.PolicyName }),
    ),
  };
}

/** The asset that another container copies to a path. @throws Error where none does */
function fetchedFile(
  path: string,
  containers: readonly Container[],
  assets: ReadonlyMap<string, string>,
): string {
  for (const { Command: command } of containers) {
    const [, key = '', target] = FETCH.exec(command.join(' ')) ?? [];
    const file = target === path ? assets.get(key) : undefined;
    if (file !== undefined) return file;
  }
  throw new Error(`no container fetches ${path} from the assets of the app`);
}
