import { describe, expect, it } from 'vitest';
import { parseFlags } from './flags.mjs';

describe('parseFlags', () => {
  it('takes an empty variable for none', () => {
    expect(parseFlags([], { UNLOOP_HOST: '', UNLOOP_PORT: '' }).env).toEqual({ HOSTNAME: '127.0.0.1', PORT: '5667' });
  });

  it('understands the demo where npm took the flag for its own, and refuses what lost its value', () => {
    expect(parseFlags([], { npm_config_demo: 'true' }).env).toMatchObject({ UNLOOP_DEMO: '1' });
    expect(() => parseFlags(['8080'], { npm_config_port: 'true' })).toThrow('npm start -- --port');
  });

  it('names an unknown flag and one without its value', () => {
    expect(() => parseFlags(['--colour'], {})).toThrow('unknown option --colour');
    expect(() => parseFlags(['--context'], {})).toThrow('--context needs a value');
  });
});
