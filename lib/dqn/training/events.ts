/** The events of a training. Each carries the agent step after which it happened. */
import type { Evaluation } from './evaluate';

export interface StepEvent {
  readonly type: 'step';
  readonly agentStep: number;
  /** Which of the training's games, from 0; always 0 for DQN, which plays one. */
  readonly game: number;
  readonly episode: number;
  readonly action: number;
  /** The environment's reward, not clipped. */
  readonly reward: number;
  /** The probability of a random action at this step. */
  readonly epsilon: number;
  readonly terminated: boolean;
  /** Whether the environment or the config's `maxEpisodeSteps` cut the episode off. */
  readonly truncated: boolean;
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
  /** Mean return of the last `solvedEpisodes` (config) episodes, or of all while there are fewer. */
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

/** Yielded after the first step that ends 50 ms or more after the last progress event, and at the end. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly agentStep: number;
  readonly totalSteps: number;
  /** Mean of the last ten seconds; 0 while unknown. */
  readonly stepsPerSecond: number;
  /** Seconds to go at that speed; Infinity while unknown. */
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
