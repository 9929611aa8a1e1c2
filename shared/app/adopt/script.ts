import type { Adoption } from './plan-adoption.ts';
import type { Template } from './template.ts';

/** The files that an adoption needs, by name: the templates and lists of imports, and the script. */
export function filesOf(adoption: Adoption, region: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { stack, template, resources } of adoption.imports) {
    files[`${stack}.template.json`] = JSON.stringify(template);
    files[`${stack}.resources.json`] = `${JSON.stringify(resources, undefined, 2)}\n`;
  }
  for (const [stack, batches] of batchesOf(adoption)) {
    for (const [zoneId, batch] of batches) {
      files[`${stack}.${zoneId}.json`] = `${JSON.stringify(batch, undefined, 2)}\n`;
    }
  }
  files['adopt.sh'] = scriptOf(adoption, region);
  return files;
}

/** Octets of a template that CloudFormation takes in a call; a larger one has to be in a bucket. */
const INLINE_LIMIT = 51_200;

/** The bucket that `cdk bootstrap` made. */
const BOOTSTRAP_BUCKET =
  'cdk-hnb659fds-assets-$(aws sts get-caller-identity --query Account --output text)-$AWS_REGION';

interface Batch {
  readonly Changes: { readonly Action: 'DELETE'; readonly ResourceRecordSet: object }[];
}

/** By stack, then by zone. */
function batchesOf({ recordSets }: Adoption): ReadonlyMap<string, ReadonlyMap<string, Batch>> {
  const stacks = new Map<string, Map<string, Batch>>();
  for (const { stack, zoneId, recordSet } of recordSets) {
    const zones = stacks.get(stack) ?? new Map<string, Batch>();
    const batch = zones.get(zoneId) ?? { Changes: [] };
    batch.Changes.push({ Action: 'DELETE', ResourceRecordSet: recordSet });
    stacks.set(stack, zones.set(zoneId, batch));
  }
  return stacks;
}

const isLarge = (template: Template): boolean =>
  Buffer.byteLength(JSON.stringify(template)) > INLINE_LIMIT;

function scriptOf(adoption: Adoption, region: string): string {
  const imports = adoption.imports.flatMap(({ stack, template, resources }) => [
    `# ${stack}: ${resources.length} resources`,
    ...(isLarge(template)
      ? [
          `bucket=${BOOTSTRAP_BUCKET}`,
          `aws s3 cp "$here/${stack}.template.json" "s3://$bucket/${stack}.import.json"`,
        ]
      : []),
    `aws cloudformation create-change-set --stack-name ${stack} --change-set-name adopt --change-set-type IMPORT ${
      isLarge(template)
        ? `--template-url "https://$bucket.s3.$AWS_REGION.amazonaws.com/${stack}.import.json"`
        : `--template-body "file://$here/${stack}.template.json"`
    } --resources-to-import "file://$here/${stack}.resources.json"`,
    `aws cloudformation wait change-set-create-complete --stack-name ${stack} --change-set-name adopt`,
    `aws cloudformation execute-change-set --stack-name ${stack} --change-set-name adopt`,
    `aws cloudformation wait stack-import-complete --stack-name ${stack}`,
    '',
  ]);
  const deployments = [...batchesOf(adoption)].flatMap(([stack, zones]) => [
    `# CloudFormation imports no records: those of ${stack} go, and its deployment makes them again at once.`,
    ...[...zones.keys()].map(
      (zoneId) =>
        `aws route53 change-resource-record-sets --hosted-zone-id ${zoneId} --change-batch "file://$here/${stack}.${zoneId}.json"`,
    ),
    `npx cdk deploy ${stack} --require-approval never`,
    '',
  ]);
  return [
    '#!/bin/sh',
    '# Run it in the folder of sender-domains, once. It stops at the first failure.',
    'set -eu',
    'here=$(cd "$(dirname "$0")" && pwd)',
    `export AWS_REGION=${region}`,
    '',
    ...imports,
    ...deployments,
    'npx cdk deploy --all',
    '',
  ].join('\n');
}
