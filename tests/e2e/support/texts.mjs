// What the page says in each language, read from where the page has it: the catalogues in `texts/`, and the content's
// translations in `exercises/languages/`.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const CATALOGUES = ["interface.txt", "narration.txt", "engine.txt"];
const ENGLISH_CONTENT = here("exercises/content");

/** The sentences of a catalogue by their keys, without the quotes that keep the spaces at their ends. */
export function entries(text) {
  const lines = text.split("\n").map((line) => line.trim());
  const isEntry = (line) => line.includes("=") && !line.startsWith("#");
  return new Map(
    lines.filter(isEntry).map((line) => {
      const [, key, sentence] = line.match(/^([^=]*?)\s*=\s*(.*)$/);
      const inner = sentence.match(/^"(.*)"$/)?.[1];
      return [key, inner !== undefined && inner.trim() !== inner ? inner : sentence];
    }),
  );
}

/** All sentences of a language's catalogues. */
export function catalogue(language) {
  const paths = CATALOGUES.map((name) => here(`texts/${language}/${name}`)).filter((path) => existsSync(path));
  return new Map(paths.flatMap((path) => [...entries(readFileSync(path, "utf8"))]));
}

/**
 * What content says in English and in the language, `{ key, english, own }`, as it is shown: without its markup. What is not
 * translated has no `own`.
 */
export function content(language) {
  const root = here(`exercises/languages/${language}`);
  const files = readdirSync(ENGLISH_CONTENT, { recursive: true }).filter((name) => name.endsWith(".toml"));
  return files.flatMap((name) => {
    const [english, own] = [ENGLISH_CONTENT, root].map((folder) => {
      const path = join(folder, name);
      return existsSync(path) ? texts(readFileSync(path, "utf8")) : new Map();
    });
    const all = [...english].map(([key, words]) => [key, shown(words), own.get(key)]);
    return all.map(([key, english, own]) => ({ key: `${name}:${key}`, english, own: own && shown(own) }));
  });
}

/**
 * The texts of one line in a settings file, by where they stand: `hints[1].text`. This is not all of TOML, but all that content
 * uses where a translation has texts.
 */
export function texts(toml) {
  const found = new Map();
  const counts = new Map();
  let table = "";
  for (const line of toml.split("\n")) {
    const list = line.match(/^\[\[([\w.]+)\]\]/);
    const single = line.match(/^\[([\w.]+)\]/);
    if (list) table = `${nextOf(list[1], counts)}.`;
    else if (single) table = `${single[1]}.`;
    const text = line.match(/^([\w.-]+)\s*=\s*("(?:[^"\\]|\\.)+")\s*$/);
    if (text) found.set(table + text[1], JSON.parse(text[2]));
  }
  return found;
}

/** The place of the next item of a list: `options` of `predictions` is counted anew for each prediction. */
function nextOf(name, counts) {
  const [last, ...parents] = name.split(".").reverse();
  const path = parents.reverse().reduce((path, parent) => {
    const place = path + parent;
    return `${place}[${(counts.get(place) ?? 1) - 1}].`;
  }, "") + last;
  const index = counts.get(path) ?? 0;
  counts.set(path, index + 1);
  return `${path}[${index}]`;
}

/** A text as the page shows it: of a link its words, of code what stands between the marks. */
function shown(text) {
  return text.replace(/\[\[(?:[^\]|]*\|)?([^\]]*)\]\]/g, "$1").replaceAll("`", "");
}
