/** The Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import type { Depth } from "./depth.ts";
import type { Measured, Told } from "./meter.ts";
import type { Queue } from "./queues.ts";
import type { RedisInfo } from "./redis_info.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const STATES = ["waiting", "prioritized", "delayed", "due_delayed", "active", "failed"] as const;
/** Those whose oldest job has an age. */
const AGED = ["waiting", "prioritized", "delayed", "active"] as const;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

const escaped = (value: string) => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function family(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}{${pairs.join(",")}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

type Stores = readonly (readonly [string, Told])[];

/** All queues and stores; of one that could not be measured only that it could not. */
export function metricsText(results: readonly (readonly [Queue, Measured])[], stores: Stores = []): string {
  return queueFamilies(results) + (stores.length > 0 ? storeFamilies(stores) : "");
}

/** Called as redis_exporter calls them, so that its dashboards and alerts fit: https://github.com/oliver006/redis_exporter */
function storeFamilies(stores: Stores): string {
  const each = (value: (info: RedisInfo) => number | boolean) =>
    stores.flatMap(([store, told]): Sample[] => ("info" in told ? [[{ store }, Number(value(told.info))]] : []));
  return [
    family("redis_up", "Whether Redis tells of itself.", stores.map(([store, told]) => [{ store }, Number("info" in told)])),
    family("redis_memory_used_bytes", "Memory that Redis uses.", each((info) => info.memory_used_bytes)),
    family("redis_memory_max_bytes", "Its limit; 0 is none.", each((info) => info.memory_max_bytes)),
    family("redis_aof_last_write_status", "Whether the append-only file was written.", each((info) => info.aof_last_write_ok)),
    family("redis_aof_last_bgrewrite_status", "Whether it was rewritten.", each((info) => info.aof_last_rewrite_ok)),
    family("redis_rdb_last_bgsave_status", "Whether the snapshot was written.", each((info) => info.rdb_last_save_ok)),
  ].join("");
}

function queueFamilies(results: readonly (readonly [Queue, Measured])[]): string {
  const all = results.map(([queue, measured]) => ({ labels: { store: queue.store, queue: queue.name }, measured }));
  const known = all.flatMap(({ labels, measured }) => ("depth" in measured ? [{ labels, depth: measured.depth }] : []));
  const jobs = known.flatMap(({ labels, depth }) =>
    STATES.map((state): Sample => [{ ...labels, state }, depth[state]]),
  );
  const oldest = known.flatMap(({ labels, depth }) =>
    AGED.flatMap((state): Sample[] => {
      const age = depth[`oldest_${state}_seconds`];
      return age === null ? [] : [[{ ...labels, state }, age]];
    }),
  );
  const each = (value: (depth: Depth) => number) => known.map(({ labels, depth }): Sample => [labels, value(depth)]);
  const up = all.map(({ labels, measured }): Sample => [labels, Number("depth" in measured)]);
  return [
    family("queue_jobs", "Jobs by state; delayed has due_delayed in it.", jobs),
    family("queue_demand", "Jobs that call for replicas now.", each((depth) => depth.demand)),
    family("queue_paused", "Whether the queue is paused.", each((depth) => Number(depth.paused))),
    family("queue_oldest_job_seconds", "How long the oldest job of a state has waited, been due or been worked on.", oldest),
    family("queue_meter_up", "Whether the queue could be measured.", up),
  ].join("");
}
