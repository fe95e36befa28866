/** The public face of the package `breakout-dqn`: what its notebooks import, then more of the library. */

// biome-ignore-all assist/source/organizeImports: two blocks, sorted each
// what the notebooks import
export { assemble, assembleRom } from './atari/assembler';
export { createCartridge } from './atari/cartridge';
export { Console } from './atari/console';
export { PALETTE_RGB, paletteToRgb } from './atari/palette';
export { REGISTERS } from './atari/registers';
export { getTranslator } from './atari/translator';
export { createAle } from './conformance/check-raw';
export { FIXTURES, readFixture } from './conformance/fixture';
export {
  loopDiagram,
  networkDiagram,
  rewardDiagram,
  transitionDiagram,
  twoNetworksDiagram,
} from './display/course-diagrams';
export { compareCurves, epsilonCurve, learningCurve, lossCurve } from './display/curves';
export type { Line } from './display/figure';
export { lineFigure } from './display/figure';
export { interruptSignal } from './display/interrupt';
export { LiveFigure, LivePicture } from './display/live';
export type { Picture } from './display/picture';
export { unstack } from './display/picture';
export { LiveProgress } from './display/progress';
export { showDiagram, showFigure, showGif, showPanels } from './display/show';
export { showTable } from './display/table';
export { checkConfig } from './dqn/config/check-config';
export type { DqnConfig, PqnConfig } from './dqn/config/config';
export { createConfig, describeConfig, PRESETS } from './dqn/config/presets';
export { epsilonAt, learningRateAt } from './dqn/config/schedule';
export { argmax } from './dqn/equations/policy';
export { rectification } from './dqn/equations/radam';
export { tdTargets } from './dqn/equations/td-targets';
export { valueHistograms } from './dqn/equations/value-histogram';
export { compileQValues } from './dqn/learner/compile-q-values';
export { createLearner } from './dqn/learner/create-learner';
export type { Learner, LearnerOptions } from './dqn/learner/learner';
export type { QNetworkOptions } from './dqn/learner/q-network';
export { createQNetwork, describeNetwork } from './dqn/learner/q-network';
export { predictQ, trainableVariables } from './dqn/learner/train-step';
export type { Batch } from './dqn/replay/replay';
export { ReplayBuffer } from './dqn/replay/replay-buffer';
export { DqnTraining } from './dqn/training/dqn-training';
export { evaluate } from './dqn/training/evaluate';
export { Adam } from './engine/adam';
export { engineInfo, tf } from './engine/tensorflow';
export { observationTensor } from './engine/upload';
export { copyWeights } from './engine/weights';
export { Breakout, makeBreakout } from './env/breakout';
export type { Env } from './env/env';
export { check } from './notebook/check-cell';
export { keep } from './notebook/keep';
export { findBall, findPaddle } from './play/breakout-memory';
export { Game } from './play/game';
export { Pilot } from './play/pilot';
export { play } from './play/play';
export { remember } from './play/remember';
export { showRun } from './play/run-panel';
export { gradientSaliency, occlusionSaliency } from './play/saliency';
export { showPlay } from './play/show-play';
export { watch } from './play/watch';
export { Mt19937, seedSequence } from './random';
export { compareRuns } from './runs/panel';
export { loadAgent } from './runs/results/agent';
export type { Course } from './runs/results/course';
export { loadCourse } from './runs/results/course';
export { loadEvaluations } from './runs/results/evaluations';
export type { RunEdits } from './runs/run';
export type { StartOptions } from './runs/start';
export { attach, listRuns, startRun } from './runs/start';
export { bootstrapInterval, probabilityOfImprovement } from './statistics';
export { sweep } from './sweep/sweep';

