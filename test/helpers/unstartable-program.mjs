/** The program of a run that notes its threads in the file TEST_LOG and cannot start. */
import { appendFileSync } from 'node:fs';

const { BREAKOUT_THREADS, TEST_LOG = '' } = process.env;
appendFileSync(TEST_LOG, `${BREAKOUT_THREADS},`);
process.send?.({ error: 'no memory' });
