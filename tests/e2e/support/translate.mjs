// From the English that tests look for to what the page says in another language, by the sentences of both.
//
// A text can be a sentence, with its arguments filled in (and these can be sentences in turn); several with punctuation between
// them; or a part of a sentence, for which the whole sentence is looked for. Of all ways to read a text, that counts which leaves
// the fewest letters untranslated: these are names, command lines and words of Kafka's. Where several sentences are
// the same in English, and not in the language, each of them will do.

import { escaped, placeOf, read } from "./regexps.mjs";

/** What a test does not say, inside a sentence: anything. */
const ANYTHING = "\uF8FF";
/** What a regular expression leaves open, and of it what may be anything: see `regexps.mjs`. */
const OPEN = /[\uE000-\uF8FF]/g;
const WIDE = /^[\uE000-\uEFFF]$/;
/** Between sentences that stand side by side. */
const SEPARATORS = [/; |, |: |\. | · | – /g, / /g, /[\uE000-\uEFFF]/g];
const MOST_FORMS = 60;

/** Words so common that a sentence cannot be told by them: `{part} of {whole}` is not each text with an "of" in it. */
const COMMON = /\b(?:a|an|and|are|at|by|for|from|has|in|is|no|not|of|on|or|the|to|with)\b/g;

const letters = (text) => (text.match(/\p{L}/gu) ?? []).length;
const isWord = (letter) => letter !== undefined && /[\p{L}\p{N}_-]/u.test(letter);
const isName = (text) => /^\S+$/.test(text) && /[-._\d\uE000-\uF8FF]/.test(text);
const isCommon = (text) => letters(text.replace(COMMON, "")) === 0;
const hasWords = (text) => /\p{L} +\p{L}/u.test(text);
/** Arguments that stand side by side in both languages, as one: where one ends and the next begins cannot be seen. */
function joined({ key, english, own }) {
  const both = english.match(/\{(\w+)\}\{(\w+)\}/);
  if (!both || !own.includes(both[0])) return { key, english, own };
  const one = `{${both[1]}_${both[2]}}`;
  return joined({ key, english: english.replace(both[0], one), own: own.replaceAll(both[0], one) });
}

/** A sentence in both languages. `parts` has what stands before, between and behind the arguments. */
function pattern({ key, english, own }) {
  const pieces = english.trim().split(/\{(\w+)\}/);
  const parts = pieces.filter((_, index) => index % 2 === 0);
  const names = pieces.filter((_, index) => index % 2 === 1);
  return { key, parts, names, own: own.trim(), words: parts.join(" ") };
}

/** What stands behind a comma of its own can be read without it as well. */
function withoutItsComma(sentence) {
  const comma = sentence.english.match(/^[;,.] /)?.[0];
  if (!comma || !sentence.own.startsWith(comma)) return [sentence];
  return [sentence, { ...sentence, english: sentence.english.slice(comma.length), own: sentence.own.slice(comma.length) }];
}

export class Translator {
  /**
   * @param sentences `{ key, english, own }` of each @param thousands what stands between thousands in the language
   * @param untranslated what is known to be English in the language too
   */
  constructor(sentences, { thousands = ",", untranslated = [] } = {}) {
    const patterns = sentences.flatMap(withoutItsComma).map(joined).map(pattern);
    this.patterns = patterns.filter((pattern) => pattern.words.trim());
    this.thousands = thousands;
    this.untranslated = new Set(untranslated.filter(hasWords));
    this.known = new Map();
  }

  /** What a text may be called in the language; nothing if no sentence is in it. `isPart`: it may be any part of a sentence. */
  forms(text, { isPart = false, ignoresCase = false } = {}) {
    const open = { atStart: !isPart, atEnd: !isPart, ignoresCase: false };
    const found = this.best(text, open);
    if (found.isKnown || !ignoresCase) return found.isKnown ? found.forms : [];
    const anyCase = this.best(text, { ...open, ignoresCase });
    return anyCase.isKnown ? anyCase.forms : [];
  }

  /** A regular expression for a text: as Playwright looks for a string, exactly or as a part whatever the case. */
  expression(text, isExact) {
    const forms = this.forms(text.trim(), { isPart: !isExact, ignoresCase: !isExact });
    if (forms.length === 0) return null;
    if (forms.length === 1 && !forms[0].includes(ANYTHING)) return forms[0];
    const sources = forms.map((form) => this.source(form, []));
    return new RegExp(isExact ? `^(?:${sources.join("|")})$` : sources.join("|"), isExact ? "" : "i");
  }

