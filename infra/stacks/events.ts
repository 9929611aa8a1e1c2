/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import eventPublisher from '../../lambdas/event-publisher/function.ts';
import eventLog from '../../lambdas/event-log/function.ts';
import webhookSettings from '../../lambdas/webhook-settings/function.ts';
import webhooks from '../../lambdas/webhooks/function.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import type { OnboardingStack } from './onboarding.ts';

export interface EventsStackProps extends StackProps {
  readonly service: Service;
  readonly onboarding: OnboardingStack;
}

/** Publishes domains' events on the bus, and delivers them to tenants' own endpoints. */
export class EventsStack extends Stack {
  constructor(scope: Construct, id: string, { service, onboarding, ...props }: EventsStackProps) {
    super(scope, id, props);
    const { api, authorizer } = onboarding;
    new ServiceFunction(this, 'Announcer', { service, declaration: eventPublisher });
    new ServiceFunction(this, 'Webhooks', { service, declaration: webhooks });
    new ServiceFunction(this, 'Historian', { service, declaration: eventLog });
    const settings = new ServiceFunction(this, 'WebhookSettings', {
      service,
      declaration: webhookSettings,
    });
    new Routes(this, 'WebhookRoutes', {
      api,
      authorizer,
      target: settings,
    });
  }
}
