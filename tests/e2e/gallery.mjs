// Pictures of every view of the page: desktop and phone, dark and light, with a page that shows them all.
//
//   node tests/e2e/gallery.mjs OUTDIR [NAME...]      NAME is one of those below; none is all of them
//
// `cargo xtask gallery` builds the page first.

import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { serve } from "./server.mjs";
import { launch } from "./support/browser.mjs";
import { Highwater } from "./support/highwater.mjs";
import { openAt, scenario, standsAt } from "./support/scenes.mjs";
import { collectTroubles } from "./support/troubles.mjs";

const SIZES = [
  { name: "desktop", viewport: { width: 1440, height: 900 } },
  { name: "phone", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
];
const SCHEMES = ["dark", "light"];

/** The views: what they show, where they are, and what is done there before the picture is taken. */
const VIEWS = [
  view("front", "The front page: what Highwater is, a cluster that runs, and three doors", "#/"),
  view("play", "Free play as it begins: three brokers and nothing on them", "#/play"),
  scene("groups", "Two consumer groups while a member joins: one by the classic protocol, one by that of KIP-848; a transaction is open over two topics", "stage/rebalance", 12.6, { select: "group:fraud" }),
  scene("transaction", "A transaction as a bracket over the three partitions that it touches; the last stable offset is held back", "stage/rebalance", 11, { select: "partition:payments-0" }),
  scene("ten-brokers", "Ten brokers, 24 partitions and four groups; broker 7 was killed", "stage/ten-brokers", 15),
  scene("two-hundred", "206 partitions, folded into the bands of their topics; those in the worst trouble stay open", "stage/two-hundred", 30),
  scene("dead-broker", "A broker was killed: its replicas are hatched, others lead", "story", 36, { select: "broker:1" }),
  scene("log", "The log: one sentence for each thing that happened", "story", 36, { tab: "log" }),
  scene("charts", "Charts over virtual time", "story", 60, { tab: "charts" }),
  scene("metrics", "Metrics by the names that Kafka gives them", "story", 36, { tab: "metrics" }),
  scene("level-broker", "Inside of a broker: its replicas, its requests, its disk", "story", 36, {}, "/at/broker/3"),
  scene("level-partition", "A partition: its replicas one under another, with epochs, high watermark and readers", "story", 36, {}, "/at/orders-1"),
  scene("level-segments", "A replica's log: its segments and their indexes", "story", 36, {}, "/at/orders-1/broker/3"),
  scene("share-group", "A share group: each record of the partition is in the hands of one of three members, done, or available again since a member crashed", "stage/share-group", 17.5, { select: "group:encoders" }),
  scene("tiers", "Tiered storage: the old segments of a log are in the remote store only, and the newest on the disk", "stage/tiers", 41, {}, "/at/orders-0/broker/1"),
  scene("acls", "Access control lists: a consumer that may read the topic, and not commit for its group", "stage/acls", 12, { select: "consumer:billing" }),
  { ...view("spanish", "The page in Spanish: the stage of an exercise", "#/learn/first-records"), language: "es" },
  view("learn", "The list of exercises", "#/learn"),
  view("lesson", "A lesson: a stage of the road told as a story, with clusters that run in it", "#/lesson/a-book-on-the-counter"),
  view("first-exercise", "The first exercise: one topic, and one button", "#/learn/first-records"),
  view("exercise", "An exercise beside the cluster", "#/learn/keep-writing"),
  view("terms", "The glossary", "#/terms"),
  view("beliefs", "The map of wrong beliefs", "#/beliefs"),
  view("interview", "The interview: today's questions, a mock interview, the bank", "#/interview"),
  view("playlists", "Lessons for a class", "#/class"),
  view("scene", "A scene of a lesson, as the room sees it", "#/class/what-is-a-log/3"),
  view("worksheet", "A worksheet with the numbers of one student", "#/class/what-is-a-log/sheet"),
  view("question", "A question whose answer the cluster gives", "#/interview/second-broker-stops"),
  view("standing", "Where one stands with each concept", "#/standing"),
  view("pack", "Where a pack of one's own content is opened", "#/pack"),
  view("about", "About Highwater", "#/about"),
  menu("palette", "Everything that can be done, to be searched", "Do…"),
  menu("share", "A scenario as a link and as a file", "Share"),
  menu("looks", "Colours, contrast, motion and size", "Looks"),
  { ...scene("presenter", "Presenter size, to be read from the last row", "stage/rebalance", 11, { select: "partition:orders-1" }), presenter: true },
];

const [folder, ...names] = process.argv.slice(2);
if (!folder) {
  console.error("error: say where to: node tests/e2e/gallery.mjs OUTDIR [NAME...]");
  process.exit(1);
}
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
let bad = 0;
try {
  for (const one of VIEWS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    for (const size of SIZES) {
      for (const colorScheme of SCHEMES) bad += await picture(one, size, colorScheme);
    }
  }
} finally {
  await browser.close();
  await server.close();
}
await tidy();
process.exitCode = bad > 0 ? 1 : 0;

function view(name, alt, route) {
  return { name, alt, prepare: (page, app) => app.open(route) };
}

/** A scenario at a moment, seen from a place: with something selected, or a panel open. */
function scene(name, alt, script, at, shown = {}, place = "") {
  const parts = Object.entries(shown).map(([part, value]) => `${part}=${value}`);
  return {
    name,
    alt,
    async prepare(page, app) {
      await app.open("#/about");
      await openAt(page, await scenario(script), at, parts.join("&"));
      if (place) {
        await page.evaluate((place) => (location.hash = `#/play${place}`), place);
        await page.locator(".anatomy").waitFor();
        await standsAt(page, at);
      }
    },
  };
}

function menu(name, alt, button) {
  return {
    name,
    alt,
    async prepare(page, app) {
      await app.open("#/play");
      await app.button(button).click();
    },
  };
}

/** Takes a picture; gives how many things the page complained about. */
async function picture(one, { name: size, ...options }, colorScheme) {
  if (one.presenter) {
    if (size === "phone") return 0;
    options.viewport = { width: 1280, height: 720 };
  }
  // Without motion, so that two runs give the same picture.
  const context = await browser.newContext({ ...options, colorScheme, reducedMotion: "reduce", serviceWorkers: "block" });
  if (one.presenter) await context.addInitScript(() => localStorage.setItem("highwater.size", "presenter"));
  if (one.language) await context.addInitScript((code) => localStorage.setItem("highwater.language", code), one.language);
  const page = await context.newPage();
  const troubles = collectTroubles(page);
  await one.prepare(page, new Highwater(page, server.url));
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
  const session = await context.newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 42 });
  const file = `${one.name}-${size}-${colorScheme}.webp`;
  await writeFile(join(folder, file), Buffer.from(data, "base64"));
  console.log(file);
  for (const trouble of troubles) console.error(`  ${trouble}`);
  await context.close();
  return troubles.length;
}

