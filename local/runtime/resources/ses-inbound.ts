import { createHash } from 'node:crypto';
import * as z from 'zod';
import { boolean, resourceType, type ResourceTypes } from '../../template/resource-type.ts';
import type { Ses } from '../../aws/ses.ts';
import type { Deployment } from '../deployment.ts';

/** SES's receiving side: identities with their DKIM tokens, receipt rule sets and their rules. */
export function sesInboundTypes(
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
  ses: Pick<Ses, 'putActiveRuleSet'>,
): ResourceTypes {
  return {
    'AWS::SES::EmailIdentity': resourceType(
      { EmailIdentity: z.string() },
      ({ properties: { EmailIdentity: domain } }) => {
        const tokens = [1, 2, 3].map((index) => dkimToken(`${account} ${domain} ${index}`));
        const names = tokens.map((token) => `${token}._domainkey.${domain}`);
        const values = tokens.map((token) => `${token}.dkim.amazonses.com`);
        deployment.emailIdentities.set(
          domain,
          names.map((name, index) => ({ name, value: values[index] as string })),
        );
        return {
          ref: domain,
          attributes: Object.fromEntries(
            names.flatMap((name, index) => [
              [`DkimDNSTokenName${index + 1}`, name],
              [`DkimDNSTokenValue${index + 1}`, values[index] as string],
            ]),
          ),
        };
      },
    ),
    'AWS::SES::ReceiptRuleSet': resourceType(
      { RuleSetName: z.string() },
      ({ properties: { RuleSetName: name } }) => {
        // On AWS an operator activates it.
        ses.putActiveRuleSet(name);
        return { ref: name };
      },
    ),
    'AWS::SES::ReceiptRule': resourceType(
      {
        RuleSetName: z.string(),
        Rule: z.strictObject({
          Name: z.string(),
          Enabled: boolean.pipe(z.literal(true)),
          Recipients: z.array(z.string()).min(1),
          Actions: z.tuple([
            z.strictObject({
              S3Action: z.strictObject({
                BucketName: z.string(),
                ObjectKeyPrefix: z.string(),
                TopicArn: z.string(),
              }),
            }),
          ]),
        }),
      },
      ({ properties: { RuleSetName: ruleSet, Rule } }) => {
        const { BucketName, ObjectKeyPrefix, TopicArn } = Rule.Actions[0].S3Action;
        if (!deployment.topics.has(TopicArn)) throw new Error(`there is no topic ${TopicArn}`);
        deployment.receiptRules.push({
          arn: `arn:aws:ses:${region}:${account}:receipt-rule-set/${ruleSet}:receipt-rule/${Rule.Name}`,
          recipients: Rule.Recipients,
          bucket: BucketName,
          prefix: ObjectKeyPrefix,
          topicArn: TopicArn,
        });
        return { ref: Rule.Name };
      },
    ),
  };
}

/** A token as SES makes them: 32 characters, the same at every start. */
const dkimToken = (seed: string): string =>
  BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`)
    .toString(36)
    .slice(0, 32);
