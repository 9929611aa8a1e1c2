import * as z from 'zod';
import type { Acm } from '../../aws/acm.ts';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';

/** ACM's certificates: issued at once, by nobody that a client trusts. */
export const certificateTypes = (acm: Acm): ResourceTypes => ({
  'AWS::CertificateManager::Certificate': resourceType(
    {
      CertificateExport: z.literal('ENABLED').optional(),
      DomainName: z.string(),
      DomainValidationOptions: accepted('a certificate is issued here without proof'),
      Tags: tags,
      ValidationMethod: z.literal('DNS'),
    },
    ({ properties }) => ({
      ref: acm.putCertificate(properties.DomainName, properties.CertificateExport === 'ENABLED'),
    }),
  ),
});
