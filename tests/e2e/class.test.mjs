// The classroom: a playlist held from start to end by the keyboard, students with numbers of their own, and their files.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible } from "./support/axe.mjs";
import { onPage } from "./support/test.mjs";

/** Hands for each answer, typed one after the other; Enter goes to the next, and behind the last a step on. */
async function countHands(page, hands) {
  for (const [place, count] of hands.entries()) {
    const field = page.locator(`#hands-${place}`);
    await field.waitFor();
    await page.waitForFunction((id) => document.activeElement?.id === id, `hands-${place}`);
    await page.keyboard.type(`${count}`);
    await page.keyboard.press("Enter");
  }
}

/** How many answers there are to vote on. */
const answersOf = (page) => page.locator(".hands li").count();

onPage("a playlist is held from start to end by the keyboard alone", async ({ app, page, context }) => {
  await app.open("#/class/what-is-a-log");
  await page.getByRole("heading", { level: 1, name: "What is a log?", exact: true }).waitFor();
  await assertAccessible(page);
  await page.getByRole("link", { name: "Begin" }).click();
  const scene = app.region("Scene");
  await scene.getByRole("heading", { name: "A book on the counter" }).waitFor();
  await assertAccessible(page);
  const size = await page.locator("body").evaluate((body) => getComputedStyle(body).zoom);
  assert.equal(size, "1.5", "it can be read from the last row");

  // The notes stand in another window of the same browser, and follow.
  const notes = await context.newPage();
  await notes.goto(page.url().replace(/\/1$/, "/notes"));
  await notes.getByText("Scene 1 of 7").waitFor();
  await assertAccessible(notes);

  await page.bringToFront();
  await page.keyboard.press("PageDown");
  await scene.getByRole("heading", { name: "Three orders, and nobody reads", exact: true }).waitFor();
  await notes.getByText("Scene 2 of 7").waitFor();
  // It plays to the first pause by itself, and stands there.
  await scene.getByRole("button", { name: "Let it run" }).waitFor();
  await page.keyboard.press("PageDown");
  await scene.getByRole("button", { name: "To its end" }).waitFor();
  await scene.getByRole("button", { name: "Let it run" }).waitFor();
  await page.getByText("0:03.0").first().waitFor();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  // What plays comes to its end at once; a step back stands at the pause before.
  await page.keyboard.press("ArrowRight");
  await scene.getByRole("button", { name: "To its end" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await scene.getByRole("button", { name: "Next scene" }).waitFor();
  await page.getByText("0:08.0").first().waitFor();
  await page.keyboard.press("PageUp");
  await page.getByText("0:03.0").first().waitFor();
  await page.keyboard.press("PageDown");
  await page.keyboard.press("PageDown");
  await scene.getByRole("button", { name: "Next scene" }).waitFor();

  // The teacher's window leads on too.
  await notes.getByRole("button", { name: "On" }).click();
  await scene.getByRole("heading", { name: "A second group comes", exact: true }).waitFor();
  const count = await answersOf(page);
  assert.ok(count >= 2, "what is right stands among what wrong beliefs say");
  await countHands(page, [12, 6, ...Array(count - 2).fill(0)]);
  await scene.getByText("Talk to somebody who voted otherwise.").waitFor();
  assert.equal(await page.locator(".hands input, .bars").count(), 0, "nobody sees what the others voted");
  await assertAccessible(page);

  // A reload loses nothing.
  await page.reload();
  await scene.getByText("Talk to somebody who voted otherwise.").waitFor({ timeout: 30_000 });
  await page.keyboard.press("PageDown");
  await countHands(page, [2, 16, ...Array(count - 2).fill(0)]);
  await page.keyboard.press("PageDown");
  await scene.getByText(/^Right is: /).waitFor({ timeout: 30_000 });
  await scene.getByText(/^Right: \d+ of 18, and after the talk \d+ of 18$/).waitFor();
  assert.equal(await page.locator(".hands li.is-right").count(), 1);
  await assertAccessible(page);

  // A belief is claimed, refuted by its run, and set right.
  await page.keyboard.press("PageDown");
  await scene.getByRole("heading", { name: "Consuming deletes", exact: true }).waitFor();
  await countHands(page, [9, 9]);
  await scene.getByRole("button", { name: "To its end" }).waitFor();
  await page.keyboard.press("PageDown");
  await scene.getByRole("button", { name: "What is so" }).waitFor();
  await page.keyboard.press("PageDown");
  await scene.getByRole("button", { name: "Next scene" }).waitFor();
  await page.keyboard.press("PageDown");

  // On to the end, which leads back to the playlist.
  await scene.getByRole("heading", { name: "Fast and slow readers", exact: true }).waitFor();
  for (let presses = 0; presses < 30 && (await scene.count()) > 0; presses += 1) {
    await page.keyboard.press("PageDown");
    await page.waitForTimeout(200);
  }
  await page.getByRole("heading", { level: 1, name: "What is a log?", exact: true }).waitFor();
  const usual = await page.locator("body").evaluate((body) => getComputedStyle(body).zoom);
  assert.equal(usual, "1", "all is as large as before");
});

/** Answers all questions with their first answer, or with a number, and gives the file. */
async function handIn({ app, page }, number, name) {
  await app.open("#/class/what-is-a-log/work");
  await page.getByRole("spinbutton", { name: "Your number in the class" }).fill(`${number}`);
  await page.getByRole("textbox", { name: "Your name, if you like" }).fill(name);
  await page.getByRole("button", { name: "Begin" }).click();
  const question = app.region("Question");
  await question.getByRole("link", { name: "Mock interview: 1 of 2" }).waitFor();
  await question.getByRole("spinbutton").fill("0");
  await question.getByRole("button", { name: "Lock in" }).click();
  await question.getByRole("link", { name: "Mock interview: 2 of 2" }).waitFor();
  await question.getByRole("radio").first().check();
  await question.getByRole("button", { name: "Lock in" }).click();
  await page.getByRole("heading", { name: "How it went" }).waitFor();
  await assertAccessible(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save for the teacher" }).click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), `highwater-class-${number}.json`);
  return readFile(await saved.path(), "utf8");
}

onPage("students answer with numbers of their own, and their files are laid together", async ({ app, page }) => {
  const [first, second] = [await handIn({ app, page }, 1, "Ada"), await handIn({ app, page }, 2, "Ben")];
  const draws = [first, second].map((text) => JSON.parse(text).answers.map((answer) => answer.draw));
  assert.notDeepEqual(draws[0], draws[1], "neighbours have other numbers");

  await app.open("#/class/what-is-a-log/results");
  const file = (name, text) => ({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await page.locator("input[type=file]").setInputFiles([
    file("ada.json", first),
    file("ben.json", second),
    file("other.json", first.replace("what-is-a-log", "wide-and-safe")),
    file("cut.json", first.slice(0, 40)),
  ]);
  await page.getByText("2 students.").waitFor();
  await page.getByText("other.json: It belongs to another playlist: wide-and-safe.").waitFor();
  await page.getByText("cut.json: This is no file of a student.").waitFor();
  const table = page.getByRole("region", { name: "Results" });
  await table.getByRole("rowheader", { name: "1. Ada" }).waitFor();
  await table.getByRole("rowheader", { name: "2. Ben" }).waitFor();
  await page.getByRole("heading", { name: "By question" }).waitFor();
  await assertAccessible(page);
});

onPage("worksheets are made for each number, with and without answers", async ({ app, page }) => {
  await app.open("#/class/what-is-a-log/sheet");
  await page.getByRole("spinbutton", { name: "To number" }).fill("3");
  await page.getByRole("spinbutton", { name: "To number" }).blur();
  await page.locator(".sheet").nth(2).waitFor();
  assert.equal(await page.locator(".sheet").count(), 3);
  assert.equal(await page.locator(".solution").count(), 0);
  await assertAccessible(page);
  await page.getByRole("checkbox", { name: "With the answers" }).check();
  await page.locator(".solution").nth(5).waitFor();
  await assertAccessible(page);
  // On paper stands nothing but the sheets.
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".top").isVisible(), false);
  assert.equal(await page.getByRole("button", { name: "Print" }).isVisible(), false);
});

onPage("every playlist opens, and a scene can be gone to by its address", async ({ app, page }) => {
  await app.open("#/class");
  const links = await page.locator(".card a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  assert.ok(links.length >= 10);
  await assertAccessible(page);
  for (const link of links) {
    await app.open(link);
    await page.locator(".scenes > li").first().waitFor();
    await app.open(`${link}/2`);
    await app.region("Scene").getByText(/^Scene 2 of \d+$/).waitFor();
  }
});
