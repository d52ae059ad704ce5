// The page works without the network after the first visit, in any folder, and says when a new version waits.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DIST, serve } from "./server.mjs";
import { onPage } from "./support/test.mjs";

const ALLOW = { serviceWorkers: "allow" };

/** Waits until all files are kept and the page is in the worker's charge. */
async function kept(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated", null, { timeout: 60_000 });
}

async function type(page, line) {
  const field = page.getByRole("textbox", { name: "Command line" });
  await field.fill(line);
  await field.press("Enter");
}

onPage("all of it works without the network after the first visit", ALLOW, async ({ app, page, context }) => {
  await app.open("#/play");
  await kept(page);
  await context.setOffline(true);
  await page.reload();
  await app.main.waitFor();
  await app.region("Your data").getByRole("button", { name: /Use the sample/ }).click();
  await app.button("Stream it in").click();
  await page.getByRole("button", { name: "flights-0 on broker 1", exact: true }).waitFor({ timeout: 60_000 });
  await app.button("Pause").click();
  await app.button("Share").click();
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  await Promise.all([page.waitForEvent("download"), app.button("Download PNG").click()]);

  // Another tab, opened by the link itself.
  const other = await context.newPage();
  await other.goto(link);
  await other.getByRole("button", { name: "flights-0 on broker 1", exact: true }).waitFor({ timeout: 60_000 });
});

onPage("the page can be installed", ALLOW, async ({ app, page }) => {
  await app.open();
  const address = await page.locator("link[rel=manifest]").evaluate((link) => link.href);
  const manifest = await (await page.request.get(address)).json();
  assert.equal(manifest.display, "standalone");
  assert.ok(manifest.icons.some((icon) => icon.purpose.includes("maskable")));
  for (const icon of manifest.icons) {
    const answer = await page.request.get(new URL(icon.src, address).href);
    assert.equal(answer.headers()["content-type"], icon.type, icon.src);
  }
  const session = await page.context().newCDPSession(page);
  const { errors } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
});

onPage("a new version waits until the reader says so", ALLOW, async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), "highwater-"));
  await cp(DIST, folder, { recursive: true });
  const server = await serve({ folder, base: "/sub/path/" });
  try {
    await page.goto(`${server.url}#/play`);
    await kept(page);
    await type(page, "broker stop 2");
    await change(folder, "page.js", "\nglobalThis.isNew = true;\n");
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
    await page.getByText("A new version of Highwater waits").waitFor({ timeout: 60_000 });
    await page.reload();
    await page.getByText("A new version of Highwater waits").waitFor();
    assert.equal(await page.evaluate(() => globalThis.isNew), undefined, "the old one is shown");
    await page.getByRole("button", { name: "Reload", exact: true }).click();
    await page.waitForFunction(() => globalThis.isNew === true);
    await page.getByRole("region", { name: "Log" }).getByText("broker stop 2").first().waitFor();
    assert.equal(await page.getByText("A new version of Highwater waits").count(), 0);
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});

onPage("a version that is only half there is not taken", ALLOW, async ({ page, troubles }) => {
  const folder = await mkdtemp(join(tmpdir(), "highwater-"));
  await cp(DIST, folder, { recursive: true });
  const server = await serve({ folder, base: "/sub/path/" });
  try {
    await page.goto(`${server.url}#/play`);
    await kept(page);
    await change(folder, "page.js", "\nglobalThis.isNew = true;\n");
    await writeFile(join(folder, "page.js"), "globalThis.isHalf = true;");
    const outcome = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update().catch(() => {});
      await new Promise((later) => setTimeout(later, 3_000));
      return Boolean(registration.waiting);
    });
    assert.equal(outcome, false, "what is not what it says does not wait");
    await page.reload();
    await page.getByRole("main").waitFor();
    assert.equal(await page.evaluate(() => globalThis.isHalf), undefined);
    troubles.length = 0;
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});

/** Appends to a file of a build, and makes the worker's list say so, as a build does. */
async function change(folder, name, text) {
  const hash = (content) => createHash("sha256").update(content).digest("hex");
  const before = await readFile(join(folder, name));
  const after = Buffer.concat([before, Buffer.from(text)]);
  const worker = await readFile(join(folder, "service-worker.js"), "utf8");
  assert.ok(worker.includes(hash(before)), "the list holds the SHA-256 of each file");
  await writeFile(join(folder, name), after);
  await writeFile(join(folder, "service-worker.js"), worker.replace(hash(before), hash(after)));
}
