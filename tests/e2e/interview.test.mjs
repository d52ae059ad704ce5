// The interview: a mock of ten with known mistakes, its report, what comes back when, and all of it as a file.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible } from "./support/axe.mjs";
import { Highwater } from "./support/highwater.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";

const DAY = 86_400_000;
// Noon, so that no zone makes another day of it.
const BEGIN = Date.UTC(2030, 4, 6, 12);

/** What the page keeps under a key. */
const kept = (page, key) => page.evaluate((key) => JSON.parse(localStorage.getItem(key)), `highwater.${key}`);

/** The answers that were noted. */
const answers = async (page) => (await kept(page, "learning")).deeds.filter((deed) => deed.did === "answered");

/** Sees to it that something is given, whatever it is. */
async function giveAnything(question) {
  const choice = question.locator("input[type=radio], input[type=checkbox]");
  if (await choice.count()) return choice.first().check();
  const number = question.getByRole("spinbutton");
  if (await number.count()) await number.fill("0");
}

/**
 * What is right, found out on a page of its own: there the question is answered with the same numbers, and the cluster says.
 * `null` for what is pointed at, and what is answered in one's own words.
 */
async function truth(app, { question: id, draw }) {
  await app.open(`#/interview/${id}/${draw}`);
  const question = app.region("Question");
  await question.getByRole("heading", { level: 2 }).waitFor();
  if (await question.locator(".open-answer, p.answer").count()) return null;
  await giveAnything(question);
  await question.getByRole("button", { name: /^Lock in/ }).click();
  await question.locator("#verdict").waitFor();
  const number = question.getByText(/^It is -?\d+/);
  if (await number.count()) return { number: Number((await number.innerText()).match(/-?\d+/)[0]) };
  const right = question.locator("ol.order").nth(1).getByRole("listitem");
  if (await right.count()) return { order: await right.allInnerTexts() };
  const choices = question.locator(".choice");
  const marks = await choices.evaluateAll((all) => all.map((one) => one.querySelector(".right") !== null));
  return { choices: marks };
}

/** Answers what is shown: rightly, or wrongly in some way. */
async function answer(question, known, rightly) {
  if (known.number !== undefined) {
    return question.getByRole("spinbutton").fill(String(rightly ? known.number : known.number + 1_000));
  }
  if (known.order) return order(question, rightly ? known.order : [...known.order].reverse());
  const takesAll = (await question.locator("input[type=checkbox]").count()) > 0;
  const inputs = question.locator(".choice input");
  const wanted = known.choices.map((right) => right === rightly);
  if (!takesAll) return inputs.nth(wanted.indexOf(true)).check();
  for (const [index, isWanted] of wanted.entries()) {
    const input = inputs.nth(index);
    if ((await input.isChecked()) === isWanted) continue;
    await input.focus();
    await input.press("Space");
  }
}

/** Puts items in order by their buttons. */
async function order(question, words) {
  for (const [place, text] of words.entries()) {
    for (let tries = 0; tries < words.length; tries += 1) {
      const texts = await question.locator("ol.order").first().locator("li > span:first-child").allInnerTexts();
      if (texts.indexOf(text) <= place) break;
      await question.getByRole("button", { name: `Earlier: ${text}`, exact: true }).click();
    }
  }
}

/** Whether nearly right: then it comes back a day later than what was wrong. */
const days = ({ share, is_right: isRight }) => (isRight ? 3 : share >= 75 ? 2 : 1);

/** Answers the mock interview that is under way to its end; gives what was meant to be right. */
async function answerAll(app, page, known) {
  const { slots } = await kept(page, "mock");
  const meant = [];
  for (let place = (await kept(page, "mock")).slots.filter((slot) => slot.judged).length; place < slots.length; place += 1) {
    const question = app.region("Question");
    await question.getByText(`Mock interview: ${place + 1} of ${slots.length}`).waitFor();
    const solution = known.get(slots[place].question);
    // Every other one is a mistake, and one is not known.
    const rightly = solution !== null && place % 2 === 0;
    meant[place] = rightly;
    if (await question.locator(".open-answer").count()) {
      await question.getByRole("textbox").fill("As I would say it.");
      await question.getByRole("button", { name: "Lock in and go on" }).click();
      meant[place] = "compare";
    } else if (solution === null || place === 3) {
      meant[place] = false;
      await question.getByRole("button", { name: "I do not know" }).click();
    } else {
      await answer(question, solution, rightly);
      await question.getByRole("button", { name: "Lock in and go on" }).click();
    }
    assert.equal(await question.locator("#verdict").count(), 0, "nothing is told before the end");
    await page.waitForFunction((hash) => location.hash !== hash, `#/mock/${place + 1}`);
  }
  return meant;
}

