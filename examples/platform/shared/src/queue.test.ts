import { expect, test } from "bun:test";
import { type AddressInfo, createServer } from "node:net";
import { openRedis, withPassword } from "./queue.ts";

test("a Redis that ends every connection is one that is away", async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => socket.destroy());
    socket.end("-DENIED Redis is running in protected mode\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const redis = openRedis(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined);
  await redis.settled();
  expect(redis.isConnected()).toBe(false);
  await expect(redis.ping()).rejects.toThrow("not connected");
  redis.close();
  expect(connections).toBeGreaterThan(0);
  server.close();
});

test("a Redis whose name is unknown is one that is away", async () => {
  const redis = openRedis("redis://redis.invalid:6379", "password");
  await redis.settled();
  await expect(redis.ping()).rejects.toThrow("not connected");
  redis.close();
});

test("the password becomes a part of the URL", () => {
  expect(withPassword("redis://redis:6379", "a/b@c")).toBe("redis://:a%2Fb%40c@redis:6379");
  expect(withPassword("redis://redis:6379", undefined)).toBe("redis://redis:6379");
});
