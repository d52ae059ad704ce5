// Packs as `cargo xtask content FOLDER --pack FILE` writes them, and such as nobody should have written.

import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../exercises/tests/packs/", import.meta.url));

/** The files of a pack in exercises/tests/packs, by their paths. */
export async function filesOf(name) {
  const root = join(FOLDER, name);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = {};
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[relative(root, path).split(sep).join("/")] = await readFile(path, "utf8");
  }
  return files;
}

/** A file for Playwright's `setInputFiles`. `spoil` may change the files before. */
export async function packFile(name, spoil = () => {}) {
  const files = await filesOf(name);
  spoil(files);
  return { name: `${name}.hwpack`, mimeType: "application/json", buffer: Buffer.from(textOf(files)) };
}

/** The text of a pack. */
export function textOf(files) {
  return JSON.stringify({ highwater_pack: 1, files }, null, 2);
}
