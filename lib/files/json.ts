/** Reads files of JSON by a schema. */
import { messageOf } from '../text';
import { FileError, isMissing } from './disk';
import { readBytes } from './open';
import { conform, type Schema, SchemaError } from './schema';

/**
 * A file's content, or undefined when there is no such file.
 * @throws FileError when it cannot be read, with the system's code, or is not what the schema says.
 */
export async function readJson<T>(path: string, schema: Schema<T>): Promise<T | undefined> {
  let content: string;
  try {
    content = await readText(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return parseJson(content, schema, path);
}

/** A file's content. @throws FileError as `readJson`, and when there is no such file. */
export async function requireJson<T>(path: string, schema: Schema<T>): Promise<T> {
  return parseJson(await readText(path), schema, path);
}

/** @param name what the text is, for the message: a file's path. @throws FileError */
export function parseJson<T>(content: string, schema: Schema<T>, name: string): T {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new FileError(`${name} must be JSON, and is none (${messageOf(error)})`);
  }
  try {
    return conform(value, schema, name);
  } catch (error) {
    throw error instanceof SchemaError ? new FileError(error.message) : error;
  }
}

/** @throws FileError with the system's code when it cannot be read, and when it is no file. */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString('utf8');
}