// more of the library: the types of the above, and what programs of your own need
export type { ConsoleView } from './atari/inspect';
export { PALETTE_GRAY, paletteToGray } from './atari/palette';
export type { FixtureSettings } from './conformance/check-raw';
export { Fixture, FixtureError } from './conformance/fixture';
export { encodeFigure } from './display/bundle';
export type { Button, ButtonsOptions } from './display/buttons';
export { Buttons } from './display/buttons';
export type { LayeredModel } from './display/course-diagrams';
export type {
  Band,
  CurveOptions,
  LearningCurveOptions,
  NamedBand,
  RunSeries,
} from './display/curves';
export { arrow, box, bracket, encodeDiagram, image, label } from './display/diagram';
export type { BoxOptions, Diagram, Place } from './display/diagram';
export type { Figure, LineFigureOptions } from './display/figure';
export type { Panel, PanelsOptions, PngImage, PngOptions } from './display/frames';
export { encodePanels, encodePng } from './display/frames';
export type { GifImage, GifOptions } from './display/gif';
export { encodeGif } from './display/gif';
export type { LiveOptions, LivePictureOptions, Source } from './display/live';
export type {
  PlotlyFigure,
  PlotlyLayout,
  PlotlyTrace,
  PlotlyValues,
} from './display/plotly-figure';
export type { LiveProgressOptions } from './display/progress';
export { formatDuration } from './display/progress';
export { saveFigure, saveGif } from './display/save';
export { showHtml, showPicture } from './display/show';
export type { TableRow, TableValue } from './display/table';
export { encodeTable } from './display/table';
export type { SaveCheckpointOptions } from './dqn/checkpoint/checkpoint';
export type { CheckpointInfo } from './dqn/checkpoint/read-checkpoint';
export { loadCheckpoint, saveCheckpoint } from './dqn/checkpoint/checkpoint';
export {
  CheckpointError,
  CheckpointVersionError,
  readCheckpoint,
} from './dqn/checkpoint/read-checkpoint';
export { listCheckpoints } from './dqn/checkpoint/checkpoint-list';
export type { ConfigProblem } from './dqn/config/check-config';
export { ConfigError } from './dqn/config/check-config';
export type {
  ConfigEdits,
  ConfigField,
  ConfigKey,
  ConfigValue,
  TrainingConfig,
} from './dqn/config/config';
export { CONFIG_FIELDS } from './dqn/config/config';
export type { Deviation } from './dqn/config/deviations';
export { listDeviations } from './dqn/config/deviations';
export type { ConfigRow, Preset, PresetName } from './dqn/config/presets';
export type { EpsilonSchedule } from './dqn/config/schedule';
export type { Support, TargetDistributionOptions } from './dqn/equations/categorical';
export {
  categoricalLoss,
  expectedValues,
  projectReturns,
  softmax,
  supportOf,
  targetDistributions,
} from './dqn/equations/categorical';
export type { LambdaReturnOptions } from './dqn/equations/lambda-returns';
export { GOES_ON, lambdaReturns, TERMINATED, TRUNCATED } from './dqn/equations/lambda-returns';
export type { TdLoss, TdLossOptions } from './dqn/equations/loss';
export { tdLoss } from './dqn/equations/loss';
export type { SelectActionOptions } from './dqn/equations/policy';
export { selectAction } from './dqn/equations/policy';
export type { TdTargetOptions } from './dqn/equations/td-targets';
export type { CompiledQValues } from './dqn/learner/compile-q-values';
export type { CreateLearnerOptions } from './dqn/learner/create-learner';
export type { GraphLearnerOptions } from './dqn/learner/graph-learner';
export { GraphLearner } from './dqn/learner/graph-learner';
export type {
  EngineUse,
  LearnerState,
  UpdateResult,
} from './dqn/learner/learner';
export type { NativeLearnerOptions } from './dqn/learner/native-learner';
export { NativeLearner } from './dqn/learner/native-learner';
export { TensorFlowLearner } from './dqn/learner/tensorflow-learner';
export type { TrainStepOptions } from './dqn/learner/train-step';
export { syncTarget, trainStep } from './dqn/learner/train-step';
export type {
  FitBatch,
  Outcome,
  Replay,
  ReplayState,
  SavedHead,
  SavedReplay,
  SpanBatch,
} from './dqn/replay/replay';
export type { ReplayBufferOptions } from './dqn/replay/replay-options';
export type { RolloutOptions, RolloutStep } from './dqn/replay/rollout';
export { Rollout } from './dqn/replay/rollout';
export type { DqnTrainingOptions } from './dqn/training/dqn-training';
export type { EvaluateOptions, Evaluation } from './dqn/training/evaluate';
export type {
  EpisodeEvent,
  EvaluationEvent,
  ProgressEvent,
  SolvedEvent,
  StepEvent,
  TrainEvent,
  UpdateEvent,
} from './dqn/training/events';
export type { PqnTrainingOptions } from './dqn/training/pqn-training';
export { PqnTraining } from './dqn/training/pqn-training';
export type { TrainOptions } from './dqn/training/train';
export { train } from './dqn/training/train';
export type { Training, TrainingState } from './dqn/training/training';
export type { AdamOptions } from './engine/adam';
export type { EngineInfo } from './engine/tensorflow';
export { Ale } from './env/ale';
export type { BreakoutId, ObsType } from './env/atari-env';
export type { BreakoutOptions } from './env/breakout';
export type { PoolOptions } from './env/breakout-pool';
export { BreakoutPool } from './env/breakout-pool';
export type {
  Box,
  DeferredEnv,
  Discrete,
  Info,
  ResetOptions,
  ResetResult,
  StepResult,
} from './env/env';
export { OptionError, ResetNeededError, RomError, SavedStateError } from './env/errors';
export type { VectorOptions, VectorStepResult } from './env/vector';
export { VectorBreakout } from './env/vector';
export type { Case } from './notebook/check-cell';
export type { AutoplayedStep } from './play/autoplay';
export type { Place as ConsolePlace } from './play/breakout-memory';
export { moveBall } from './play/breakout-memory';
export type { GameOptions, Input, PlayedStep } from './play/game';
export type { Playable, PilotOptions } from './play/pilot';
export type { PlayOptions } from './play/play';
export type { Player } from './play/player';
export type { RememberOptions } from './play/remember';
export type { ShowPlayOptions } from './play/show-play';
export { playGif } from './play/show-play';
export type { WatchOptions } from './play/watch';
export { Pcg64 } from './random';
export type { ShowRunOptions } from './runs/panel';
export { RunPanel } from './runs/panel';
export type { ProgramOptions, RunProgram } from './runs/process/prepare';
export { runProcess } from './runs/process/run-process';
export type { RunsFolder } from './runs/record/folder';
export { RunError } from './runs/record/folder';
export type { MetricsRow } from './runs/record/metrics';
export type { RunChange, RunConfig, RunSettings } from './runs/record/run-config';
export type { RunState, RunStatus } from './runs/record/status';
export type { Agent, AgentInfo } from './runs/results/agent';
export { PRETRAINED } from './runs/results/agent';
export type { CourseRow } from './runs/results/course';
export type { EvaluationResult } from './runs/results/evaluations';
export type { Protocol, ProtocolName } from './runs/results/protocols';
export { PROTOCOLS } from './runs/results/protocols';
export { Run } from './runs/run';
export type { BootstrapOptions, Interval, Strata } from './statistics';
export {
  interquartileMean,
  runningDeviation,
  runningMean,
} from './statistics';
export type { SettingResult, SweepResults, TrialResult } from './sweep/results';
export { loadSweep, sweepTable } from './sweep/results';
export type { SweepOptions } from './sweep/spec';
export type { SweepDisplay } from './sweep/sweep';
