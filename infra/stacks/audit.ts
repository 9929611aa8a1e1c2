/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import audit from '../../lambdas/audit/function.ts';
import auditAnchor from '../../lambdas/audit-anchor/function.ts';
import auditSealer from '../../lambdas/audit-sealer/function.ts';
import { addHeads } from '../constructs/audit-bucket.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import type { OnboardingStack } from './onboarding.ts';

export interface AuditStackProps extends StackProps {
  readonly service: Service;
  readonly onboarding: OnboardingStack;
}

/** The audit log: its chains, their heads where nobody can change them, and the route that reads it. */
export class AuditStack extends Stack {
  constructor(scope: Construct, id: string, { service, onboarding, ...props }: AuditStackProps) {
    super(scope, id, props);
    new ServiceFunction(this, 'Sealer', { service, declaration: auditSealer });
    const anchor = new ServiceFunction(this, 'Anchor', {
      service,
      declaration: auditAnchor,
      environment: { AUDIT_BUCKET: service.auditHeads.bucketName },
    });
    addHeads(anchor, service.auditHeads);
    const { api, authorizer } = onboarding;
    const target = new ServiceFunction(this, 'Audit', { service, declaration: audit });
    new Routes(this, 'AuditRoutes', { api, authorizer, target });
  }
}
