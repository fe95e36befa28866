/** The compiler that the kernel uses: tslab's fork of TypeScript 5.0. */
import type * as TypeScript from '@tslab/typescript-for-tslab';

/** The compiler as a value: it is loaded from tslab's folder at run time. */
export type Ts = typeof TypeScript;
export type { TypeScript };
