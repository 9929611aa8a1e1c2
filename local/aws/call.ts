/** One thing that a request does, as IAM sees it. */
export interface AwsCall {
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** An ARN, or `*` for actions that are about no resource. */
  readonly resource: string;
  /** Condition keys of the service with their values. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** The parts that ARNs are made of. */
export interface CallResources {
  readonly region: string;
  readonly accountId: string;
  /** The ARN of the key that a KMS request is about. */
  readonly kmsKeyArn: (reference: {
    readonly keyId?: string | undefined;
    readonly ciphertext?: Buffer | undefined;
  }) => string | undefined;
}
