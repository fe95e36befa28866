/**
 * Joins stream text that comes in quick succession: thousands of console.log() calls become a few
 * messages. Jupyter's server drops output beyond 1,000 messages a second.
 */
import type { StreamText } from './thread-protocol';

export interface StreamBatchOptions {
  /** How long text may wait for more, in milliseconds. */
  readonly delay: number;
  /** A batch of this many characters is sent at once. */
  readonly maxLength: number;
  readonly send: (batch: StreamText) => void;
}

export class StreamBatch {
  private readonly options: StreamBatchOptions;
  private pieces: string[] = [];
  private length = 0;
  private first: StreamText | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: StreamBatchOptions) {
    this.options = options;
  }

  /** Adds text; what waits for another stream or another cell is sent first. */
  add(piece: StreamText): void {
    const { first } = this;
    if (first && (first.name !== piece.name || first.parent.msg_id !== piece.parent.msg_id)) {
      this.flush();
    }
    this.first ??= piece;
    this.pieces.push(piece.text);
    this.length += piece.text.length;
    if (this.length >= this.options.maxLength) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.options.delay);
  }

  /** Sends what waits; to be called before any message that must come after it. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.first) return;
    const batch = { ...this.first, text: this.pieces.join('') };
    this.pieces = [];
    this.length = 0;
    this.first = undefined;
    this.options.send(batch);
  }
}