/** Pictures of views that are no more go; the page that shows the others is written. */
async function tidy() {
  const known = new Set();
  for (const { name, presenter } of VIEWS) {
    for (const { name: size } of SIZES) {
      for (const scheme of SCHEMES) if (!(presenter && size === "phone")) known.add(`${name}-${size}-${scheme}.webp`);
    }
  }
  let bytes = 0;
  const there = new Set();
  for (const file of (await readdir(folder)).filter((file) => file.endsWith(".webp"))) {
    if (!known.has(file)) {
      await rm(join(folder, file));
      continue;
    }
    there.add(file);
    bytes += (await stat(join(folder, file))).size;
  }
  const lines = [
    "# Gallery",
    "",
    "Every view of the page at desktop (1440 × 900) and phone (390 × 844) width, dark and light.",
    "`cargo xtask gallery` takes these pictures, of the page as it is; nothing here is drawn by hand.",
  ];
  for (const { name, alt } of VIEWS) {
    lines.push("", `## ${alt.split(":")[0]}`, "", `${alt}.`, "");
    for (const { name: size } of SIZES) {
      for (const scheme of SCHEMES) {
        const file = `${name}-${size}-${scheme}.webp`;
        const width = size === "phone" ? 195 : 480;
        if (there.has(file)) lines.push(`<img src="${file}" width="${width}" alt="${alt}, on a ${size}, ${scheme}">`);
      }
    }
  }
  await writeFile(join(folder, "README.md"), `${lines.join("\n")}\n`);
  console.log(`${there.size} pictures, ${Math.round(bytes / 1000)} kB`);
}
