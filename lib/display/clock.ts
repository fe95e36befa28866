/** Time as displays need it; tests pass one that they turn by hand. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls back once; returns what cancels the call. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's monotonic clock. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
