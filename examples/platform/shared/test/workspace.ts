/** A copy of some of the platform's packages, for tests that edit them. */
import { cp, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WORKSPACE = join(import.meta.dir, "../..");

/** Returns the folder, in which the packages lie as they do here. */
export async function copyPackages(...names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "workspace-"));
  for (const name of names) {
    // As they are, the links to other packages lead to their copies.
    await cp(join(WORKSPACE, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
  }
  await symlink(join(WORKSPACE, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Replaces a text that stands in the file once. */
export async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await Bun.file(file).text();
  if (text.split(from).length !== 2) throw new Error(`not once in ${file}: ${from}`);
  await Bun.write(file, text.replace(from, () => to));
}
