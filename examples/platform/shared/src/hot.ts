/** What a program has to do for itself under `bun --hot`, as of Bun 1.4.5. */
import { watch } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const WAIT_MS = 50;
const DEPENDENCY = /\/node_modules\/.*\.[cm]?js$/;

/**
 * Calls `changed` whenever something happens in the folders of the sources.
 *
 * An error that nobody catches, such as that of a module that cannot be read, stops all timers until the next reload: so
 * it is caught, and shown. And a file that comes after it was imported, as git, tar and people do it, is not seen: so
 * while one is missing, whatever happens in the folders has the modules run again.
 */
export async function surviveHotReload(changed: () => void): Promise<void> {
  if (!process.execArgv.includes("--hot")) return;
  let missing = false;
  let changes = 0;
  let tried = -1;
  let timer: Timer | undefined;
  const tryAgain = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      tried = changes;
      missing = false;
      void runModules();
    }, WAIT_MS);
  };
  process.on("uncaughtException", (error) => console.error(error));
  process.on("unhandledRejection", (error) => {
    if (error instanceof ResolveMessage) {
      missing = true;
      // This has been said already.
      if (changes === tried) return;
      // The file may have come a moment ago.
      tryAgain();
    }
    console.error(error);
  });
  for (const folder of [dirname(Bun.main), import.meta.dir]) {
    watch(folder, { recursive: true }, () => {
      changes += 1;
      changed();
      if (missing) tryAgain();
    });
  }
  await keepDependencies().catch((error) => console.error(error));
}

/** What lies in node_modules does not change, but takes Bun far longer to load than all else: it is loaded once. */
async function keepDependencies(): Promise<void> {
  const paths = Object.keys(require.cache).filter((path) => DEPENDENCY.test(path));
  const modules = await Promise.all(paths.map((path) => import(path)));
  const kept = new Map(paths.map((path, index) => [path, { ...modules[index] }]));
  const filter = new RegExp(`^(${paths.map(RegExp.escape).join("|")})$`);
  await Bun.plugin({
    name: "kept dependencies",
    setup(build) {
      build.onLoad({ filter }, ({ path }) => ({ exports: kept.get(path) ?? {}, loader: "object" }));
    },
  });
}

/** Bun does that when one of them changes: here is one that does. */
async function runModules(): Promise<void> {
  const module = join(tmpdir(), `hot-${process.pid}.js`);
  if (!(await Bun.file(module).exists())) await Bun.write(module, "");
  // Only what was imported since they last ran is watched.
  await import(module);
  await Bun.write(module, "");
}
