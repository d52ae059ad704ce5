// Regular expressions as texts with open places, so that their words can be translated.

// What one leaves open stands in the text as a letter of Unicode's private area: what may be anything, such as `.*`, as one from
// U+E000 on, and what is within a sentence, such as `\d+`, as one from U+F000 on.
const FIRST_WIDE = 0xe000;
const FIRST_NARROW = 0xf000;
/** Stands before a `^` or `$` that means itself. */
const ITSELF = "\uE7FF";

/** The source of a regular expression for a text as it is. */
export const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** Which of the open places a letter stands for. */
export const placeOf = (letter) => letter.charCodeAt(0) & 0x7ff;

/**
 * A regular expression's source as texts, one for each alternative, with the sources of what is `open` in them. `null` for one that
 * cannot be read so.
 */
export function read(source) {
  const open = [];
  try {
    return expand(source, open).map((text) => ({ ...ends(text), open }));
  } catch {
    return null;
  }
}

/** The text of an alternative, and whether it is tied to the start and the end. */
function ends(alternative) {
  const atStart = alternative.startsWith("^");
  const atEnd = alternative.endsWith("$") && alternative.at(-2) !== ITSELF;
  const text = alternative.slice(atStart ? 1 : 0, atEnd ? -1 : undefined);
  if (/(?<!\uE7FF)[\^$]/.test(text)) throw new Error(`an anchor in the middle: ${alternative}`);
  return { text: text.replaceAll(ITSELF, ""), atStart, atEnd };
}

/** The alternatives of a source. */
function expand(source, open) {
  let all = [];
  let heads = [""];
  const add = (texts) => (heads = heads.flatMap((head) => texts.map((text) => head + text)));
  for (let rest = source; rest; ) {
    if (rest.startsWith("|")) {
      all = [...all, ...heads];
      heads = [""];
      rest = rest.slice(1);
      continue;
    }
    const { atom, quantifier } = atomOf(rest);
    rest = rest.slice(atom.length + quantifier.length);
    add(textsOf(atom, quantifier, open));
  }
  return [...all, ...heads];
}

/** What one atom stands for. */
function textsOf(atom, quantifier, open) {
  const inner = atom.match(/^\((?:\?:|(?!\?))([^]*)\)$/)?.[1];
  if (inner && !quantifier && /\p{L}{2}/u.test(inner.replace(/\\./g, ""))) return expand(inner, open);
  if (!quantifier && /^\\[^\p{L}\p{N}]$/u.test(atom)) return ["^$".includes(atom[1]) ? ITSELF + atom[1] : atom[1]];
  if (!quantifier && !/^[\\[(.]/.test(atom)) return [atom];
  if (atom === "\\s" && quantifier === "+") return [" "];
  return [openLetter(atom + quantifier, open)];
}

/** The letter that stands for what is left open. */
function openLetter(source, open) {
  if (!open.includes(source)) open.push(source);
  return String.fromCharCode((source.startsWith(".") ? FIRST_WIDE : FIRST_NARROW) + open.indexOf(source));
}

/** What comes first, and how often. */
function atomOf(rest) {
  const length = rest[0] === "(" ? groupLength(rest) : rest.match(/^(?:\\.|\[(?:\\.|[^\]])*\]|[^])/)[0].length;
  const atom = rest.slice(0, length);
  const quantifier = rest.slice(length).match(/^(?:[*+?]|\{\d+(?:,\d*)?\})\??/)?.[0] ?? "";
  return { atom, quantifier };
}

function groupLength(rest) {
  let depth = 0;
  for (let at = 0; at < rest.length; at += 1) {
    if (rest[at] === "\\") at += 1;
    else if (rest[at] === "(") depth += 1;
    else if (rest[at] === ")" && --depth === 0) return at + 1;
  }
  throw new Error(`a group without an end: ${rest}`);
}