onPage("a mock interview with known mistakes is reported as it went, and they come back", async ({ app, page, context }) => {
  await page.clock.setFixedTime(BEGIN);
  await app.open("#/mock");
  await assertAccessible(page);
  await page.getByRole("button", { name: /^Begin with \d+ questions$/ }).click();
  await app.region("Question").waitFor();
  const { slots } = await kept(page, "mock");
  assert.ok(slots.length >= 8 && slots.length <= 10);

  // What is right is found out beside it, where another storage keeps no word of it here.
  const beside = await context.browser().newContext({ serviceWorkers: "block" });
  const other = new Highwater(await beside.newPage(), app.url);
  const known = new Map();
  for (const slot of slots) known.set(slot.question, await truth(other, slot));
  await beside.close();

  // A reload in the middle: what is answered so far is still there.
  const question = app.region("Question");
  await assertAccessible(page);
  await giveAnything(question);
  const before = await question.locator("input").evaluateAll((all) => all.map((one) => one.checked || one.value));
  await page.reload();
  await question.getByRole("heading", { level: 2 }).waitFor();
  const after = await question.locator("input").evaluateAll((all) => all.map((one) => one.checked || one.value));
  assert.deepEqual(after, before);

  const meant = await answerAll(app, page, known);
  await page.getByRole("heading", { name: "How it went" }).waitFor();
  await assertAccessible(page);

  // An answer in one's own words is compared now.
  while (await page.getByRole("link", { name: /^Compare with a good answer: / }).count()) {
    await page.getByRole("link", { name: /^Compare with a good answer: / }).first().click();
    await question.getByRole("button", { name: "Compare with a good answer" }).click();
    for (const point of await question.getByRole("checkbox").all()) await point.check();
    await question.getByRole("button", { name: "Lock in", exact: true }).click();
    await question.getByText("All that a good answer has was there.").waitFor();
    await question.getByRole("link", { name: "To the report" }).click();
    await page.getByRole("heading", { name: "How it went" }).waitFor();
  }
  const isRight = meant.map((one) => one === true || one === "compare");
  const right = isRight.filter(Boolean).length;
  const lines = await page.locator(".mock-lines li").evaluateAll((all) => all.map((one) => one.classList.contains("is-right")));
  assert.deepEqual(lines, isRight, slots.map((slot) => `${slot.question} ${slot.draw}`).join(", "));
  await page.getByText(`${right} of ${slots.length} right.`).waitFor();
  const noted = await answers(page);
  assert.equal(noted.length, slots.length);
  const beliefs = new Set(noted.flatMap((deed) => deed.beliefs));
  assert.equal(await page.locator(".mock-beliefs > li").count(), beliefs.size);
  for (const belief of beliefs) {
    assert.equal(await page.locator(`.mock-beliefs a[href="#/beliefs/${belief}"]`).count(), 1, belief);
  }

  // The run of a mistake can be looked at.
  const place = isRight.findIndex((one, index) => !one && known.get(slots[index].question) !== null);
  await page.locator(`.mock-lines a[href="#/mock/${place + 1}"]`).click();
  await question.locator("#verdict").waitFor();
  await assertAccessible(page);

  // Review asks the wrong ones, and no others.
  const wrong = slots.filter((_, index) => !isRight[index]).map((slot) => slot.question);
  await app.open("#/interview");
  await page.getByText("Nothing is due today.").waitFor();
  await assertAccessible(page);
  await app.button("Review what went wrong").click();
  await question.getByText(`What went wrong: 1 of ${wrong.length}`).waitFor();
  assert.deepEqual(new Set((await kept(page, "practice")).questions), new Set(wrong));

  // The next days: what the scheduler says, by what each answer was worth.
  const dueAfter = (count) => noted.filter((deed) => days(deed) <= count).map((deed) => deed.question);
  for (const count of [1, 2, 3]) {
    await page.clock.setFixedTime(BEGIN + count * DAY);
    await app.open("#/about");
    await app.open("#/interview");
    const due = dueAfter(count);
    await page.getByText(due.length === 1 ? "One question is due." : `${due.length} questions are due.`).waitFor();
    await app.button("Today's queue").click();
    await question.getByText(`Today's queue: 1 of ${due.length}`).waitFor();
    assert.deepEqual(new Set((await kept(page, "practice")).questions), new Set(due));
  }
});

onPage("a wrong belief leads to what refutes it, once, and is marked on the map", async ({ app, page }) => {
  const question = app.region("Question");
  const answerWrong = async () => {
    await app.open("#/about");
    await page.getByRole("heading", { level: 1, name: "About Highwater" }).waitFor();
    await app.open("#/interview/killed-without-a-word");
    await question.getByRole("heading", { level: 2 }).waitFor();
    // What was answered before stands there still, until it is to be answered again.
    const again = question.getByRole("button", { name: "Answer it again" });
    if (await again.count()) await again.click();
    await question.getByRole("button", { name: "Answer it again" }).waitFor({ state: "detached" });
    await question.getByRole("radio", { name: /only in the memory of that broker/ }).check();
    await question.getByRole("button", { name: "Lock in and run" }).click();
    await question.locator("#verdict").waitFor();
  };
  await answerWrong();
  await question.getByText(/Many think so/).waitFor();
  await assertAccessible(page);
  await question.getByRole("link", { name: "See a cluster do otherwise" }).click();
  await page.getByRole("heading", { name: "What is true" }).waitFor();
  await page.getByText("You have answered so once.").waitFor();
  await app.button("Let it run").click();
  await app.button("Pause").waitFor();
  await assertAccessible(page);
  // Back at the question, its verdict still stands.
  await page.goBack();
  await question.locator("#verdict").waitFor();
  await answerWrong();
  assert.equal(await question.getByText(/Many think so/).count(), 0, "it is said once");
  await question.locator(".led-again a").waitFor();

  await app.open("#/beliefs");
  const beliefs = page.locator(".beliefs li");
  assert.ok((await beliefs.count()) > 100);
  await page.getByRole("checkbox", { name: "Only the one that I have shown" }).check();
  await page.waitForFunction(() => document.querySelectorAll(".beliefs li").length === 1);
  await page.getByText("You have answered so").first().waitFor();
  await page.getByRole("searchbox", { name: "Find" }).fill("nothing has these words");
  await page.getByText("No belief has these words.").waitFor();
  await assertAccessible(page);
});

