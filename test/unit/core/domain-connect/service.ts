import type { DomainConnectService } from '#shared/core/domain-connect/service.ts';

export const service: DomainConnectService = {
  providerId: 'example.net',
  providerName: 'Example',
  serviceId: 'sender-domains',
  serviceName: 'Sender domains',
  dashboard: 'app.example.net',
};
