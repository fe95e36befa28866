/** What a training tells while it runs. Every event carries the agent step after which it happened. */
import type { Evaluation } from './evaluate';

export interface StepEvent {
  readonly type: 'step';
  readonly agentStep: number;
  readonly episode: number;
  readonly action: number;
  /** The environment's, not clipped. */
  readonly reward: number;
  /** The probability of a random action that held for this step. */
  readonly epsilon: number;
  readonly terminated: boolean;
  /** By the environment or by the config's `maxEpisodeSteps`. */
  readonly truncated: boolean;
  /** What the action led to; owned by the environment: copy to keep. */
  readonly observation: Uint8Array;
}

export interface UpdateEvent {
  readonly type: 'update';
  readonly agentStep: number;
  /** Gradient steps done. */
  readonly update: number;
  /** Mean loss of the batch. */
  readonly loss: number;
  /** Mean of Q(s, a) over the batch. */
  readonly meanQ: number;
}

export interface EpisodeEvent {
  readonly type: 'episode';
  readonly agentStep: number;
  /** Episodes done. */
  readonly episode: number;
  /** Sum of the environment's rewards, not clipped. */
  readonly return: number;
  /** Agent steps. */
  readonly length: number;
  /** Mean return of the config's `solvedEpisodes` last episodes, or of all while there are fewer. */
  readonly meanReturn: number;
  readonly epsilon: number;
}

/** The mean return has exceeded the config's `solvedReturn`; the training ends. */
export interface SolvedEvent {
  readonly type: 'solved';
  readonly agentStep: number;
  readonly episode: number;
  readonly meanReturn: number;
}

/** Comes after the first step that ends 50 ms or more after the last one, and at the end. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly agentStep: number;
  readonly totalSteps: number;
  /** Over the last ten seconds; 0 while nothing is known. */
  readonly stepsPerSecond: number;
  /** At that speed; Infinity while nothing is known. */
  readonly secondsLeft: number;
}

export interface EvaluationEvent {
  readonly type: 'evaluation';
  readonly agentStep: number;
  readonly evaluation: Evaluation;
}

export type TrainEvent =
  | StepEvent
  | UpdateEvent
  | EpisodeEvent
  | SolvedEvent
  | ProgressEvent
  | EvaluationEvent;
