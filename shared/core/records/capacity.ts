import { hosted } from './kinds/index.ts';

/** Route 53's quota of records a hosted zone. */
const RECORDS_PER_ZONE = 10_000;
/** The most record sets that one claim may come to have. */
const RECORDS_PER_CLAIM = Object.values(hosted).reduce((sum, { most }) => sum + most, 0);
export const CLAIMS_PER_SHARD = Math.floor(RECORDS_PER_ZONE / RECORDS_PER_CLAIM);
