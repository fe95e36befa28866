/** This processor computes the numbers that were recorded on another one. */
import { beforeAll, it } from 'vitest';
import { ensureEngines } from '../helpers/native-engine';
import { compute } from './program';
import { expectRecorded } from './recorded';

beforeAll(ensureEngines);

it('computes the recorded Q-values and update, and replays the recording', () => {
  expectRecorded(compute());
});
