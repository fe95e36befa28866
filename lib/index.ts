/** All that notebooks import, by the package's own name: `import { ... } from 'breakout-dqn'`. */

// atari: the console's chips and colours
export type { ConsoleView } from './atari/inspect';
export { PALETTE_GRAY, PALETTE_RGB } from './atari/palette';
// conformance: recordings of ale-py
export type { FixtureSettings } from './conformance/check-raw';
export { createAle } from './conformance/check-raw';
export { FIXTURES, Fixture, FixtureError, readFixture } from './conformance/fixture';
// display: pictures, animations, curves, live outputs
export { encodeFigure } from './display/bundle';
export type { Button, ButtonsOptions } from './display/buttons';
export { Buttons } from './display/buttons';
export type { CurveOptions, LearningCurveOptions, RunSeries } from './display/curves';
export {
  epsilonCurve,
  learningCurve,
  lossCurve,
  runningDeviation,
  runningMean,
} from './display/curves';
export type { Figure, Line, LineFigureOptions } from './display/figure';
export { lineFigure } from './display/figure';
export type { Panel, PanelsOptions, PngImage, PngOptions } from './display/frames';
export { encodePanels, encodePng } from './display/frames';
export type { GifImage, GifOptions } from './display/gif';
export { encodeGif } from './display/gif';
export { interruptSignal } from './display/interrupt';
export type { LiveOptions, LivePictureOptions, Source } from './display/live';
export { LiveFigure, LivePicture } from './display/live';
export type { Picture } from './display/picture';
export { unstack } from './display/picture';
export type { LiveProgressOptions } from './display/progress';
export { formatDuration, LiveProgress } from './display/progress';
export { showFigure, showGif, showPanels, showPicture } from './display/show';
export type { TableRow, TableValue } from './display/table';
export { encodeTable, showTable } from './display/table';
export type { CheckpointInfo, SaveCheckpointOptions } from './dqn/checkpoint/checkpoint';
export {
  CheckpointError,
  CheckpointVersionError,
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
} from './dqn/checkpoint/checkpoint';
export { listCheckpoints } from './dqn/checkpoint/checkpoint-list';
export type { ConfigProblem } from './dqn/config/check-config';
export { ConfigError, checkConfig } from './dqn/config/check-config';
export type {
  ConfigEdits,
  ConfigField,
  ConfigKey,
  ConfigValue,
  DqnConfig,
  PqnConfig,
  TrainingConfig,
} from './dqn/config/config';
export { CONFIG_FIELDS } from './dqn/config/config';
export type { Deviation } from './dqn/config/deviations';
export { listDeviations } from './dqn/config/deviations';
export type { ConfigRow, Preset, PresetName } from './dqn/config/presets';
export { createConfig, describeConfig, PRESETS } from './dqn/config/presets';
export type { EpsilonSchedule } from './dqn/config/schedule';
export { epsilonAt } from './dqn/config/schedule';
export type { Support, TargetDistributionOptions } from './dqn/equations/categorical';
export {
  categoricalLoss,
  expectedValues,
  projectReturns,
  softmax,
  supportOf,
  targetDistributions,
} from './dqn/equations/categorical';
export type { TdLoss, TdLossOptions } from './dqn/equations/loss';
export { tdLoss } from './dqn/equations/loss';
export type { SelectActionOptions } from './dqn/equations/policy';
export { argmax, selectAction } from './dqn/equations/policy';
export type { TdTargetOptions } from './dqn/equations/td-targets';
export { tdTargets } from './dqn/equations/td-targets';
export type { CompiledQValues } from './dqn/learner/compile-q-values';
export { compileQValues } from './dqn/learner/compile-q-values';
export { createLearner } from './dqn/learner/create-learner';
export type {
  EngineUse,
  Learner,
  LearnerOptions,
  LearnerState,
  UpdateResult,
} from './dqn/learner/learner';
export type { NativeLearnerOptions } from './dqn/learner/native-learner';
export { NativeLearner, UnsupportedNetworkError } from './dqn/learner/native-learner';
export type { QNetworkOptions } from './dqn/learner/q-network';
export { createQNetwork, describeNetwork } from './dqn/learner/q-network';
export { TensorFlowLearner } from './dqn/learner/tensorflow-learner';
// dqn: config, network, memory, equations, training
export type { TrainStepOptions } from './dqn/learner/train-step';
export { predictQ, syncTarget, trainableVariables, trainStep } from './dqn/learner/train-step';
export type {
  Batch,
  Outcome,
  Replay,
  ReplayState,
  SavedHead,
  SavedReplay,
  SpanBatch,
} from './dqn/replay/replay';
export { ReplayBuffer } from './dqn/replay/replay-buffer';
export type { ReplayBufferOptions } from './dqn/replay/replay-options';
export type { DqnTrainingOptions } from './dqn/training/dqn-training';
export { DqnTraining } from './dqn/training/dqn-training';
export type { EvaluateOptions, Evaluation } from './dqn/training/evaluate';
export { evaluate } from './dqn/training/evaluate';
export type {
  EpisodeEvent,
  EvaluationEvent,
  ProgressEvent,
  SolvedEvent,
  StepEvent,
  TrainEvent,
  UpdateEvent,
} from './dqn/training/events';
export type { TrainOptions } from './dqn/training/train';
export { train } from './dqn/training/train';
// engine: TensorFlow.js
export type { AdamOptions } from './engine/adam';
export { Adam } from './engine/adam';
export type { EngineInfo } from './engine/tensorflow';
export { engineInfo, tf } from './engine/tensorflow';
export { observationTensor } from './engine/upload';
export { copyWeights } from './engine/weights';
// env: Breakout as Gymnasium has it
export { Ale } from './env/ale';
export type { BreakoutId, ObsType } from './env/atari-env';
export { toGray, toRgb } from './env/atari-env';
export type { BreakoutOptions } from './env/breakout';
export { Breakout, makeBreakout } from './env/breakout';
export type { Box, Discrete, Env, Info, ResetOptions, ResetResult, StepResult } from './env/env';
export { OptionError, ResetNeededError, RomError, SavedStateError } from './env/errors';
export type { VectorOptions, VectorStepResult } from './env/vector';
export { VectorBreakout } from './env/vector';
// notebook: what cells need to be run twice
export { keep } from './notebook/keep';
// random
export { Mt19937, Pcg64, seedSequence } from './random';
export type { ShowRunOptions } from './runs/panel';
export { compareRuns, RunPanel, showRun } from './runs/panel';
export type { ProgramOptions, RunProgram } from './runs/process/run-process';
export { runProcess } from './runs/process/run-process';
export type { RunsFolder } from './runs/record/folder';
export { RunError } from './runs/record/folder';
export type { MetricsRow } from './runs/record/metrics';
export type { RunChange, RunConfig, RunSettings } from './runs/record/run-config';
export type { RunState, RunStatus } from './runs/record/status';
// runs: trainings in processes of their own
export type { Agent, AgentInfo } from './runs/results/agent';
export { loadAgent, PRETRAINED } from './runs/results/agent';
export type { Course, CourseRow } from './runs/results/course';
export { loadCourse } from './runs/results/course';
export type { EvaluationResult } from './runs/results/evaluations';
export { loadEvaluations } from './runs/results/evaluations';
export type { RunEdits } from './runs/run';
export { Run } from './runs/run';
export type { StartOptions } from './runs/start';
export { attach, listRuns, startRun } from './runs/start';
