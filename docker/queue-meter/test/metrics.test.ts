import { expect, test } from "bun:test";
import { depthOf } from "../src/depth.ts";
import { metricsText } from "../src/metrics.ts";

const samples = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("every number of a queue", () => {
  const depth = depthOf({
    waiting: 1,
    prioritized: 2,
    delayed: 9,
    due_delayed: 3,
    active: 4,
    failed: 5,
    oldest_waiting_seconds: 1.5,
    oldest_delayed_seconds: 0,
    oldest_active_seconds: 2.5,
  });
  const text = metricsText([[{ store: "redis", name: "fetch", type: "bullmq", prefix: "bull" }, { depth }]]);
  const of = '{store="redis",queue="fetch"';
  expect(samples(text)).toEqual([
    `queue_jobs${of},state="waiting"} 1`,
    `queue_jobs${of},state="prioritized"} 2`,
    `queue_jobs${of},state="delayed"} 9`,
    `queue_jobs${of},state="due_delayed"} 3`,
    `queue_jobs${of},state="active"} 4`,
    `queue_jobs${of},state="failed"} 5`,
    `queue_demand${of}} 10`,
    `queue_paused${of}} 0`,
    `queue_oldest_job_seconds${of},state="waiting"} 1.5`,
    `queue_oldest_job_seconds${of},state="delayed"} 0`,
    `queue_oldest_job_seconds${of},state="active"} 2.5`,
    `queue_meter_up${of}} 1`,
  ]);
  expect(text.match(/^# TYPE .* gauge$/gm)).toHaveLength(5);
});

test("of a queue that cannot be measured only that", () => {
  const text = metricsText([[{ store: "redis", name: 'a"\\b', type: "list" }, { reason: "away" }]]);
  expect(samples(text)).toEqual(['queue_meter_up{store="redis",queue="a\\"\\\\b"} 0']);
});

test("a store's memory and persistence; of one that tells nothing only that", () => {
  const info = {
    memory_used_bytes: 5,
    memory_max_bytes: 10,
    aof_last_write_ok: true,
    aof_last_rewrite_ok: true,
    rdb_last_save_ok: false,
  };
  const text = metricsText([], [["redis", { info }], ["other", { reason: "away" }]]);
  expect(samples(text)).toEqual([
    'redis_up{store="redis"} 1',
    'redis_up{store="other"} 0',
    'redis_memory_used_bytes{store="redis"} 5',
    'redis_memory_max_bytes{store="redis"} 10',
    'redis_aof_last_write_status{store="redis"} 1',
    'redis_aof_last_bgrewrite_status{store="redis"} 1',
    'redis_rdb_last_bgsave_status{store="redis"} 0',
  ]);
});
