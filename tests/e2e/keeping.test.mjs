// What is done is kept, and where it cannot be, that is said.

import assert from "node:assert/strict";

import { counts } from "./support/counts.mjs";
import { onPage } from "./support/test.mjs";

const LINE = "broker stop 2";

async function type(page, line) {
  const field = page.getByRole("textbox", { name: "Command line" });
  await field.fill(line);
  await field.press("Enter");
}

onPage("a full storage is told, and nothing else breaks", async ({ app, page }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await app.open("#/play");
  await type(page, LINE);
  await page.getByText(/storage is full/).first().waitFor();
  await app.region("Log").getByText(LINE).first().waitFor();
});

// Where nothing can be kept, no language is either.
onPage("a forbidden storage is told, and nothing else breaks", { speaks: "en" }, async ({ app, page }) => {
  await page.addInitScript(() => {
    const forbid = () => {
      throw new DOMException("no", "SecurityError");
    };
    Object.defineProperty(globalThis, "localStorage", { get: forbid });
    Object.defineProperty(globalThis, "sessionStorage", { get: forbid });
  });
  await app.open("#/play");
  await type(page, LINE);
  await page.getByText(/forbids this page to store/).first().waitFor();
  await app.region("Log").getByText(LINE).first().waitFor();
});

onPage("two tabs keep what each has", async ({ app, page, context }) => {
  await app.open("#/play");
  await type(page, LINE);
  const other = await context.newPage();
  await other.goto(`${app.url}#/play`);
  await other.getByRole("main").waitFor();
  await type(other, "broker stop 3");
  await page.getByText(/Another tab has saved/).first().waitFor();
  await page.reload();
  await app.region("Log").getByText(LINE).first().waitFor();
  const log = await app.region("Log").innerText();
  assert.ok(!log.includes("broker stop 3"), "the other tab's line is not in this one");
});

/** What an earlier version has saved. */
function saved(text) {
  return (page) =>
    page.addInitScript((text) => {
      if (localStorage.getItem("highwater.last.play")) return;
      localStorage.setItem("highwater.scenario.play.old", text);
      localStorage.setItem("highwater.last.play", "old");
    }, text);
}

onPage("a scenario of an earlier version is taken up", async ({ app, page }) => {
  await saved("1000000 1700000000000\nhighwater 1\nengine 0.0.1\nseed 1\ncluster --brokers 3\n\n@0.5s t1> broker stop 2\n")(page);
  await app.open("#/play");
  await app.region("Log").getByText(LINE).first().waitFor();
});

for (const [what, text] of [
  ["of a later version", "0 1700000000000\nhighwater 1\nseed 1\n@1s t1> broker stop 2\n@1s moon landing\n"],
  ["without its head", "highwater 1\n@1s moon landing\n"],
]) {
  onPage(`a scenario ${what} is told, and stays saved`, async ({ app, page }) => {
    await saved(text)(page);
    await app.open("#/play");
    await page.getByText(/The saved scenario cannot be read \(line \d, column/).waitFor();
    await type(page, "broker stop 3");
    await app.region("Log").getByText("broker stop 3").first().waitFor();
    assert.equal(await page.evaluate(() => localStorage.getItem("highwater.scenario.play.old")), text);
    await page.getByRole("link", { name: "About" }).click();
    await counts(page.getByRole("button", { name: "Copy scenario" }), 3, "the notice, and both that are saved");
  });
}
