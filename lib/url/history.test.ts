import { describe, expect, it } from 'vitest';
import { loadHistory, periodMs, serializeHistory } from './history';

describe('the view of the history in the URL', () => {
  it('keeps defaults out, and reads back what it writes', () => {
    expect(serializeHistory('/c/prod/history', { q: '', ns: [], period: '7d' })).toBe('/c/prod/history');
    const url = serializeHistory('/c/prod/history', { q: 'cause:oom-killed', ns: ['shop'], period: '30d' });
    expect(loadHistory(new URLSearchParams(url.slice(url.indexOf('?'))))).toEqual({
      q: 'cause:oom-killed',
      ns: ['shop'],
      period: '30d',
    });
  });

  it('falls to a week for an unknown period', () => {
    expect(loadHistory({ period: '1000y' }).period).toBe('7d');
    expect(periodMs('24h')).toBe(86_400_000);
    expect(periodMs('all')).toBeNull();
  });
});
