import { kernel } from '../kernel/instance.ts';
import type { BodyCanonicalization } from './block.ts';
import { RelaxedBody } from './relaxed.ts';
import { KernelRelaxedBody } from './relaxed-kernel.ts';
import { SimpleBody } from './simple.ts';

/** The names of the canonicalizations (RFC 6376 §3.4), for the header and for the body. */
export type Canonicalization = 'relaxed' | 'simple';

/** The fastest canonicalization of that name for one body. */
export function bodyCanonicalization(
  name: Canonicalization,
  simd = kernel(),
): BodyCanonicalization {
  if (name === 'simple') return new SimpleBody();
  return simd === null ? new RelaxedBody() : new KernelRelaxedBody(simd);
}
