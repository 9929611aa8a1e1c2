import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { KeySettings, Kms } from '../../aws/kms.ts';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';
import { parseResourcePolicy } from '../policies.ts';

/** KMS's keys and their aliases. */
export function kmsTypes(kms: Kms, deployment: Deployment): ResourceTypes {
  const keys = new Map<string, KeySettings>();
  return {
    'AWS::KMS::Key': resourceType(
      {
        Description: z.string().default(''),
        KeyPolicy: z.record(z.string(), z.unknown()),
        EnableKeyRotation: accepted('rotation keeps the old material, so nothing would change'),
        PendingWindowInDays: accepted('nothing is deleted here'),
        Tags: tags,
      },
      ({ stack, logicalId, properties }) => {
        const settings = {
          keyId: uuidOf(`${stack.name}/${logicalId}`),
          description: properties.Description,
          policy: properties.KeyPolicy,
        };
        const arn = kms.putKey(settings);
        keys.set(arn, settings);
        deployment.resourcePolicies.set(arn, parseResourcePolicy(properties.KeyPolicy).callers);
        return { ref: settings.keyId, attributes: { Arn: arn, KeyId: settings.keyId } };
      },
    ),
    'AWS::KMS::Alias': resourceType(
      { AliasName: z.string(), TargetKeyId: z.string() },
      ({ properties: { AliasName, TargetKeyId } }) => {
        const settings = keys.get(kms.keyArnOf({ keyId: TargetKeyId }) ?? '');
        if (settings === undefined) throw new Error(`there is no key ${TargetKeyId}`);
        kms.putKey({ ...settings, aliases: [AliasName] });
        return { ref: AliasName };
      },
    ),
  };
}

/** A UUID that is the same at every start. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
