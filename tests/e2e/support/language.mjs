// The tests in another language: with `HIGHWATER_LANGUAGE=es` the page speaks Spanish, and what a test looks for by its English
// words is looked for by those of the language. Without it, nothing here does anything.
//
// Locators translate by themselves. What a test compares itself goes through `spoken`, by its English words, or through `say`,
// by the key of its sentence. What is English in any language, such as a command's output, is `verbatim` where a sentence might
// be taken for it.

import { escaped } from "./regexps.mjs";
import { catalogue, content } from "./texts.mjs";
import { Translator } from "./translate.mjs";

export const LANGUAGE = process.env.HIGHWATER_LANGUAGE || "en";

const english = catalogue("en");
const own = LANGUAGE === "en" ? english : catalogue(LANGUAGE);
const translator = LANGUAGE === "en" ? null : translatorOf();

/** What the language lacks, the page says in English. */
function translatorOf() {
  const said = [...english].map(([key, sentence]) => ({ key, english: sentence, own: own.get(key) ?? sentence }));
  const learnt = content(LANGUAGE);
  const translated = learnt.filter((text) => text.own);
  const sentences = new Set(english.values());
  const untranslated = learnt.filter((text) => !text.own && !sentences.has(text.english)).map((text) => text.english);
  return new Translator([...said, ...translated], { thousands: own.get("format.thousands"), untranslated });
}

/** The sentence of a key, with its arguments; a regular expression if one of them is. */
export function say(key, values = {}) {
  const sentence = own.get(key) ?? english.get(key);
  if (sentence === undefined) throw new Error(`no sentence has the key ${key}`);
  if (!Object.values(values).some((value) => value instanceof RegExp)) {
    return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }
  const source = sentence.split(/\{(\w+)\}/).map((piece, index) => {
    const value = index % 2 ? values[piece] : piece;
    return value instanceof RegExp ? value.source : escaped(String(value));
  });
  return verbatim(new RegExp(source.join("")));
}

/** English words, or a regular expression over them, as the page says them. */
export function spoken(words) {
  if (!translator) return words;
  if (words instanceof RegExp) return verbatim(translator.regExp(words) ?? words);
  const forms = translator.forms(words);
  if (forms.length > 1) throw new Error(`"${words}" may be ${forms.map((form) => `"${form}"`).join(" or ")}: say the key`);
  return forms[0] ?? words;
}

const verbatims = new WeakSet();

/** Words that are the same in any language. */
export function verbatim(words) {
  if (!translator) return words;
  const expression = words instanceof RegExp ? words : new RegExp(escaped(words), "i");
  verbatims.add(expression);
  return expression;
}

/** Words as a locator takes them. */
function sought(words, isExact) {
  if (typeof words === "string") return translator.expression(words, isExact) ?? words;
  if (!(words instanceof RegExp) || verbatims.has(words)) return words;
  return translator.regExp(words) ?? words;
}

// Who speaks what: a browser that may store nothing speaks English.
const languages = new WeakMap();
const speaks = (it) => languages.get((it.page?.() ?? it).context()) ?? "en";

/** From here on, the pages of a browser speak the language, and its locators know it. `speaks` may name another for a context. */
export function useLanguage(browser) {
  const usual = browser.newContext.bind(browser);
  browser.newContext = async ({ speaks = LANGUAGE, ...options } = {}) => {
    const context = await usual(options);
    if (!translator) return context;
    languages.set(context, speaks);
    await context.addInitScript(choose, speaks);
    context.once("page", (page) => patch(page));
    return context;
  };
}

/** Runs in the page, before anything else. */
function choose(language) {
  try {
    // A test may choose another.
    if (!localStorage.getItem("highwater.language")) localStorage.setItem("highwater.language", language);
  } catch {
    // No address, or no storage: there is nothing to choose for.
  }
}

let isPatched = false;

/** Has pages and locators translate what they are asked for. */
function patch(page) {
  if (isPatched) return;
  isPatched = true;
  for (const things of [Object.getPrototypeOf(page), Object.getPrototypeOf(page.locator("body"))]) {
    for (const name of ["getByText", "getByLabel", "getByTitle", "getByPlaceholder", "getByAltText"]) {
      wrap(things, name, (words, options) => [sought(words, options?.exact), options]);
    }
    wrap(things, "getByRole", (role, options) => [role, withSought(options, ["name", "description"], options?.exact)]);
    wrap(things, "locator", (selector, options) => [selector, withSought(options, ["hasText", "hasNotText"], false)]);
    if ("filter" in things) wrap(things, "filter", (options) => [withSought(options, ["hasText", "hasNotText"], false)]);
  }
  const locators = Object.getPrototypeOf(page.locator("body"));
  const select = locators.selectOption;
  locators.selectOption = async function selectOption(values, options) {
    return select.call(this, speaks(this) === "en" ? values : await labelled(this, values), options);
  };
}

function wrap(things, name, translated) {
  const usual = things[name];
  things[name] = function inLanguage(...given) {
    return usual.apply(this, speaks(this) === "en" ? given : translated(...given));
  };
}

function withSought(options, names, isExact) {
  const translated = { ...options };
  for (const name of names) if (translated[name] !== undefined) translated[name] = sought(translated[name], isExact);
  return options && translated;
}

/** The option that is called so: there a string is wanted, so it is the one of the forms that is there. */
async function labelled(locator, values) {
  if (typeof values?.label !== "string") return values;
  const forms = translator.forms(values.label);
  const labels = (await locator.locator("option").allTextContents()).map((label) => label.trim());
  return { ...values, label: forms.find((form) => labels.includes(form)) ?? values.label };
}
