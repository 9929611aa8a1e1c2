import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RotationRateLimiter } from '#shared/app/ports/rotation-rate-limiter.ts';
import { dynamoTimeSlots } from './time-slots.ts';

/** The rate in the table `rotations`. */
export const dynamoRotationRateLimiter = (
  client: DynamoDBDocumentClient,
  table: string,
): RotationRateLimiter =>
  dynamoTimeSlots(client, {
    table,
    key: { pk: 'pace', sk: 'pace' },
    what: 'the pace of the rotation',
  });