onPage("the bank is searched, and asked in a row", async ({ app, page }) => {
  await app.open("#/interview");
  const list = page.locator(".bank li");
  const all = await list.count();
  await page.getByRole("searchbox", { name: "Search the questions" }).fill(spoken("Killed without a word").slice(0, 14).toLowerCase());
  await page.waitForFunction((all) => document.querySelectorAll(".bank li").length < all, all);
  await page.getByRole("link", { name: "Killed without a word" }).waitFor();
  await page.getByRole("searchbox", { name: "Search the questions" }).fill("");
  await page.getByRole("combobox", { name: /^Level/ }).selectOption("hard");
  await page.getByRole("button", { name: /^Ask me/ }).click();
  await app.region("Question").getByText(/^Practice: 1 of \d+/).waitFor();
  const { questions } = await kept(page, "practice");
  await app.open("#/interview");
  await page.getByText(`Practice: 0 of ${questions.length} answered.`).waitFor();
  // A plan for the evening keeps to its time.
  await page.getByLabel("Your time").selectOption({ label: "45 minutes" });
  const said = await page.getByText(/^About \d+ minutes in all/).innerText();
  assert.ok(Number(said.match(/\d+/)[0]) <= 45);
  assert.ok((await page.locator(".plan-lines li").count()) >= 2);
  await assertAccessible(page);
});

onPage("progress is taken to another browser as a file, strictly, and forgotten after a question", async ({ app, page, context }) => {
  await app.open("#/interview/killed-without-a-word");
  const question = app.region("Question");
  await question.getByRole("radio", { name: /only in the memory of that broker/ }).check();
  await question.getByRole("button", { name: "Lock in and run" }).click();
  await question.locator("#verdict").waitFor();
  await app.open("#/standing");
  await page.getByRole("heading", { name: "Concepts" }).waitFor();
  await assertAccessible(page);
  const download = page.waitForEvent("download");
  await app.button("Save my progress").click();
  const text = await readFile(await (await download).path(), "utf8");
  const noted = (await kept(page, "learning")).deeds;

  // A fresh profile, which has done something of its own.
  const fresh = await context.browser().newContext({ serviceWorkers: "block", acceptDownloads: true });
  const there = await fresh.newPage();
  const other = new Highwater(there, app.url);
  await other.open("#/standing");
  const field = there.getByLabel("Take up a file");
  const give = (text) => field.setInputFiles({ name: "progress.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await there.waitForFunction(() => localStorage.getItem("highwater.learning"));
  const own = await kept(there, "learning");
  await give(text.replace('"did":"answered"', '"did":"guessed-at"'));
  await there.getByText(/^Line \d+, deed \d+: unknown variant `guessed-at`/).waitFor();
  await give("{}");
  await there.getByText(/another kind of file/).waitFor();
  assert.deepEqual(await kept(there, "learning"), own, "nothing was changed");
  await give(text);
  await there.getByText(`The file holds ${noted.length} things that were done.`).waitFor();
  await assertAccessible(there);
  await other.button("Add it to what is here").click();
  await there.getByText(/^Taken up: \d+ things that were not here/).waitFor();
  await other.open("#/interview");
  await there.getByText("One question was not right when it was asked last.").waitFor();
  // Once more adds nothing.
  await other.open("#/standing");
  await give(text);
  await other.button("Add it to what is here").click();
  await there.getByText(/^Taken up: 0 things that were not here/).waitFor();
  await other.button("Forget all of it").click();
  await assertAccessible(there);
  await other.button("Keep it").click();
  await other.button("Forget all of it").click();
  await other.button("Forget it").click();
  await there.getByText("It is forgotten.").waitFor();
  await other.open("#/interview");
  await there.getByText("Nothing is due today.").waitFor();
  assert.equal(await there.getByText("not right when it was asked last").count(), 0);
  await fresh.close();
});

onPage("it reads on a phone", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async ({ app, page }) => {
  for (const route of ["#/interview", "#/mock", "#/standing", "#/beliefs", "#/beliefs/acks-1-is-safe"]) {
    await app.open(route);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await assertAccessible(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${route} is ${wide} px too wide`);
  }
});
