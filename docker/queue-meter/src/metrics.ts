/** The Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import type { Depth } from "./depth.ts";
import type { Measured } from "./meter.ts";
import type { Queue } from "./queues.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const STATES = ["waiting", "prioritized", "delayed", "due_delayed", "active", "failed"] as const;

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

/** All queues; of one that could not be measured only that it could not. */
export function metricsText(results: readonly (readonly [Queue, Measured])[]): string {
  const all = results.map(([queue, measured]) => ({ labels: { store: queue.store, queue: queue.name }, measured }));
  const known = all.flatMap(({ labels, measured }) => ("depth" in measured ? [{ labels, depth: measured.depth }] : []));
  const jobs = known.flatMap(({ labels, depth }) =>
    STATES.map((state): Sample => [{ ...labels, state }, depth[state]]),
  );
  const oldest = known.flatMap(({ labels, depth: { oldest_waiting_seconds: age } }): Sample[] =>
    age === null ? [] : [[labels, age]],
  );
  const each = (value: (depth: Depth) => number) => known.map(({ labels, depth }): Sample => [labels, value(depth)]);
  const up = all.map(({ labels, measured }): Sample => [labels, Number("depth" in measured)]);
  return [
    family("queue_jobs", "Jobs by state; delayed has due_delayed in it.", jobs),
    family("queue_demand", "Jobs that call for replicas now.", each((depth) => depth.demand)),
    family("queue_paused", "Whether the queue is paused.", each((depth) => Number(depth.paused))),
    family("queue_oldest_waiting_seconds", "Age of the waiting job that is next.", oldest),
    family("queue_meter_up", "Whether the queue could be measured.", up),
  ].join("");
}
