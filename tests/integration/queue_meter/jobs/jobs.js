/**
 * Real jobs of BullMQ: `bun jobs.js <package> <redis URL> <queue> <steps>`. Steps are JSON, a list of
 * ["add", count], ["lifo", count], ["prioritize", count], ["delay", count, milliseconds], ["again", count] (taken anew
 * when it fails), ["take", count], ["fail", count], ["finish", count], ["wait", milliseconds], ["pause"] and ["resume"].
 * Taken jobs stay active.
 */
const [module, url, name, steps] = process.argv.slice(2);
const { Queue, Worker } = await import(module);
const { hostname: host, port, password } = new URL(url);
const connection = { host, port: Number(port), password, maxRetriesPerRequest: null };

const queue = new Queue(name, { connection });
// Without a function it takes jobs only when it is told to.
const worker = new Worker(name, null, { connection, autorun: false });
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);

const add = (count, options) => queue.addBulk(Array.from({ length: count }, () => ({ name: "job", data: {}, opts: options })));

async function taken(count, then) {
  for (let number = 0; number < count; number += 1) {
    const job = await worker.getNextJob("token");
    if (job === undefined) throw new Error("no job to take");
    await then(job);
  }
}

const actions = {
  add: (count) => add(count, {}),
  lifo: (count) => add(count, { lifo: true }),
  prioritize: (count) => add(count, { priority: 5 }),
  delay: (count, delay) => add(count, { delay }),
  again: (count) => add(count, { attempts: 2 }),
  take: (count) => taken(count, () => {}),
  fail: (count) => taken(count, (job) => job.moveToFailed(new Error("as told"), "token", false)),
  finish: (count) => taken(count, (job) => job.moveToCompleted("done", "token", false)),
  wait: (milliseconds) => Bun.sleep(milliseconds),
  pause: () => queue.pause(),
  resume: () => queue.resume(),
};

for (const [action, ...values] of JSON.parse(steps)) await actions[action](...values);
process.exit(0);
