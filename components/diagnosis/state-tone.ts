import type { LoopState } from '@/lib/domain/loop';

/** The hue of a loop's state, as a class. The sign and the word say it too. */
export const STATE_TONES: Readonly<Record<LoopState, string>> = {
  starting: 'starting',
  looping: 'failing',
  'came-back': 'failing',
  slow: 'waiting',
  'never-started': 'failing',
  holding: 'held',
  recovered: 'held',
  gone: 'gone',
};
