// Scenarios opened at a moment, as a file that somebody drops on the page.

import { readFile } from "node:fs/promises";

import { drop } from "./drop.mjs";

const FOLDER = new URL("../../scenarios/", import.meta.url);

/** The text of a scenario in tests/scenarios, `stage/rebalance`. */
export function scenario(name) {
  return readFile(new URL(`${name}.hw`, FOLDER), "utf8");
}

/** Drops a script on the page and waits until it stands at `at` seconds. */
export async function openAt(page, script, at, view = "") {
  await drop(page, "header", "scene.hw", marked(script, at, view));
  await standsAt(page, at);
}

/** Waits until the page stands at so many seconds of virtual time. */
export async function standsAt(page, at) {
  const wanted = String(Math.round(at * 1000));
  await page.waitForFunction(
    (wanted) => document.querySelector("[role=slider].track")?.getAttribute("aria-valuenow") === wanted,
    wanted,
    { timeout: 90_000 },
  );
}

/** A script as the page writes it into a file: with the moment and the view. */
function marked(script, at, view) {
  const [first, ...rest] = script.split("\n");
  const bytes = new TextEncoder().encode(script);
  const sum = crc32c(bytes).toString(16).padStart(8, "0");
  return [first, `#shared 1 at ${at}s, ${bytes.length} bytes, crc32c ${sum}, view ${view}`, ...rest].join("\n");
}

function crc32c(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  return ~crc >>> 0;
}
