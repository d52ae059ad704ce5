// What is done is kept, and where it cannot be, that is said.

import assert from "node:assert/strict";

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

onPage("a forbidden storage is told, and nothing else breaks", async ({ app, page }) => {
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
