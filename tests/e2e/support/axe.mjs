// What axe says about a page's accessibility.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const SOURCE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const SCHEMES = ["dark", "light"];

/** Fails if axe finds anything in what is shown now, be it dark or light. */
export async function assertAccessible(page) {
  // Evaluated rather than added as a script: that would need a hole in the page's security policy.
  await page.evaluate(await readFile(SOURCE, "utf8"));
  const before = await page.evaluate((schemes) => schemes.find((name) => matchMedia(`(prefers-color-scheme: ${name})`).matches), SCHEMES);
  for (const colorScheme of [...SCHEMES.filter((name) => name !== before), before]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(async () => {
      // What fades from one colour to another has neither while it does.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
      return globalThis.axe.run();
    });
    assert.equal(violations.length, 0, `axe found, ${colorScheme}:\n${violations.map(describe).join("\n")}`);
  }
}

function describe({ id, impact, help, nodes }) {
  const where = nodes.slice(0, 5).map((node) => `    ${node.target.join(" ")}`);
  return [`  ${impact}: ${id}: ${help}, ${nodes.length} times, such as`, ...where].join("\n");
}
