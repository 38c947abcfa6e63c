import { describe, expect, test } from "bun:test";
import { DatabaseUnavailable } from "@platform/shared/database";
import { createLogger } from "@platform/shared/log";
import { Metrics } from "./metrics.ts";
import { AttemptFailed, type Delivery, HandedBack, JobProcessor, NotNow, resultOf } from "./job_processor.ts";
import { RunnerUnavailable, type TaskOutcome, type TaskRequest } from "./task_runner.ts";

const log = createLogger("test", "fatal");
const { signal } = new AbortController();
const FIRST: Delivery = { id: "j1", attempt: 1, lastAttempt: false, signal };
const LAST: Delivery = { id: "j1", attempt: 3, lastAttempt: true, signal };
const PAGE = {
  ok: true,
  title: "T",
  text: "x",
  screenshot: Buffer.from([0xff, 0xd8, 0xff]).toString("base64"),
  finalUrl: "https://example.com/",
  status: 200,
  milliseconds: 5,
};

const printed = (document: object, exitCode: number | null = 0): TaskOutcome => ({ exitCode, result: JSON.stringify(document) });
const failed = (code: string, permanent: boolean) => printed({ ok: false, error: { code, message: "m", permanent } }, 1);

/** A processor whose database and runner write down what they are asked for. */
function setup(run: (request: TaskRequest) => Promise<TaskOutcome>, url: string | null = "https://example.com/") {
  const calls: string[] = [];
  const note = (call: string) => async (id: string, more?: unknown) => {
    calls.push([call, id, ...(typeof more === "string" ? [more] : [])].join(" "));
  };
  const store = {
    start: async (id: string, attempt: number) => {
      calls.push(`start ${id} ${attempt}`);
      return url;
    },
    postpone: note("postpone"),
    release: async (id: string, attempt: number) => {
      calls.push(`release ${id} ${attempt}`);
    },
    finish: note("finish"),
    fail: note("fail"),
  };
  const requests: TaskRequest[] = [];
  const runner = {
    run: (request: TaskRequest) => {
      requests.push(request);
      return run(request);
    },
    sweep: async () => 0,
    ping: async () => {},
  };
  const metrics = new Metrics();
  const processor = new JobProcessor({ store, runner, metrics, log, task: "fetcher", timeoutSeconds: 30 });
  /** What is counted of the deliveries so far, without zeros. */
  const counted = async () => (await metrics.scrape()).match(/^jobs_total.* [1-9]\d*$/gm);
  return { processor, calls, requests, store, metrics, counted };
}

test("a page is written as the job's result", async () => {
  const { processor, calls, requests, metrics, counted } = setup(async () => printed(PAGE));
  await processor.process(FIRST);
  expect(calls).toEqual(["start j1 1", "finish j1"]);
  expect(await counted()).toEqual(['jobs_total{result="done"} 1']);
  expect(await metrics.scrape()).toContain('fetch_duration_seconds_count{task="fetcher",result="ok"} 1');
  expect(requests[0]).toMatchObject({
    task: "fetcher",
    job: "j1",
    command: ["--job", "j1", "--url", "https://example.com/"],
    limitMs: 33_000,
  });
});

test("a job that is finished already is not run again", async () => {
  const { processor, calls, requests } = setup(async () => printed(PAGE), null);
  await processor.process(FIRST);
  expect(calls).toEqual(["start j1 1"]);
  expect(requests).toEqual([]);
});

test("a job that is delivered twice at once runs once", async () => {
  const { processor, requests } = setup(async () => {
    await Bun.sleep(10);
    return printed(PAGE);
  });
  await Promise.all([processor.process(FIRST), processor.process(FIRST)]);
  expect(requests).toHaveLength(1);
  await processor.process(FIRST);
  expect(requests).toHaveLength(2);
});

describe("a failure", () => {
  test("that may pass is tried again", async () => {
    const { processor, calls, counted } = setup(async () => failed("timeout", false));
    await expect(processor.process(FIRST)).rejects.toThrow(AttemptFailed);
    expect(calls).toEqual(["start j1 1", "postpone j1 timeout: m"]);
    expect(await counted()).toEqual(['jobs_total{result="retried"} 1']);
  });

  test("of the last attempt is the job's", async () => {
    const { processor, calls, counted } = setup(async () => failed("timeout", false));
    await processor.process(LAST);
    expect(calls).toEqual(["start j1 3", "fail j1 timeout: m"]);
    expect(await counted()).toEqual(['jobs_total{result="failed"} 1']);
  });

  test("that is permanent is the job's at once", async () => {
    const { processor, calls } = setup(async () => failed("refused_address", true));
    await processor.process(FIRST);
    expect(calls).toEqual(["start j1 1", "fail j1 refused_address: m"]);
  });

  test("to start the task at all is an attempt", async () => {
    const { processor, calls } = setup(() => Promise.reject(new Error("docker create: 403 not allowed")));
    await processor.process(LAST);
    expect(calls).toEqual(["start j1 3", "fail j1 task: docker create: 403 not allowed"]);
  });
});

describe("the job waits, as the same attempt,", () => {
  test("while no task can be started", async () => {
    const { processor, calls, counted } = setup(() => Promise.reject(new RunnerUnavailable("docker create: 429")));
    await expect(processor.process(LAST)).rejects.toThrow(NotNow);
    expect(await counted()).toEqual(['jobs_total{result="waiting"} 1']);
    expect(calls).toEqual(["start j1 3"]);
  });

  test("while the database is away", async () => {
    const { processor, store } = setup(async () => printed(PAGE));
    store.finish = () => Promise.reject(new DatabaseUnavailable("away"));
    await expect(processor.process(LAST)).rejects.toThrow(NotNow);
  });
});

describe("a job whose signal is aborted goes back to the queue", () => {
  test("while its task runs, whatever that leads to", async () => {
    const stop = new AbortController();
    const { processor, calls } = setup(async () => {
      stop.abort();
      throw new RunnerUnavailable("docker wait: 404");
    });
    await expect(processor.process({ ...LAST, signal: stop.signal })).rejects.toThrow(HandedBack);
    expect(calls).toEqual(["start j1 3", "release j1 3"]);
  });

  test("before its task is started", async () => {
    const { processor, calls, requests, counted } = setup(async () => printed(PAGE));
    await expect(processor.process({ ...FIRST, signal: AbortSignal.abort() })).rejects.toThrow(HandedBack);
    expect(calls).toEqual(["start j1 1", "release j1 1"]);
    expect(await counted()).toEqual(['jobs_total{result="handed back"} 1']);
    expect(requests).toEqual([]);
  });

  test("unless there is a result", async () => {
    const stop = new AbortController();
    const { processor, calls } = setup(async () => {
      stop.abort();
      return printed(PAGE);
    });
    await processor.process({ ...FIRST, signal: stop.signal });
    expect(calls).toEqual(["start j1 1", "finish j1"]);
  });
});

describe("the task's result", () => {
  test.each<[string, TaskOutcome, string]>([
    ["killed at its limit", { exitCode: null, result: "" }, "timeout"],
    ["killed, with a result all the same", printed(PAGE, null), "timeout"],
    ["without output", { exitCode: 137, result: "" }, "crash"],
    ["with another output", { exitCode: 0, result: "hello" }, "crash"],
  ])("%s", (_what, outcome, code) => {
    expect(resultOf(outcome, 30)).toMatchObject({ ok: false, error: { code, permanent: false } });
  });

  test("of a page, whatever the exit code is", () => expect(resultOf(printed(PAGE, 9), 30)).toMatchObject({ ok: true }));
});
