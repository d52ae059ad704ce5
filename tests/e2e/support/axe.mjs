// What axe says about a page's accessibility.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const SOURCE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const BAD = new Set(["serious", "critical"]);

/** Fails if axe finds anything serious or critical in what is shown now. */
export async function assertAccessible(page) {
  // Evaluated rather than added as a script: that would need a hole in the page's security policy.
  await page.evaluate(await readFile(SOURCE, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const bad = violations.filter((violation) => BAD.has(violation.impact));
  assert.equal(bad.length, 0, `axe found:\n${bad.map(describe).join("\n")}`);
}

function describe({ id, impact, help, nodes }) {
  const where = nodes.slice(0, 5).map((node) => `    ${node.target.join(" ")}`);
  return [`  ${impact}: ${id}: ${help}, ${nodes.length} times, such as`, ...where].join("\n");
}
