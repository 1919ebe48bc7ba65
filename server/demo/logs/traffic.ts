import { slog } from './go';
import { spring } from './java';
import { idOf, numberOf, turnOf } from './lines';
import type { LogScript } from './log-script';
import { pino } from './node';
import { pyLog } from './python';

type Steady = NonNullable<LogScript['steady']>;

/** Requests of a Node.js service, as pino-http prints them. */
export function nodeTraffic(name: string, paths: readonly [string, ...string[]], everyMs = 4_000): Steady {
  return {
    everyMs,
    print: (at, turn) =>
      pino('info', name, 'request completed', {
        reqId: idOf(turn),
        method: turnOf(turn, ['GET', 'GET', 'POST']),
        url: turnOf(turn, paths),
        statusCode: turnOf(turn, [200, 200, 200, 201, 404]),
        responseTime: numberOf(turn, 2, 180),
      })(at),
  };
}

/** Requests of a Go service. */
export function goTraffic(paths: readonly [string, ...string[]], everyMs = 5_000): Steady {
  return {
    everyMs,
    print: (at, turn) =>
      slog(
        'INFO',
        'request',
        `method=${turnOf(turn, ['GET', 'POST', 'GET'])} path=${turnOf(turn, paths)} status=${turnOf(turn, [200, 200, 202, 404])} took=${numberOf(turn, 1, 90)}ms trace=${idOf(turn, 16)}`,
      )(at),
  };
}

/** Requests of a Spring service. */
export function springTraffic(logger: string, texts: readonly [string, ...string[]], everyMs = 6_000): Steady {
  return {
    everyMs,
    print: (at, turn) =>
      spring(
        'INFO',
        logger,
        `${turnOf(turn, texts)} id=${idOf(turn)} took=${numberOf(turn, 8, 420)} ms`,
        `nio-8080-exec-${numberOf(turn, 1, 9)}`,
      )(at),
  };
}

/** Work of a Python service. */
export function pythonTraffic(name: string, texts: readonly [string, ...string[]], everyMs = 6_000): Steady {
  return {
    everyMs,
    print: (at, turn) =>
      pyLog('INFO', name, `${turnOf(turn, texts)} (${numberOf(turn, 12, 950)} ms, batch ${idOf(turn, 6)})`)(at),
  };
}
