// A scenario travels as a link and as a file; what cannot be read is refused in words, and nothing is lost by it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible } from "./support/axe.mjs";
import { counts } from "./support/counts.mjs";
import { drop } from "./support/drop.mjs";
import { say, verbatim } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { leap, type } from "./support/time.mjs";

const CREATE =
  "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092";

/** Two lines, two seconds of virtual time, a broker selected. */
async function aScenario(app, page) {
  await app.open("#/play");
  await type(page, CREATE);
  await leap(page, 2);
  await app.button("orders-1 on broker 1").waitFor();
  await type(page, "producer start p1 --topic orders --rate 20");
  await app.button("Broker 2").click();
}

/** The link that the panel offers. */
async function theLink(app, page) {
  await app.button("Share").click();
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  return link;
}

async function shows(app, page) {
  await app.button("Producer p1").waitFor({ timeout: 60_000 });
  await app.region("Log").getByText(CREATE).first().waitFor();
  assert.equal(await page.getByRole("slider", { name: "Virtual time" }).getAttribute("aria-valuenow"), "2000");
  await app.region("Inspector").getByText("Broker 2").first().waitFor();
}

async function fileOf(download) {
  return readFile(await download.path(), "utf8");
}

onPage("a link opens in a fresh profile whose network is cut", async ({ app, page, context }) => {
  await aScenario(app, page);
  const link = await theLink(app, page);
  await assertAccessible(page);
  assert.ok(link.length < 700, `${link.length} characters`);

  const fresh = await context.browser().newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: "block" });
  try {
    const other = await fresh.newPage();
    await other.goto(app.url);
    await other.getByRole("main").waitFor();
    await other.evaluate(async () => (await import(new URL("boot.js", document.baseURI).href)).whole);
    await fresh.setOffline(true);
    await other.evaluate((hash) => (location.hash = hash), new URL(link).hash);
    await shows(new app.constructor(other, app.url), other);
    assert.match(other.url(), /#\/play$/, "the address is that of the place");
  } finally {
    await fresh.close();
  }
});

onPage("opening a link leaves what was saved as it was", async ({ app, page }) => {
  await aScenario(app, page);
  const link = await theLink(app, page);
  await page.keyboard.press("Escape");
  await app.button("New scenario").click();
  await type(page, "broker stop 3");
  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await shows(app, page);
  const saved = await page.evaluate(() =>
    Object.entries(localStorage).filter(([key]) => key.startsWith("highwater.scenario.")).map(([, text]) => text),
  );
  assert.equal(saved.length, 3);
  assert.equal(saved.filter((text) => text.includes("broker stop 3")).length, 1);
  await page.reload();
  await app.button("Producer p1").waitFor({ timeout: 60_000 });
  await app.region("Log").getByText(CREATE).first().waitFor();
  await page.getByRole("link", { name: "About" }).click();
  const line = page.getByRole("listitem").filter({ hasText: verbatim(`play${say("about.at")}`.trim()) });
  await line.first().waitFor();
  await counts(line, 3);
  await line.nth(1).getByRole("button", { name: "Open" }).click();
  await app.region("Log").waitFor();
});

onPage("what cannot be read is refused in words", async ({ app, page }) => {
  await aScenario(app, page);
  const link = await theLink(app, page);
  const check = async (hash, wanted, values) => {
    await page.goto("about:blank");
    await page.goto(app.url + hash);
    await page.getByRole("heading", { name: "This link cannot be opened" }).waitFor();
    const said = await page.getByRole("alert").innerText();
    const sentence = say(wanted, values);
    assert.ok(sentence instanceof RegExp ? sentence.test(said) : said.includes(sentence), `${said} is not ${sentence}`);
  };
  const hash = new URL(link).hash;
  await check(hash.slice(0, 60), "share.link-cut-off", { characters: /56/ });
  await check(`${hash}.`, "share.link-character", { place: /\d+/, character: /'\.'/ });
  await check(`${hash.slice(0, 80)}${hash[80] === "A" ? "B" : "A"}${hash.slice(81)}`, "share.link-damaged");
  await check("#/s/", "share.link-empty");
  await assertAccessible(page);
});

