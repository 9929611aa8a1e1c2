import type { ImportId } from '#shared/core/model/import.ts';
import type { Label, PlatformId } from '#shared/core/model/names.ts';

/** An import to be worked on. */
export interface ImportRequest {
  readonly platform: PlatformId;
  readonly id: ImportId;
  /** Claims that it made and that SES has not given a value yet; absent: none. */
  readonly waiting?: readonly Label[];
}
