/** Heads of HTTP/1 messages: the start line and the headers, without the body. */
import type { Socket } from "node:net";

const LIMIT_BYTES = 64 * 1024;
const END = "\r\n\r\n";
// They concern one connection only and are not passed on (RFC 9110, 7.6.1).
const HOP_BY_HOP = /^(connection|proxy-connection|keep-alive|proxy-authenticate|proxy-authorization|te|trailer|upgrade):/i;

export interface Head {
  readonly startLine: string;
  /** "Name: value", as they came. */
  readonly headers: readonly string[];
}

/** The other side sent no HTTP head, or a too large one. */
export class MalformedHead extends Error {
  override readonly name = "MalformedHead";
}

/** Reads one head; what came behind it is `rest`. The socket is paused. @throws MalformedHead */
export function readHead(socket: Socket, first: Buffer = Buffer.alloc(0)): Promise<{ head: Head; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let seen = first;
    const finish = (settle: () => void) => {
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      settle();
    };
    const look = () => {
      const end = seen.indexOf(END);
      if (end >= 0) {
        const head = parseHead(seen.subarray(0, end).toString("latin1"));
        const rest = seen.subarray(end + END.length);
        return finish(() => resolve({ head, rest }));
      }
      if (seen.length > LIMIT_BYTES) finish(() => reject(new MalformedHead(`a head of more than ${LIMIT_BYTES} bytes`)));
    };
    const onData = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      look();
    };
    const onEnd = () => finish(() => reject(new MalformedHead("the connection ended before the head did")));
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    look();
    if (socket.listeners("data").includes(onData)) socket.resume();
  });
}

function parseHead(text: string): Head {
  const [startLine = "", ...headers] = text.split("\r\n");
  return { startLine, headers };
}

/** The head as bytes, for exactly one message on its connection. */
export function writeHead({ startLine, headers }: Head): Buffer {
  const kept = headers.filter((header) => !HOP_BY_HOP.test(header));
  return Buffer.from([startLine, ...kept, "Connection: close"].join("\r\n") + END, "latin1");
}
