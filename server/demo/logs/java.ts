import { iso } from './lines';
import type { Print } from './log-script';

export const SPRING_BANNER = `
  .   ____          _            __ _ _
 /\\\\ / ___'_ __ _ _(_)_ __  __ _ \\ \\ \\ \\
( ( )\\___ | '_ | '_| | '_ \\/ _\` | \\ \\ \\ \\
 \\\\/  ___)| |_)| | | | | || (_| |  ) ) ) )
  '  |____| .__|_| |_|_| |_\\__, | / / / /
 =========|_|==============|___/=/_/_/_/

 :: Spring Boot ::                (v3.5.6)
`;

/** A line as Spring Boot prints it by default. */
export function spring(level: 'INFO' | 'WARN' | 'ERROR', logger: string, message: string, thread = 'main'): Print {
  return (at) =>
    `${iso(at)} ${level.padStart(5)} 1 --- [${thread.slice(-15).padStart(15)}] ${logger.slice(-40).padEnd(40)} : ${message}`;
}
