// Pictures of the page for people to look at: large and small, light and dark.
//
//   node tests/e2e/screenshots.mjs OUTDIR [ROUTE...]      such as '#/exercises'; none is the start

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { serve } from "./server.mjs";
import { launch } from "./support/browser.mjs";
import { Highwater } from "./support/highwater.mjs";
import { collectTroubles } from "./support/troubles.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const SCHEMES = ["light", "dark"];

const [folder, ...routes] = process.argv.slice(2);
if (!folder) {
  console.error("error: say where to: node tests/e2e/screenshots.mjs OUTDIR [ROUTE...]");
  process.exit(1);
}
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
try {
  for (const route of routes.length > 0 ? routes : [""]) {
    for (const viewport of SIZES) {
      for (const colorScheme of SCHEMES) await picture(route, viewport, colorScheme);
    }
  }
} finally {
  await browser.close();
  await server.close();
}

async function picture(route, viewport, colorScheme) {
  // Without motion, so that two runs give the same picture.
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const troubles = collectTroubles(page);
  await new Highwater(page, server.url).open(route);
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
  const { width, height } = viewport;
  const file = join(folder, `${nameOf(route)}-${width}x${height}-${colorScheme}.png`);
  await page.screenshot({ path: file });
  console.log(file);
  for (const trouble of troubles) console.error(`  ${trouble}`);
  await context.close();
}

/** A file name for a route: `#/exercises/first` is `exercises-first`. */
function nameOf(route) {
  return route.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "start";
}
