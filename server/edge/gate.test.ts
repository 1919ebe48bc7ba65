import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeGate } from './gate';

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
  placeGate(port);
});

afterAll(() => {
  server.close();
});

/** Sends bytes as they are and gives all that comes back. */
async function send(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

const LOCAL = 'Host: localhost\r\nConnection: close\r\n';

describe('the gate', () => {
  it.each(['100-continue', 'something-else'])('lets a read that expects %s through', async (expectation) => {
    const answer = await send(`GET / HTTP/1.1\r\n${LOCAL}Expect: ${expectation}\r\n\r\n`);
    expect(answer).toMatch(/http\/1.1 200 ok/i);
    expect(answer).toMatch(/x-content-type-options: nosniff/i);
  });
});
