/** A client that keeps its connection for as long as it may, to see whether a server that stops loses a request. */
import { connect, type Socket } from "node:net";

/** How it ended. A connection that closes in silence loses the request of a client that writes a moment earlier. */
export type Parting = "told to leave" | "lost a request" | "found the connection closed";

export interface Visit {
  readonly parting: Parting;
  /** Answers with status 200. */
  readonly answers: number;
}

/** Asks again and again on one connection, with pauses of up to `pauseMs`, until the server says that it closes it. */
export async function visit(port: number, path: string, pauseMs: number): Promise<Visit> {
  const socket = connect(port, "127.0.0.1");
  const answers = answersOf(socket);
  for (let count = 0; ; count += 1) {
    await Bun.sleep(Math.random() * pauseMs);
    if (socket.readableEnded) return { parting: "found the connection closed", answers: count };
    socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
    const { value: head } = await answers.next();
    if (!head?.startsWith("HTTP/1.1 200 ")) return { parting: "lost a request", answers: count };
    if (/\r\nconnection: close/i.test(head)) return { parting: "told to leave", answers: count + 1 };
  }
}

/** The heads of the answers, when their bodies are through; ends with the connection. */
async function* answersOf(socket: Socket): AsyncGenerator<string, void> {
  let bytes = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      const end = bytes.indexOf("\r\n\r\n");
      const head = end === -1 ? "" : bytes.toString("latin1", 0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? NaN);
      if (bytes.length >= end + 4 + length) {
        bytes = bytes.subarray(end + 4 + length);
        yield head;
      }
    }
  } catch {
    // A connection that was reset has ended.
  }
}
