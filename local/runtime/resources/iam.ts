import * as z from 'zod';
import { parsePolicy } from '../../aws/iam.ts';
import { resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';
import type { Deployment, Role } from '../deployment.ts';
import { parseTrustPolicy } from '../policies.ts';

const document = z.record(z.string(), z.unknown());

/** IAM's roles and their policies, which the gateway holds every call against. */
export function iamTypes(account: string, deployment: Deployment): ResourceTypes {
  const byName = new Map<string, Role>();
  return {
    'AWS::IAM::Role': resourceType(
      {
        RoleName: z.string().optional(),
        Description: z.string().optional(),
        AssumeRolePolicyDocument: document,
        Policies: z
          .array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document }))
          .default([]),
        Tags: tags,
      },
      ({ properties, generatedName }) => {
        const name = properties.RoleName ?? generatedName();
        const role: Role = {
          name,
          arn: `arn:aws:iam::${account}:role/${name}`,
          trusts: parseTrustPolicy(properties.AssumeRolePolicyDocument),
          policies: properties.Policies.map(({ PolicyDocument }) =>
            parsePolicy(PolicyDocument, 'identity'),
          ),
        };
        byName.set(name, role);
        deployment.roles.set(role.arn, role);
        return { ref: name, attributes: { Arn: role.arn } };
      },
    ),
    'AWS::IAM::Policy': resourceType(
      { PolicyName: z.string(), PolicyDocument: document, Roles: z.array(z.string()).min(1) },
      ({ properties: { PolicyName, PolicyDocument, Roles } }) => {
        const policy = parsePolicy(PolicyDocument, 'identity');
        for (const name of Roles) {
          const role = byName.get(name);
          if (role === undefined) throw new Error(`there is no role ${name}`);
          role.policies.push(policy);
        }
        return { ref: PolicyName };
      },
    ),
  };
}