  /** A regular expression whose words are those of the language; `null` if no sentence is in it. */
  regExp(expression) {
    const alternatives = read(expression.source);
    if (!alternatives) return null;
    const ignoresCase = expression.flags.includes("i");
    let isKnown = false;
    const sources = alternatives.map(({ text, atStart, atEnd, open }) => {
      let found = this.best(text, { atStart, atEnd, ignoresCase: false });
      if (!found.isKnown && ignoresCase) found = this.best(text, { atStart, atEnd, ignoresCase });
      isKnown ||= found.isKnown;
      const source = found.forms.map((form) => this.source(form, open)).join("|");
      return `${atStart ? "^" : ""}(?:${source})${atEnd ? "$" : ""}`;
    });
    return isKnown ? new RegExp(sources.join("|"), expression.flags) : null;
  }

  /** The source of a regular expression for a form, in which what was left open is open again. */
  source(form, open) {
    return escaped(form).replace(OPEN, (letter) => {
      if (letter === ANYTHING) return ".*";
      return open[placeOf(letter)].replaceAll("[\\d,]", `[\\d${escaped(this.thousands)}]`);
    });
  }

  /** The best reading of a text: `{ cost, forms, isKnown }`. */
  best(text, how) {
    const { atStart, atEnd, ignoresCase } = how;
    const key = `${text}\n${atStart}${atEnd}${ignoresCase}`;
    const known = this.known.get(key);
    if (known) return known;
    let best = { cost: letters(text), forms: [text], isKnown: false };
    const offer = (reading) => {
      if (reading.cost < best.cost) best = { ...reading, isKnown: true };
      else if (reading.cost === best.cost && best.isKnown) best = { ...best, forms: union(best.forms, reading.forms) };
    };
    if (this.untranslated.has(text)) offer({ cost: 0, forms: [text] });
    if (letters(text) > 0) {
      for (const pattern of this.patterns) this.offerWhole(pattern, text, how, offer);
      this.offerPieces(text, how, offer);
      if (!atStart || !atEnd) for (const pattern of this.patternsWith(text)) this.offerParts(pattern, text, how, offer);
    }
    this.known.set(key, best);
    return best;
  }

  /** The text as a sentence from end to end. */
  offerWhole(pattern, text, { ignoresCase }, offer) {
    const same = ignoresCase ? (one) => one.toLowerCase() : (one) => one;
    if (!same(text).startsWith(same(pattern.parts[0])) || !same(text).endsWith(same(pattern.parts.at(-1)))) return;
    const source = `^${pattern.parts.map(escaped).join("(.+?)")}$`;
    pattern.whole ??= {};
    pattern.whole[ignoresCase] ??= new RegExp(source, ignoresCase ? "is" : "s");
    const match = text.match(pattern.whole[ignoresCase]);
    if (!match) return;
    const values = new Map(pattern.names.map((name, index) => [name, match[index + 1]]));
    this.offerFilled(pattern, { values, last: "", said: pattern.words }, 0, offer);
  }

  /** The text as several, with punctuation or something open between them. */
  offerPieces(text, how, offer) {
    const places = SEPARATORS.flatMap((separator) => [...text.matchAll(separator)]);
    for (const { index, 0: separator } of places) {
      const [left, right] = [text.slice(0, index), text.slice(index + separator.length)];
      const isOpen = WIDE.test(separator);
      const isSpace = separator === " ";
      const before = this.best(left, { ...how, atStart: how.atStart || isSpace, atEnd: !isOpen });
      if (isSpace && !before.isKnown && !isName(left)) continue;
      const after = this.best(right, { ...how, atStart: !isOpen });
      if (isSpace && !after.isKnown && !isName(right)) continue;
      if (!before.isKnown && !after.isKnown) continue;
      // What has so much else beside it is another sentence, unless it stands behind a colon.
      const isOther = [before, after].some(({ isKnown, forms }) => !isKnown && hasWords(forms[0]));
      if (isOther && separator !== ": " && !isOpen) continue;
      const forms = before.forms.flatMap((one) => after.forms.map((other) => one + separator + other));
      offer({ cost: before.cost + after.cost + (isSpace ? 0.75 : 0.25), forms: forms.slice(0, MOST_FORMS) });
    }
  }

  /** The sentences of which a text may be a part: a name is none, and a single word is none of the content. */
  patternsWith(text) {
    if (/\s/.test(text.trim())) return this.patterns;
    return /[-.=\d\uE000-\uF8FF]/.test(text) ? [] : this.patterns.filter((pattern) => !pattern.key.includes(".toml:"));
  }

  /** The text as a part of a sentence: it ends where the sentence goes on, or begins behind its beginning. */
  offerParts(pattern, text, { atStart, atEnd, ignoresCase }, offer) {
    const same = ignoresCase ? (one) => one.toLowerCase() : (one) => one;
    const parts = pattern.parts.map(same);
    for (const part of partsOf(parts, pattern.names, same(text), text, atStart)) {
      if (atEnd && !part.isEnd) continue;
      // It is called so in both, and what is around it does not matter.
      if (pattern.own.includes(text)) offer({ cost: part.values.size > 0 ? 0.6 : 0.5, forms: [text] });
      else this.offerFilled(pattern, atEnd ? { ...part, last: "" } : part, part.isInside ? 1.5 : 0.5, offer);
    }
  }

