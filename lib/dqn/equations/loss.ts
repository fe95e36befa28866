/** The loss between Q(s, a) and its TD target, and its gradient, as plain arithmetic. */

export interface TdLossOptions {
  /** [batch * actions] of the trained network. */
  readonly q: Float32Array;
  /** [batch] */
  readonly actions: ArrayLike<number>;
  /** [batch] */
  readonly targets: ArrayLike<number>;
  readonly loss: 'huber' | 'mse';
}

export interface TdLoss {
  /** Mean over the batch. */
  readonly loss: number;
  /** Mean of Q(s, a) over the batch. */
  readonly meanQ: number;
  /** [batch * actions], d loss / d Q: zero but for the actions taken. */
  readonly gradient: Float32Array;
}

/**
 * With the TD error delta = Q(s, a) - y of each transition, the mean over the batch of
 *
 * mse:   delta^2                                               slope 2 delta,
 * huber: delta^2 / 2 within -1 ... 1, |delta| - 1/2 beyond     slope delta, clipped to -1 ... 1.
 */
export function tdLoss({ q, actions, targets, loss }: TdLossOptions): TdLoss {
  const batch = actions.length;
  const row = q.length / batch;
  const gradient = new Float32Array(q.length);
  let total = 0;
  let totalQ = 0;
  for (let i = 0; i < batch; i++) {
    const taken = i * row + actions[i]!;
    const delta = q[taken]! - targets[i]!;
    if (loss === 'mse') {
      total += delta * delta;
      gradient[taken] = (2 * delta) / batch;
    } else {
      const size = Math.abs(delta);
      total += size <= 1 ? (delta * delta) / 2 : size - 0.5;
      gradient[taken] = Math.max(-1, Math.min(1, delta)) / batch;
    }
    totalQ += q[taken]!;
  }
  return { loss: total / batch, meanQ: totalQ / batch, gradient };
}

/** @throws Error when a loss is NaN or infinite: a step along its gradient would spoil all weights. */
export function checkLoss(loss: number): void {
  if (Number.isFinite(loss)) return;
  throw new Error(
    `the loss must be finite, got ${loss}: go on from the last checkpoint with a lower learningRate, ` +
      'or start a new training with a clipNorm',
  );
}
