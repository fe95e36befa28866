/** Chooses the engine that learns. */
import { findObstacle, GRAPH_ENGINE, NATIVE_ENGINE } from '../../engine/compiled';
import { type EngineInfo, engineInfo, type tf } from '../../engine/tensorflow';
import { buildNetwork } from './compiled-learner';
import { GraphLearner } from './graph-learner';
import type { Learner } from './learner';
import { NativeLearner, type NativeLearnerOptions } from './native-learner';
import { measureStep } from './step-time';
import { TensorFlowLearner } from './tensorflow-learner';

/** What there is to compute with. */
export interface Machine {
  readonly info: EngineInfo;
  /** Why an engine cannot be used, or undefined when it can. */
  readonly obstacles: Readonly<Record<'native' | 'graph', () => string | undefined>>;
  /** In milliseconds. */
  readonly clock: () => number;
}

export interface CreateLearnerOptions extends Omit<NativeLearnerOptions, 'network'> {
  /** Default: what is found here. */
  readonly machine?: Machine;
}

/**
 * A learner in the engine that `config.engine` names. With "auto" that is the native engine, where there
 * is a GPU the faster of it and the graph engine, measured for some seconds, and TensorFlow.js for a network
 * that neither can compile. The learner's `engine` says which one it is, and why; that the native engine
 * cannot be used here is a warning there, and one of the process.
 * @throws Error when the config insists on a compiled engine and that cannot be.
 */
export function createLearner(options: CreateLearnerOptions): Learner {
  const { machine = findMachine(), ...rest } = options;
  const { info, obstacles } = machine;
  const { engine } = rest.config;
  const inTensorFlow = (
    reason: string,
    more: { qNetwork?: tf.LayersModel; warning?: string } = {},
  ) => new TensorFlowLearner({ ...rest, ...more, info, because: asClause(reason) });
  if (engine === 'tensorflow') return inTensorFlow('the config names it');
  if (engine === 'graph') {
    const obstacle = obstacles.graph();
    if (obstacle !== undefined) throw new Error(obstacle);
    return new GraphLearner({ ...rest, info, because: 'the config names it' });
  }
  const obstacle = obstacles.native();
  if (engine === 'native' && obstacle !== undefined) throw new Error(obstacle);
  const network = buildNetwork(rest);
  const { model, description } = network;
  if (engine === 'native') return new NativeLearner({ ...rest, network });
  if (!description.supported) return inTensorFlow(description.reason, { qNetwork: model });
  if (info.device === 'GPU' && obstacles.graph() === undefined) {
    model.dispose();
    return fasterOf(rest, machine);
  }
  if (obstacle !== undefined) {
    const warning = `Training is several times slower than it can be: ${obstacle}`;
    process.emitWarning(warning);
    return inTensorFlow(obstacle, { qNetwork: model, warning });
  }
  return new NativeLearner({ ...rest, network });
}

/** The graph engine, or the native one where it takes less time for an agent step of this config. */
function fasterOf(given: NativeLearnerOptions, { info, obstacles, clock }: Machine): Learner {
  const options = { ...given, info };
  const timed = (learner: Learner) => {
    const time = measureStep({ learner, ...options, clock });
    learner.dispose();
    return time;
  };
  const obstacle = obstacles.native();
  if (obstacle !== undefined) return new GraphLearner({ ...options, because: asClause(obstacle) });
  const [native, graph] = [timed(new NativeLearner(options)), timed(new GraphLearner(options))];
  const text = (ms: number) => `${ms.toPrecision(3)} ms`;
  const figures = `an agent step takes ${text(graph)} there and ${text(native)} in the native engine`;
  if (graph < native) return new GraphLearner({ ...options, because: figures });
  const because = `an agent step takes ${text(native)} here and ${text(graph)} on the GPU`;
  return new NativeLearner({ ...options, because });
}

function findMachine(): Machine {
  return {
    info: engineInfo(),
    obstacles: {
      native: () => findObstacle(NATIVE_ENGINE),
      graph: () => findObstacle(GRAPH_ENGINE),
    },
    clock: () => performance.now(),
  };
}

/** A sentence as the end of another one. */
function asClause(sentence: string): string {
  return sentence.replace(/^The /, 'the ').replace(/\.$/, '');
}
