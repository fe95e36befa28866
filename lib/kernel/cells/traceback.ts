/** A failed cell's error as Jupyter shows it: name, message and the lines under the cell. */
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { InterruptedError } from './cell';
import { CellCompileError, describeDiagnostics } from './diagnostics';
import { describeText, limitText } from './display-value';
import { formatExcerpt, formatPosition, type Position } from './source-map';
import { isForeign, type StackTraces } from './stack-trace';

/** Content of an `error` message. */
export interface ErrorContent {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export interface TracebackOptions {
  readonly root: string;
  readonly stackTraces: StackTraces;
}

const CELL_FRAME = /(cell \[\d+\]):(\d+):(\d+)\)?$/;
/** How the stack of a SyntaxError begins: place, line, and a mark under it. */
const PARSED = /^(cell \[\d+\]):(\d+)\n.*\n(\s*)\^/;
const FRAME = /^ {4}at /;
const MAX_NAME = 1_000;
/** How many causes of causes are followed. */
const MAX_CAUSES = 5;

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

/** Describes anything that a cell has thrown; no part is longer than a notebook can show. */
export function describeError(error: unknown, options: TracebackOptions): ErrorContent {
  try {
    const { ename, evalue, traceback } = describe(error, options);
    return {
      ename: limitText(ename, MAX_NAME),
      evalue: limitText(evalue),
      traceback: limitText(traceback.join('\n')).split('\n'),
    };
  } catch {
    const evalue = 'the thrown value throws itself when it is looked at';
    return { ename: 'Thrown', evalue, traceback: [`${red('Thrown')}: ${evalue}`] };
  }
}

function describe(error: unknown, options: TracebackOptions): ErrorContent {
  if (error instanceof CellCompileError) {
    const traceback = [red(error.name), ...describeDiagnostics(error)];
    return { ename: error.name, evalue: error.message, traceback };
  }
  if (!isErrorLike(error)) {
    const value = describeText(error);
    return { ename: 'Thrown', evalue: value, traceback: [`${red('Thrown')}: ${value}`] };
  }
  const name = nameOf(error);
  const message = stripVTControlCharacters(String(error.message ?? ''));
  const traceback = error instanceof InterruptedError ? [] : describeStack(error, options);
  const head = `${red(name)}${message ? `: ${message}` : ''}`;
  return { ename: name, evalue: message, traceback: [head, ...traceback] };
}

function describeStack(error: Error, options: TracebackOptions): string[] {
  const frames = framesOf(error).filter((frame) => !isForeign(frame));
  const lines: string[] = [];
  const inCell = frames.map((frame) => CELL_FRAME.exec(frame)).find((match) => match !== null);
  if (inCell) lines.push(...describePlace(inCell, options));
  else lines.push(...describeParsed(error, options));
  for (const frame of frames) lines.push(shorten(frame, options.root));
  if (error instanceof AggregateError) {
    for (const part of error.errors) lines.push(`  ${summarise(part)}`);
  }
  let cause = error.cause;
  for (let depth = 0; cause !== undefined && depth < MAX_CAUSES; depth++) {
    lines.push(`${red('Caused by')} ${summarise(cause)}`);
    if (!isErrorLike(cause)) break;
    for (const frame of framesOf(cause).filter((text) => !isForeign(text))) {
      lines.push(shorten(frame, options.root));
    }
    cause = cause.cause;
  }
  return lines;
}

/** The cell's line where it happened, or from where the library was called. */
function describePlace(match: RegExpExecArray, { stackTraces }: TracebackOptions): string[] {
  const [, label = '', line, column] = match;
  const position: Position = { line: Number(line), column: Number(column) };
  const cell = stackTraces.findCell(label);
  if (!cell) return [];
  return [`${formatPosition(label, position)}:`, ...formatExcerpt(cell.lines, position)];
}

/** The line of a cell that the compiler has let through and V8 cannot parse. */
function describeParsed({ stack }: Error, { stackTraces }: TracebackOptions): string[] {
  const [, label = '', line, indent = ''] = PARSED.exec(String(stack)) ?? [];
  const cell = stackTraces.findCell(label);
  const position = cell?.find({ line: Number(line), column: indent.length + 1 });
  if (!cell || !position) return [];
  return [`${formatPosition(label, position)}:`, ...formatExcerpt(cell.lines, position)];
}

function framesOf(error: Error): string[] {
  return String(error.stack ?? '')
    .split('\n')
    .filter((line) => FRAME.test(line));
}

function shorten(frame: string, root: string): string {
  return frame
    .replace('file://', '')
    .replace(root + path.sep, '')
    .replace(CELL_FRAME, (all, label: string, line: string, column: string) => {
      const end = all.endsWith(')') ? ')' : '';
      return formatPosition(label, { line: Number(line), column: Number(column) }) + end;
    });
}

function isErrorLike(value: unknown): value is Error {
  return value instanceof Error || typeof (value as Error | null)?.stack === 'string';
}

function nameOf(error: Error): string {
  return String(error.name || error.constructor?.name || 'Error');
}

function summarise(value: unknown): string {
  return isErrorLike(value) ? `${nameOf(value)}: ${value.message}` : describeText(value);
}
