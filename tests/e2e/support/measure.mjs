// What every part of `cargo xtask bench` that runs in a browser needs: the page served, a browser, and lines of name, value and
// unit, apart by tabs.

import { serve } from "../server.mjs";
import { launch } from "./browser.mjs";

/** Does the work with a browser and the address of the page. What goes wrong is told, and is the exit status. */
export async function measure(work) {
  const server = await serve();
  const browser = await launch();
  try {
    await work({ browser, url: server.url });
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** One measurement. */
export function print(name, value, unit) {
  console.log(`${name}\t${value}\t${unit}`);
}

/** The value below which such a share of them lies: the least come first. */
export function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
