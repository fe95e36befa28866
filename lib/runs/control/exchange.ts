/**
 * Requests and answers on a run's control socket.
 *
 * A request is one line of JSON, and so is its answer: `{"result": ...}`, `{"error": "..."}`, with
 * `"otherVersion": true` when the command is not known, or `{"otherFolder": true}` when it was meant for
 * another folder. While an answer takes its time, empty
 * lines are signs of life.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { isMissing, withFile } from '../../files/disk';
import { isObject } from '../../files/schema';
import { messageOf, show } from '../../text';
import { RunError } from '../record/folder';

/** The two ends of a socket are of different versions: one says what the other does not know. */
export class OtherVersionError extends RunError {}

/** Longest time without a sign of life; a step of a large network on a busy machine takes seconds. */
export const SILENCE_MS = 15_000;
/** Time between two signs of life. */
const SIGN_MS = 1_000;
/** The longest line that is read, far above any request. */
const MAX_REQUEST_BYTES = 1 << 20;
/** The longest answer that is read, far above any animation. */
const MAX_ANSWER_BYTES = 1 << 26;
/** The commands that take no time: signs of life do not make up for their answer. */
const QUICK: readonly string[] = ['ping', 'status'];
/** Time until the second try to connect to a process whose queue of clients is full; then twice that, and so on. */
const QUEUE_MS = 20;
const MAX_QUEUE_MS = 500;

export interface Request {
  readonly command: string;
  readonly [argument: string]: unknown;
}

export type Handler = (request: Request) => Promise<unknown>;

type Answer =
  | { readonly result: unknown }
  | { readonly error: string; readonly otherVersion?: boolean }
  | { readonly otherFolder: true };

interface Question {
  readonly path: string;
  readonly request: Request;
  readonly silenceMs: number;
}

type Outcome = Answer | 'nobody' | 'ended' | 'silent';

/**
 * Sends a request to a socket.
 * @returns the answer; nobody: no process listens there; ended: it stopped doing so before it answered;
 *   silent: it gives no sign of life
 * @throws RunError when what comes back is not an answer.
 * @throws FileError when the socket cannot be opened: somebody may listen there all the same.
 */
export async function ask(question: Question): Promise<Outcome> {
  const { path, silenceMs } = question;
  const end = performance.now() + silenceMs;
  for (let waitMs = QUEUE_MS; ; waitMs = Math.min(2 * waitMs, MAX_QUEUE_MS)) {
    const outcome = await withFile(path, 'read', () => askOnce(question));
    if (outcome !== 'busy') return outcome;
    if (performance.now() >= end) return 'silent';
    await setTimeout(waitMs);
  }
}

/** @returns busy: more clients wait for the process than its queue holds */
function askOnce({ path, request, silenceMs }: Question): Promise<Outcome | 'busy'> {
  return new Promise((resolve, reject) => {
    const deadline = () => globalThis.setTimeout(() => give('silent'), silenceMs);
    let text = '';
    let length = 0;
    let isConnected = false;
    // what has begun must come to its end, and a process that lives answers these at once
    let late = QUICK.includes(request.command) ? deadline() : undefined;
    const socket = connect(path, () => {
      isConnected = true;
      socket.write(`${JSON.stringify(request)}\n`);
    });
    const give = (outcome: Outcome | 'busy') => {
      clearTimeout(late);
      resolve(outcome);
      socket.destroy();
    };
    socket.setEncoding('utf8');
    socket.setTimeout(silenceMs, () => give('silent'));
    socket.on('data', (chunk: string) => {
      length += chunk.length;
      text = text === '' ? chunk.trimStart() : text + chunk;
      const isEndless = length > MAX_ANSWER_BYTES;
      if (text === '' && !isEndless) return;
      if (!chunk.endsWith('\n') && !isEndless) {
        late ??= deadline();
        return;
      }
      try {
        if (isEndless) throw noAnswer(text, path);
        give(readAnswer(text, path));
      } catch (error) {
        reject(error);
      }
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (isConnected) give('ended');
      else if (error.code === 'EAGAIN') give('busy');
      else if (error.code === 'ECONNREFUSED' || isMissing(error)) give('nobody');
      else reject(error); // whether somebody listens is not known
    });
    socket.on('close', () => give('ended')); // too late after an answer
  });
}

interface Service {
  readonly socket: Socket;
  /** The folder that requests must be meant for. */
  readonly folder: string;
  readonly handle: Handler;
}

/** Answers the requests of a socket, one after the other. */
export function serve(options: Service): void {
  const { socket } = options;
  let text = '';
  let answering = Promise.resolve();
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy()); // whoever asked has gone
  socket.on('data', (chunk: string) => {
    if (socket.destroyed) return;
    const lines = (text + chunk).split('\n');
    text = lines.pop()!;
    if (text.length > MAX_REQUEST_BYTES) {
      socket.destroy();
      return;
    }
    for (const line of lines) {
      answering = answering.then(() => answer({ ...options, line }));
    }
  });
}

async function answer({ socket, ...rest }: Service & { line: string }): Promise<void> {
  const write = (text: string) => {
    if (socket.writable) socket.write(`${text}\n`);
  };
  const signs = setInterval(() => write(''), SIGN_MS);
  try {
    write(JSON.stringify(await answerTo(rest)));
  } finally {
    clearInterval(signs);
  }
}

async function answerTo(options: Omit<Service, 'socket'> & { line: string }): Promise<Answer> {
  const { line, folder, handle } = options;
  try {
    const request: unknown = JSON.parse(line);
    if (!isRequest(request)) {
      throw new TypeError(`a request must be an object with a command, got ${line}`);
    }
    if (request.folder !== folder) return { otherFolder: true };
    if (request.command === 'ping') return { result: null };
    return { result: (await handle(request)) ?? null };
  } catch (error) {
    const otherVersion = error instanceof OtherVersionError;
    return { error: messageOf(error), ...(otherVersion && { otherVersion }) };
  }
}

function isRequest(value: unknown): value is Request {
  return isObject(value) && typeof value.command === 'string';
}

function isAnswer(value: unknown): value is Answer {
  if (!isObject(value)) return false;
  return 'result' in value || typeof value.error === 'string' || value.otherFolder === true;
}

function readAnswer(text: string, path: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    if (isAnswer(answer)) return answer;
  } catch {} // reported with the others
  throw noAnswer(text, path);
}

function noAnswer(text: string, path: string): RunError {
  return new RunError(
    `a run's process must answer with a result or an error, got ${show(text.trim().slice(0, 100))} from ${path}: ` +
      'end the program that listens there, or remove that file',
  );
}
