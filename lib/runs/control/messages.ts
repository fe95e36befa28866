/**
 * What a run's process and its controllers say to each other: each command with its request and reply.
 *
 * A process and a controller can be of different versions. So each end checks all fields that it
 * receives, and ignores fields that it does not know.
 */

import type { PngImage } from '../../display/frames';
import type { GifImage } from '../../display/gif';
import {
  conform,
  type Fields,
  fields,
  isObject,
  number,
  object,
  type Schema,
  text,
} from '../../files/schema';
import { show } from '../../text';
import { RunError, type RunPaths } from '../record/folder';
import { STATUS } from '../record/status';
import { OtherVersionError, type Request } from './exchange';
import { sendRequest } from './ownership';

type Encoded<Image> = Omit<Image, 'data'> & { readonly base64: string };

/** What the process reports to whoever started it. */
export type StartMessage = { readonly ready: true } | { readonly error: string };

const nothing = fields<object>({});
const image = { width: number, height: number, base64: text };
const picture = fields<Encoded<PngImage>>(image);
const gif = fields<Encoded<GifImage>>({ ...image, frameCount: number, delayMs: number });

/** The commands that a run's process carries out; `Runner` has a method of the same name for each. */
const TABLE = {
  status: { request: nothing, reply: STATUS },
  pause: { request: nothing, reply: STATUS },
  resume: { request: nothing, reply: STATUS },
  /** Saves a checkpoint and ends the run. */
  stop: { request: nothing, reply: STATUS },
  /** Saves a checkpoint; the reply is its folder. */
  checkpoint: { request: nothing, reply: text },
  /** Changes values from the next agent step on. The training checks their names, kinds and ranges. */
  set: {
    request: fields<{ readonly values: Readonly<Record<string, unknown>> }>({ values: object }),
    reply: STATUS,
  },
  picture: { request: nothing, reply: picture },
  /** An animation of the next agent steps. */
  gif: { request: fields<{ readonly steps: number }>({ steps: number }), reply: gif },
};

export type Command = keyof typeof TABLE;
type Checked<S> = S extends Schema<infer T> ? T : never;
export type Commands = {
  readonly [Name in Command]: {
    readonly request: Checked<(typeof TABLE)[Name]['request']>;
    readonly reply: Checked<(typeof TABLE)[Name]['reply']>;
  };
};
const COMMANDS: { readonly [Name in Command]: Fields<Commands[Name]> } = TABLE;

/** What carries out the commands. */
export type CommandHandlers = {
  readonly [Name in Command]: (
    request: Commands[Name]['request'],
  ) => Commands[Name]['reply'] | Promise<Commands[Name]['reply']>;
};

/**
 * Sends a command to a run's process and waits for its reply.
 * @throws RunError as `sendRequest`, or when the process does not know the command or its reply is wrong.
 */
export async function sendCommand<Name extends Command>(
  paths: RunPaths,
  request: { readonly command: Name } & Commands[Name]['request'],
  silenceMs?: number,
): Promise<Commands[Name]['reply']> {
  const { command } = request;
  const otherVersion = ({ message }: Error) =>
    new RunError(
      `${message}: the process of the run ${paths.name} is of another version, stop and resume it`,
    );
  const reply = await sendRequest(paths, { ...request }, silenceMs).catch((error: Error) => {
    throw error instanceof OtherVersionError ? otherVersion(error) : error;
  });
  const schema: Schema<Commands[Name]['reply']> = COMMANDS[command].reply;
  try {
    return conform(reply, schema, `the reply to ${command}`);
  } catch (error) {
    throw otherVersion(error as Error);
  }
}

/** What version 0.1.0 called a command. */
const EARLIER_NAMES: Readonly<Record<string, Command>> = { change: 'set' };

/**
 * Carries out what was received.
 * @throws OtherVersionError when it is not a command, SchemaError when a field is wrong.
 */
export async function obey(handlers: CommandHandlers, request: Request): Promise<unknown> {
  const { command } = request;
  const name = Object.hasOwn(EARLIER_NAMES, command) ? EARLIER_NAMES[command]! : command;
  if (!isCommand(name)) {
    throw new OtherVersionError(
      `there is no command ${name}, expected one of ${Object.keys(COMMANDS).join(', ')}`,
    );
  }
  return call(handlers, name, request);
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(COMMANDS, name);
}

function call<Name extends Command>(
  handlers: CommandHandlers,
  name: Name,
  request: unknown,
): unknown {
  const schema: Schema<Commands[Name]['request']> = COMMANDS[name].request;
  return handlers[name](conform(request, schema, name));
}

/** An image for the way through a line of JSON. */
export function encodeImage<Image extends { readonly data: Buffer }>({
  data,
  ...rest
}: Image): Encoded<Image> {
  return { ...rest, base64: data.toString('base64') };
}

export function decodeImage<Image extends { readonly base64: string }>({ base64, ...rest }: Image) {
  return { ...rest, data: Buffer.from(base64, 'base64') };
}

/** What came from a process that was started. */
export function readStartMessage(content: unknown): StartMessage {
  const { ready, error }: Record<string, unknown> = isObject(content) ? content : {};
  if (ready === true) return { ready };
  if (typeof error === 'string') return { error };
  return { error: `its process must say ready or an error, got ${show(content)}` };
}