onPage("a thousand mutated links neither stop the page nor run anything", async ({ app, page }) => {
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(event.violatedDirective));
  });
  await aScenario(app, page);
  await type(page, 'producer start "<img src=x onerror=hacked=1>" --topic "<script>hacked=1</script>"');
  const hash = new URL(await theLink(app, page)).hash;
  await page.keyboard.press("Escape");
  await page.evaluate(async (hash) => {
    let state = 1;
    const below = (limit) => {
      state = (state * 48271) % 2147483647;
      return state % limit;
    };
    const pieces = ["A", "_", "<img src=x onerror=hacked=1>", "%3Cscript%3E", "é", "javascript:hacked=1", ""];
    for (let number = 0; number < 1_000; number += 1) {
      let word = hash;
      for (let times = below(3); times >= 0; times -= 1) {
        const at = 4 + below(word.length - 4);
        word = word.slice(0, at) + pieces[below(pieces.length)] + word.slice(at + below(4));
      }
      location.hash = word;
      if (number % 20 === 0) await new Promise((frame) => requestAnimationFrame(frame));
    }
    location.hash = hash;
  }, hash);
  await app.region("Log").getByText("<img src=x onerror=hacked=1>").first().waitFor({ timeout: 60_000 });
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(await page.evaluate(() => globalThis.violations), []);
});

onPage("a file goes out and comes back; one that is cut off or wrong is refused", async ({ app, page }) => {
  await aScenario(app, page);
  await app.button("Share").click();
  const [download] = await Promise.all([page.waitForEvent("download"), app.button("Download the file").click()]);
  assert.equal(download.suggestedFilename(), "scenario.hw");
  const text = await fileOf(download);
  assert.match(text, /^highwater 1\n#shared 1 at 2s, /);
  await page.keyboard.press("Escape");
  await app.button("New scenario").click();
  await drop(page, "header", "scenario.hw", text);
  await shows(app, page);

  await drop(page, "header", "half.hw", text.slice(0, -20));
  await page.getByText(/half\.hw is cut off: the last 20 bytes/).waitFor();
  await drop(page, "header", "wrong.hw", "highwater 1\nseed 1\n@1s nobody knows\n");
  await page.getByText(/wrong\.hw cannot be opened \(line 3, column/).waitFor();
  await drop(page, "header", "edited.hw", text.replace("--rate 20", "--rate 21"));
  await page.getByText(/edited\.hw was edited since/).waitFor();
  await app.region("Log").getByText("--rate 21").first().waitFor();
  await assertAccessible(page);
});

onPage("the stage is saved as a picture that stands by itself", async ({ app, page }) => {
  await aScenario(app, page);
  await app.button("Share").click();
  const get = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), app.button(name).click()]);
    return download.path();
  };
  const svg = await readFile(await get("Download SVG"), "utf8");
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox=/);
  assert.match(svg, /font-family="[^"]*Inter/);
  assert.match(svg, /orders-1|orders/);
  assert.ok(!/class=|style=|var\(|<script/.test(svg), "it needs no style sheet");
  const parsed = await page.evaluate(
    (text) => new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")?.textContent ?? "",
    svg,
  );
  assert.equal(parsed, "");
  const png = await readFile(await get("Download PNG"));
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  assert.ok(png.readUInt32BE(16) > 800 && png.length > 20_000, `${png.readUInt32BE(16)} wide, ${png.length} bytes`);
});

onPage("sharing on a phone", { viewport: { width: 390, height: 844 } }, async ({ app, page }) => {
  await app.open("#/play");
  await app.button("Share").click();
  await page.getByRole("textbox", { name: "Link" }).waitFor();
  await assertAccessible(page);
  await app.button("Close").click();
  await page.getByRole("textbox", { name: "Link" }).waitFor({ state: "detached" });
});
