import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { KeySettings, Kms } from '../../aws/kms.ts';
import { SIGNING_KEY_SPECS } from '../../aws/kms-signing.ts';
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
        KeySpec: z.enum(['SYMMETRIC_DEFAULT', ...SIGNING_KEY_SPECS]).default('SYMMETRIC_DEFAULT'),
        KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY']).default('ENCRYPT_DECRYPT'),
        EnableKeyRotation: accepted('rotation keeps the old material, so nothing would change'),
        PendingWindowInDays: accepted('nothing is deleted here'),
        Tags: tags,
      },
      ({ stack, logicalId, properties }) => {
        const { KeySpec: spec, KeyUsage: usage } = properties;
        if ((spec === 'SYMMETRIC_DEFAULT') !== (usage === 'ENCRYPT_DECRYPT')) {
          throw new Error(`the local run has no ${spec} key for ${usage}`);
        }
        const settings = {
          keyId: uuidOf(`${stack.name}/${logicalId}`),
          description: properties.Description,
          policy: properties.KeyPolicy,
          ...(spec === 'SYMMETRIC_DEFAULT' ? {} : { signing: spec }),
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
