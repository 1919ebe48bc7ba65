/** The header under which a route reads the peer's address as the socket has it. What a client sends under this name is replaced. */
export const CLIENT_HEADER = 'x-unloop-client';
