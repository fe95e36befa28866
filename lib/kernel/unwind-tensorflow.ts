/** Ends the calls of TensorFlow.js in whose middle code was broken: its own `finally` did not run. */

/** What of its engine is counted up and down around each call. */
interface Engine {
  readonly state: {
    kernelDepth: number;
    gradientDepth: number;
    activeTape: readonly { readonly saved?: readonly { dispose(): void }[] }[] | null;
    numDataMovesStack: number[];
    readonly scopeStack: unknown[];
  };
  endScope(): void;
}

/** To be called between two turns of the event loop: no call of it lasts longer than one. */
export function unwindTensorFlow(): void {
  const { _tfengine: engine } = globalThis as { _tfengine?: Engine };
  if (!engine?.state) return;
  const { state } = engine;
  // No scope disposes of what a tape keeps for its gradients.
  for (const { saved = [] } of state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
  // Inside of a kernel no gradient is noted; without a tape no scope keeps what it would need.
  Object.assign(state, { kernelDepth: 0, gradientDepth: 0, activeTape: null });
  state.numDataMovesStack = [];
  while (state.scopeStack.length > 0) engine.endScope();
}
