import * as z from 'zod';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';

const ONE_MACHINE = 'all listens on 127.0.0.1 here, and no packet is filtered';
const text = z.string();

const named = (shape: z.ZodRawShape, prefix: string, attributes: readonly string[] = []) =>
  resourceType({ ...shape, Tags: tags }, ({ generatedName }) => {
    const id = `${prefix}-${generatedName()}`;
    return { ref: id, attributes: Object.fromEntries(attributes.map((name) => [name, id])) };
  });

/** EC2's networks: known by name, since everything is on one machine. */
export function ec2Types(): ResourceTypes {
  const rule = {
    CidrIp: z.string().optional(),
    Description: z.string().optional(),
    FromPort: z.int(),
    ToPort: z.int(),
    IpProtocol: text,
  };
  return {
    'AWS::EC2::VPC': named(
      {
        CidrBlock: text,
        EnableDnsHostnames: accepted(ONE_MACHINE),
        EnableDnsSupport: accepted(ONE_MACHINE),
        InstanceTenancy: accepted(ONE_MACHINE),
      },
      'vpc',
      ['VpcId'],
    ),
    'AWS::EC2::Subnet': named(
      {
        AvailabilityZone: text,
        CidrBlock: text,
        MapPublicIpOnLaunch: accepted(ONE_MACHINE),
        VpcId: text,
      },
      'subnet',
      ['SubnetId'],
    ),
    'AWS::EC2::RouteTable': named({ VpcId: text }, 'rtb'),
    'AWS::EC2::SubnetRouteTableAssociation': named(
      { RouteTableId: text, SubnetId: text },
      'rtbassoc',
    ),
    'AWS::EC2::Route': named(
      { DestinationCidrBlock: text, GatewayId: text, RouteTableId: text },
      'route',
    ),
    'AWS::EC2::InternetGateway': named({}, 'igw'),
    'AWS::EC2::VPCGatewayAttachment': named({ InternetGatewayId: text, VpcId: text }, 'attachment'),
    'AWS::EC2::VPCEndpoint': named(
      {
        RouteTableIds: z.array(text),
        ServiceName: text,
        VpcEndpointType: z.literal('Gateway'),
        VpcId: text,
      },
      'vpce',
    ),
    'AWS::EC2::SecurityGroup': named(
      {
        GroupDescription: text,
        SecurityGroupIngress: z.array(z.strictObject(rule)).optional(),
        SecurityGroupEgress: z.array(z.strictObject(rule)).optional(),
        VpcId: text,
      },
      'sg',
      ['GroupId'],
    ),
    'AWS::EC2::SecurityGroupIngress': named(
      { ...rule, GroupId: text, SourceSecurityGroupId: text },
      'sgr',
    ),
    'AWS::EC2::SecurityGroupEgress': named(
      { ...rule, GroupId: text, DestinationSecurityGroupId: text },
      'sgr',
    ),
  };
}
