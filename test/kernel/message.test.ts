/** Messages of the protocol are read and written with a signature that Jupyter's own client made. */
import { describe, expect, it } from 'vitest';
import {
  createHeader,
  type Message,
  parseMessage,
  serialiseMessage,
  toJson,
} from '../../lib/kernel/io/message';

const KEY = 'a0436f6c-1916-498b-8eb9-e81ab9368e84';
const text = (frame: string | Uint8Array) => Buffer.from(frame as string).toString();
const toFrames = (frames: readonly (string | Uint8Array)[]) =>
  frames.map((frame) => Buffer.from(frame as string));

// The signature was made by Jupyter's own client:
// jupyter_client.session.Session(key=KEY).sign([b'{"msg_id":"1","msg_type":"x"}', b'{}', b'{}', b'{"code":"\u00e4"}'.encode()])
const PARTS = ['{"msg_id":"1","msg_type":"x"}', '{}', '{}', '{"code":"ä"}'];
const SIGNATURE = 'f77bca6a8508cf59bb4f2ac5a3d9dd0caa0bf4b19db7b2585489516f9e6dd2cd';

describe('parseMessage', () => {
  it('accepts what Jupyter has signed, with identities and buffers', () => {
    const frames = toFrames(['peer', '<IDS|MSG>', SIGNATURE, ...PARTS, 'raw']);
    const message = parseMessage(frames, KEY);
    expect(message.identities.map(text)).toEqual(['peer']);
    expect(message.header.msg_id).toBe('1');
    expect(message.content).toEqual({ code: 'ä' });
    expect(message.buffers.map(text)).toEqual(['raw']);
  });

  it.each([
    ['another key', toFrames(['<IDS|MSG>', SIGNATURE, ...PARTS]), 'other', 'signature'],
    ['another text', toFrames(['<IDS|MSG>', SIGNATURE, ...PARTS.with(3, '{}')]), KEY, 'signature'],
    ['no signature', toFrames(['<IDS|MSG>', '', ...PARTS]), KEY, 'signature'],
    ['no delimiter', toFrames([SIGNATURE, ...PARTS]), KEY, '<IDS|MSG>'],
    ['missing parts', toFrames(['<IDS|MSG>', SIGNATURE, '{}']), KEY, '5 frames'],
    [
      'a header without a type',
      toFrames(['<IDS|MSG>', '', '{"msg_id":""}', '{}', '{}', '{}']),
      '',
      'text msg_type',
    ],
    ['a part that is no object', toFrames(['<IDS|MSG>', '', '[]', '{}', '{}', '{}']), '', 'header'],
  ])('refuses %s', (_, frames, key, reason) => {
    expect(() => parseMessage(frames, key)).toThrow(reason);
  });
});

describe('serialiseMessage', () => {
  it('makes the frames that parseMessage reads', () => {
    const message: Message = {
      identities: [Buffer.from('topic')],
      header: createHeader('status', 'session'),
      parent: {},
      metadata: { m: 1 },
      content: { execution_state: 'busy', text: '🎮' },
      buffers: [Buffer.from([0, 255])],
    };
    const sent = { ...message, content: toJson(message.content) };
    const read = parseMessage(toFrames(serialiseMessage(sent, KEY)), KEY);
    expect(read).toEqual(message);
  });
});

it.each([
  ['half a pair', '\ud83dx', '\ufffdx'],
  ['the other half', 'x\ude00', 'x\ufffd'],
  ['halves in the wrong order', '\ude00\ud83d', '\ufffd\ufffd'],
  ['a pair', '\ud83d\ude00', '😀'],
  ['the text of an escape', String.raw`\ud83d \\ud83d`, String.raw`\ud83d \\ud83d`],
])('JSON text is valid Unicode: %s', (_, given, expected) => {
  expect(JSON.parse(toJson({ text: given, [given]: [given] }))).toEqual({
    text: expected,
    [expected]: [expected],
  });
});
