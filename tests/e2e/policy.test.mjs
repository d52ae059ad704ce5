// The content security policy stands, and the page lives with it.

import assert from "node:assert/strict";

import { onPage } from "./support/test.mjs";

async function type(page, line) {
  const field = page.getByRole("textbox", { name: "Command line" });
  await field.fill(line);
  await field.press("Enter");
}

async function collectViolations(page) {
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener("securitypolicyviolation", (event) => {
      globalThis.violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  return () => page.evaluate(() => globalThis.violations);
}

onPage("no script and no style of an attacker runs", async ({ app, page, troubles }) => {
  const violations = await collectViolations(page);
  await app.open("#/play");
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.hacked = 'inline'";
    document.body.append(script);
    const holder = document.createElement("div");
    holder.innerHTML = "<img src='data:,' onerror=\"globalThis.hacked = 'handler'\"><p style='position:fixed'></p>";
    document.body.append(holder);
    const far = document.createElement("script");
    far.src = "https://example.com/x.js";
    document.body.append(far);
    // Later: what the test itself evaluates may evaluate more.
    setTimeout(() => {
      globalThis.hacked = new Function("return 'eval'")();
    });
  });
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  const found = await violations();
  for (const wanted of [/script-src-elem inline/, /script-src-attr inline/, /style-src-attr inline/, /example\.com/, /script-src eval/]) {
    assert.ok(found.some((violation) => wanted.test(violation)), `${wanted} in ${found}`);
  }
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.ok(!/unsafe-inline|unsafe-eval[^-]*'unsafe|\*/.test(policy.replace("'wasm-unsafe-eval'", "")), policy);
  troubles.length = 0;
});

onPage("a whole story violates nothing", async ({ app, page }) => {
  const violations = await collectViolations(page);
  await app.open("#/play");
  await app.region("Your data").getByRole("button", { name: /Use the sample/ }).click();
  await app.button("Stream it in").click();
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "10×" });
  await page.getByRole("button", { name: "flights-0 on broker 1", exact: true }).waitFor({ timeout: 60_000 });
  await app.button("Pause").click();
  await type(page, "broker kill 2");
  const slider = page.getByRole("slider", { name: "Virtual time" });
  await slider.focus();
  await page.keyboard.press("PageUp");
  await page.keyboard.press("Home");
  // A branch, with its bar.
  await type(page, "broker stop 3");
  await page.getByRole("list", { name: "Branches" }).waitFor();
  await app.button("Broker 1").click();
  await app.button("Share").click();
  for (const name of ["Download SVG", "Download PNG"]) {
    await Promise.all([page.waitForEvent("download"), app.button(name).click()]);
  }
  await page.keyboard.press("Escape");
  for (const route of ["#/learn", "#/learn/keep-writing", "#/interview", "#/interview/second-broker-stops", "#/about", "#/s/AAAA"]) {
    await page.evaluate((hash) => (location.hash = hash), route);
    await page.getByRole("main").waitFor();
    await page.waitForTimeout(200);
  }
  assert.deepEqual(await violations(), []);
});
