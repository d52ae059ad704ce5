// Lines typed into the terminal, and virtual time moved on with the keyboard.

import assert from "node:assert/strict";

/** The timeline, as a slider. */
export function timeline(page) {
  return page.getByRole("slider", { name: "Virtual time" });
}

/** The moment at which the page stands, in milliseconds of virtual time. */
export async function millis(page) {
  return Number(await timeline(page).getAttribute("aria-valuenow"));
}

/** Waits until the page stands at a moment, in milliseconds. */
export async function reaches(page, wanted) {
  for (let tries = 0; tries < 400; tries += 1) {
    if ((await millis(page)) === wanted) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`virtual time stands at ${await millis(page)} ms, not at ${wanted}`);
}

/** Types a line into the terminal, and Enter. */
export async function type(page, line) {
  const tab = page.getByRole("tab", { name: "Terminal", exact: true });
  if (await tab.isVisible()) await tab.click();
  const box = page.getByRole("textbox", { name: "Command line" });
  await box.fill(line);
  await box.press("Enter");
}

/** Goes on to a second of virtual time, or less than one behind it, a second at a press. Time that runs stands from then on. */
export async function leap(page, second) {
  const pause = page.getByRole("button", { name: "Pause", exact: true });
  if (await pause.isVisible()) await pause.click();
  await timeline(page).focus();
  for (let now = await millis(page); now < second * 1000; now += 1000) {
    await page.keyboard.press("PageUp");
    await reaches(page, now + 1000);
  }
}

/** Types lines, so many seconds of virtual time apart, and goes on to a second. */
export async function play(page, lines, { apart = 2, until = 0 } = {}) {
  for (const line of lines) {
    await type(page, line);
    await leap(page, (await millis(page)) / 1000 + apart);
  }
  await leap(page, until);
}

/** Plays until something can be seen, at a speed of which a test need not wait long. */
export async function playUntil(app, page, locator) {
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "10×" });
  // Streaming a file in lets time run by itself.
  const play = app.button("Play");
  if (await play.isVisible()) await play.click();
  await locator.first().waitFor({ timeout: 60_000 });
  await app.button("Pause").click();
}
