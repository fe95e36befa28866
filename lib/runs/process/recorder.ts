/** Takes pictures and animations of the play in progress. */
import { encodePng, type PngImage } from '../../display/frames';
import { encodeGif, type GifImage } from '../../display/gif';
import type { Picture } from '../../display/picture';

/** Most pictures in an animation; each takes 0.1 MB of memory until it is encoded. */
const MAX_STEPS = 1000;

interface Recording {
  readonly steps: number;
  readonly pictures: Picture[];
  readonly resolve: (pictures: Picture[]) => void;
  readonly reject: (error: Error) => void;
}

/** Takes one picture, or one after each of the next agent steps of a game. */
export class Recorder {
  private readonly picture: (() => Picture) | undefined;
  private recordings: Recording[] = [];

  /** @param picture returns a copy of the current picture; undefined when there is nothing to see */
  constructor(picture: (() => Picture) | undefined) {
    this.picture = picture;
  }

  takePicture(): Promise<PngImage> {
    return encodePng(this.source()());
  }

  /** An animation of the next agent steps. @throws RangeError when `steps` is not 1 to 1000. */
  async takeGif(steps: number): Promise<GifImage> {
    this.source();
    if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
      throw new RangeError(`steps must be a whole number from 1 to ${MAX_STEPS}, got ${steps}`);
    }
    const pictures = await new Promise<Picture[]>((resolve, reject) => {
      this.recordings.push({ steps, pictures: [], resolve, reject });
    });
    return encodeGif(pictures);
  }

  /** Call it after each agent step of the game that is shown. */
  step(): void {
    if (this.recordings.length === 0 || this.picture === undefined) return;
    const picture = this.picture();
    for (const recording of this.recordings) recording.pictures.push(picture);
    const isDone = ({ pictures, steps }: Recording) => pictures.length >= steps;
    for (const { pictures, resolve } of this.recordings.filter(isDone)) resolve(pictures);
    this.recordings = this.recordings.filter((recording) => !isDone(recording));
  }

  /** Rejects the animations that are not complete. */
  cancel(reason: string): void {
    for (const { reject } of this.recordings.splice(0)) reject(new Error(reason));
  }

  private source(): () => Picture {
    if (this.picture) return this.picture;
    throw new Error("this run's environment has no pictures to show");
  }
}
