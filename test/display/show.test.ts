/** The functions that show something need a notebook, and buttons call back for each press. */
import { describe, expect, it } from 'vitest';
import { Buttons } from '../../lib/display/buttons';
import { CHANNEL_VERSION } from '../../lib/display/channel';
import { learningCurve } from '../../lib/display/curves';
import { showFigure, showGif, showHtml, showPanels, showPicture } from '../../lib/display/show';
import { type KernelHost, provideKernelHost } from '../../lib/kernel/host';
import { breakoutPicture } from './breakout-picture';
import { ButtonHost, FakeHost } from './fake-host';

describe('outside a notebook', () => {
  it.each([
    ['showPicture', () => showPicture(breakoutPicture(0))],
    ['showPanels', () => showPanels([{ picture: breakoutPicture(0), caption: '' }])],
    ['showGif', () => showGif([breakoutPicture(0)])],
    ['showFigure', () => showFigure(learningCurve([]))],
    ['showHtml', async () => showHtml('')],
  ])('%s says where to call it and what to use instead', async (name, show) => {
    await expect(show()).rejects.toThrow(
      new RegExp(`${name}\\(\\) .*no notebook kernel runs here.*encodePng`),
    );
  });
});

it('showHtml sends the markup, and its text for viewers without HTML', () => {
  const host = new FakeHost();
  provideKernelHost(host as unknown as KernelHost);
  try {
    showHtml('<style>b { color: red }</style><p>one <b>two</b></p>');
  } finally {
    provideKernelHost(undefined as never);
  }
  expect(host.shown.map(({ bundle }) => bundle)).toEqual([
    {
      'text/html': '<style>b { color: red }</style><p>one <b>two</b></p>',
      'text/plain': 'one two',
    },
  ]);
});

describe('Buttons', () => {
  it('calls back for each press, and not while switched off', async () => {
    const host = new ButtonHost();
    const pressed: string[] = [];
    const buttons = new Buttons(
      {
        pause: { label: 'Pause', onPress: () => void pressed.push('pause') },
        stop: { label: 'Stop', title: 'Ends the run', onPress: () => void pressed.push('stop') },
      },
      { host },
    );
    await host.press('stop');
    await host.press('pause');
    buttons.setEnabled('stop', false);
    await host.press('stop');
    expect(pressed).toEqual(['stop', 'pause']);
    expect(host.row().buttons).toEqual([
      { id: 'pause', label: 'Pause', title: undefined, disabled: false },
      { id: 'stop', label: 'Stop', title: 'Ends the run', disabled: true },
    ]);
    expect(host.shown.map(({ options }) => options.update ?? false)).toEqual([false, true]);
    expect(() => buttons.setEnabled('halt', true)).toThrow(
      "the buttons are pause, stop, got 'halt'",
    );
  });

  it('sends back what a press threw, and that a row is of an earlier kernel', async () => {
    const host = new ButtonHost();
    const onPress = () => Promise.reject(new Error('the run has ended'));
    new Buttons({ stop: { label: 'Stop', onPress } }, { host });
    await host.press('stop');
    await host.press('stop', 'of-the-kernel-before');
    await host.say({ version: 1, id: 'of-the-kernel-before', type: 'press' });
    const error = { version: CHANNEL_VERSION, type: 'error' };
    const id = 'of-the-kernel-before';
    expect(host.replies).toEqual([
      { ...error, id: host.shown[0]!.options.displayId, error: 'the run has ended' },
      { ...error, id, error: 'This output is too old: run its cell again' },
      { ...error, id, error: expect.stringMatching(/version 1 .* version \d+: reload the page/) },
    ]);
  });

  it('lets go of a row once twenty more are shown', async () => {
    const host = new ButtonHost();
    const pressed: string[] = [];
    const show = (label: string) =>
      new Buttons({ go: { label, onPress: () => void pressed.push(label) } }, { host });
    for (let i = 0; i <= 20; i++) show(`row ${i}`);
    await host.press('go', String(host.shown[0]!.options.displayId));
    await host.press('go', String(host.shown[1]!.options.displayId));
    expect(pressed).toEqual(['row 1']);
    expect(host.replies).toMatchObject([{ error: expect.stringContaining('too old') }]);
  });
});