  /**
   * A sentence with what its arguments are, each translated in turn. `last` is the one in which the text ends, if it may go on;
   * `said` is what the text has of the sentence's own words, and `isInside` whether it begins with an argument.
   */
  offerFilled(pattern, { values, last, said: words, isInside }, extra, offer) {
    // What needs no arguments is nearer, and of these what has more of the sentence's own.
    let cost = extra + (values.size > 0 ? 0.2 - Math.min(words.length, 100) / 1000 : 0);
    let forms = [pattern.own];
    const readingOf = ([name, value]) => this.best(value, { atStart: true, atEnd: name !== last, ignoresCase: false });
    const readings = [...values].map(readingOf);
    // What has but an "of" of the sentence, and nothing else that is known, has nothing of it.
    const isStrange = readings.some((it) => it.cost >= 1) && (extra > 0 || !readings.some((it) => it.isKnown));
    if (isStrange && isCommon(words)) return;
    for (const [index, [name, value]] of [...values].entries()) {
      const whole = readings[index];
      if (!whole.isKnown && hasWords(value) && (isInside || isCommon(words))) return;
      if (name === "number" && letters(value) > 0) return;
      cost += whole.cost;
      // A word may be a sentence and a name as well: topics can be called anything.
      const mayBeName = whole.isKnown && /^[a-z]+$/.test(value);
      const said = mayBeName ? union(whole.forms, [value]) : whole.forms;
      const end = name === last ? ANYTHING : "";
      const filled = (form) => said.map((one) => form.replaceAll(`{${name}}`, () => one + end));
      forms = forms.flatMap(filled).slice(0, MOST_FORMS);
    }
    const isOne = pattern.key.endsWith(".one");
    const left = (form) => form.replace(/\{number\}/g, isOne ? "1" : ANYTHING).replace(/\{\w+\}/g, ANYTHING);
    forms = forms.map(left);
    offer({ cost, forms: extra === 0 ? forms : forms.map(trimmed) });
  }
}

/** Without what is open at the ends, which says nothing. */
function trimmed(form) {
  return form.replace(new RegExp(`^${ANYTHING}+\\s*|\\s*${ANYTHING}+$`, "g"), "");
}

function union(some, others) {
  return [...new Set([...some, ...others])].slice(0, MOST_FORMS);
}

/**
 * All ways in which a text lies within a sentence: the values of its arguments, the one in which it ends, if it does, and whether
 * that is the sentence's end.
 */
function* partsOf(parts, names, text, original, atStart) {
  for (const [index, part] of parts.entries()) {
    for (let at = part.indexOf(text[0]); at >= 0; at = part.indexOf(text[0], at + 1)) {
      if (atStart && (index > 0 || at > 0)) break;
      if (isWord(part[at - 1]) && isWord(part[at])) continue;
      yield* along(parts, names, text, original, { index, at, from: 0, values: new Map(), said: "" });
    }
    if (atStart && (index > 0 || part !== "")) break;
    if (index < names.length) {
      const found = along(parts, names, text, original, { index, at: part.length, from: 0, values: new Map(), said: "" });
      for (const one of found) yield { ...one, isInside: true };
    }
  }
}

/** Goes on in part `index` from its letter `at`, and in the text from its letter `from`. */
function* along(parts, names, text, original, { index, at, from, values, said }) {
  const part = parts[index].slice(at);
  const rest = text.slice(from);
  if (rest.length < part.length || (rest.length === part.length && index === names.length)) {
    const isCut = isWord(rest.at(-1)) && isWord(part[rest.length]);
    const all = { values, last: "", said: `${said} ${rest}`, isEnd: rest === part && index === names.length };
    if (part.startsWith(rest) && !isCut && letters(all.said) > 1) yield all;
    return;
  }
  if (!rest.startsWith(part)) return;
  const words = `${said} ${part}`;
  const begin = from + part.length;
  const isSaid = letters(words) > 1;
  if (begin === text.length) {
    if (isSaid) yield { values, last: "", said: words, isEnd: false };
    return;
  }
  if (index === names.length) return;
  const next = parts[index + 1];
  const isLast = index + 1 === names.length && next === "";
  for (let end = begin + 1; end < text.length && next !== ""; end += 1) {
    if (text[end] !== next[0]) continue;
    const filled = new Map(values).set(names[index], original.slice(begin, end));
    yield* along(parts, names, text, original, { index: index + 1, at: 0, from: end, values: filled, said: words });
  }
  const ended = new Map(values).set(names[index], original.slice(begin));
  if (isSaid) yield { values: ended, last: names[index], said: words, isEnd: isLast };
}
