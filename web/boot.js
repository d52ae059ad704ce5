// Loads the module. A file of its own, so that the page needs no inline script, and all addresses
// are relative, so that it works in any folder.
//
// `cargo xtask build` cuts the module in two: what a first visit needs, and the rest. The rest is
// fetched as soon as the page stands. Should a function of it be called before, it is fetched there
// and then, for such a call cannot wait.
import init, { highwater_speak, highwater_start } from "./highwater-web.js";

const address = (name) => new URL(name, import.meta.url);
// What the rest puts into memory, and the rest itself: several modules, since browsers take only so much of one at once.
const REST = ["statics", "rest", "rest2"].map((part) => address(`./highwater-web_${part}.wasm`));

let first;
let restIsHere = false;

/** Puts the functions of the rest where the first half looks for them. */
function join(rest) {
  if (restIsHere) return;
  for (const part of rest) new WebAssembly.Instance(part, { first });
  restIsHere = true;
  sayThatItIsWhole();
}

globalThis.highwaterLoadRest = () => {
  if (restIsHere || !isCut()) return;
  fetchStyles();
  try {
    join(REST.map(loadAtOnce));
  } catch (error) {
    sayThatItIsNotWhole();
    throw error;
  }
};

function loadAtOnce(part) {
  const request = new XMLHttpRequest();
  request.open("GET", part, false);
  // The one way to get bytes without waiting: as letters, each of which is a byte.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`the rest of the page: ${request.status}`);
  const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 0xff);
  return new WebAssembly.Module(bytes);
}

/** Draws what flies over the stage, once `marks.js` is there. */
globalThis.highwaterOutline = () => {};
globalThis.highwaterTrails = () => {};

/** Lets begin what a first screen can do without. */
function sayThatItIsWhole() {
  import("./marks.js");
  globalThis.highwaterIsWhole = true;
  dispatchEvent(new Event("highwater-whole"));
}

/** The call that needed the rest cannot go on, nor the page; `page.js` serves the button. */
function sayThatItIsNotWhole() {
  const main = document.createElement("main");
  main.className = "crash";
  const add = (name, text) => main.appendChild(Object.assign(document.createElement(name), { textContent: text }));
  add("h1", "A part of the page is missing");
  add("p", "It could not be fetched: the network seems to be gone. What you did is saved in this browser.");
  add("button", "Reload").dataset.crash = "reload";
  document.body.replaceChildren(main);
}

/** Whether the module was cut: `cargo xtask serve` leaves it whole. */
function isCut() {
  return "$m0" in first;
}

async function fetchRest() {
  try {
    return await Promise.all(REST.map(fetchPart));
  } catch {
    // Offline, perhaps. It is asked for again when it is needed.
    return null;
  }
}

async function fetchPart(part) {
  const answer = await fetch(part);
  if (!answer.ok) throw new Error(`${part}: ${answer.status}`);
  return WebAssembly.compile(await answer.arrayBuffer());
}

/** Whether the page is to show the empty stage, for which the first half is enough. */
function isFirstVisit() {
  if (!["", "#", "#/", "#/play"].includes(location.hash)) return false;
  try {
    return !Object.keys(localStorage).some((key) => key.startsWith("highwater.scenario.") || key === "highwater.place");
  } catch {
    return true; // Where storage is forbidden, each visit is the first.
  }
}

/** The files of the language that was chosen, and the English one; none for English, which the module has in it. */
async function fetchTexts() {
  const language = chosenLanguage();
  if (language === "en") return null;
  const fetchText = async (file) => {
    const answer = await fetch(address(`./texts/${file}`));
    if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
    return answer.text();
  };
  try {
    const own = (file) => `${language}/${file}.txt`;
    const files = ["en/interface.txt", own("interface"), own("narration"), "en/engine.txt", own("engine")];
    return await Promise.all(files.map(fetchText));
  } catch (error) {
    console.warn(`The page speaks English: ${error.message}`);
    return null;
  }
}

function chosenLanguage() {
  try {
    const language = localStorage.getItem("highwater.language");
    return /^[a-z]{2,3}(-[A-Za-z]+)?$/.test(language) ? language : "en";
  } catch {
    return "en";
  }
}

function speak(texts) {
  const language = chosenLanguage();
  const wrong = highwater_speak(language, ...texts);
  if (wrong === undefined) document.documentElement.lang = language;
  else console.warn(`The page speaks English: ${wrong}`);
}

// The style sheets of what a first screen does not show. Those for phones and sheets have the last word.
const LATER_STYLES = ["menus", "anatomy", "hex", "learn", "interview", "class", "share", "charts", "tables", "forms", "terminal", "live"];
const LAST_STYLES = document.querySelector('link[rel="stylesheet"][href*="phone.css"]');

let styles;

function fetchStyle(name) {
  if (document.querySelector(`link[href$="/${name}.css"]`)) return true;
  return new Promise((done) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address(`./${name}.css`) });
    link.onload = () => done(true);
    link.onerror = () => {
      link.remove();
      done(false);
    };
    LAST_STYLES.before(link);
  });
}

/** Links the style sheets that come later. What cannot be had now is asked for again with the rest. */
function fetchStyles() {
  styles ??= Promise.all(LATER_STYLES.map(fetchStyle)).then((had) => {
    if (had.includes(false)) styles = undefined;
  });
  return styles;
}

async function start() {
  const fetchedTexts = fetchTexts();
  // A call cannot wait for what a service worker has at hand: with one, all of it is there before anything is called.
  const isShort = isFirstVisit() && chosenLanguage() === "en" && !navigator.serviceWorker?.controller;
  const early = isShort ? null : fetchRest();
  const styled = isShort ? null : fetchStyles();
  first = await init({ module_or_path: address("./highwater-web_bg.wasm") });
  const rest = await early;
  await styled;
  if (!isCut()) await fetchStyles().then(sayThatItIsWhole);
  if (rest) join(rest);
  const texts = await fetchedTexts;
  if (texts) speak(texts);
  highwater_start();
}

async function fetchTheRestOfIt() {
  if (!first || !isCut()) return;
  if (restIsHere) return void (await fetchStyles());
  await new Promise((idle) => (globalThis.requestIdleCallback ?? setTimeout)(idle));
  const [rest] = await Promise.all([fetchRest(), fetchStyles()]);
  if (rest) join(rest);
}

/** Settles once the page stands; whoever calls the module's functions waits for it. */
export const ready = start();

/** Settles once the rest is there too, or cannot be had for now. */
export const whole = ready.then(fetchTheRestOfIt);

// What could not be had while the network was gone.
addEventListener("online", fetchTheRestOfIt);

// Without the network: the service worker that `cargo xtask build` writes keeps all files of the page. It comes after the
// page itself, which does not need it. A new version waits until the reader says so.

let takesOver = false;

function tell(kind) {
  dispatchEvent(new CustomEvent("highwater-version", { detail: kind }));
}

async function workWithoutTheNetwork() {
  if (!navigator.serviceWorker || !isCut()) return;
  const worker = navigator.serviceWorker;
  let isFirst = !worker.controller;
  worker.addEventListener("controllerchange", () => {
    if (takesOver) location.reload();
    // The first one takes charge of the page that is there already: nothing has changed.
    else if (!isFirst) tell("taken");
    isFirst = false;
  });
  const registration = await worker.register(new URL("./service-worker.js", import.meta.url));
  const watch = (installing) =>
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed" && worker.controller) tell("waits");
    });
  if (registration.waiting && worker.controller) tell("waits");
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
}

/** Goes over to the version that waits, and shows it. */
globalThis.highwaterTakeNewVersion = async () => {
  takesOver = true;
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration?.waiting) registration.waiting.postMessage("take over");
  else location.reload();
};

// Where storage is forbidden there is no service worker either: the page works, with the network.
whole.then(workWithoutTheNetwork).catch((error) => console.warn("not kept for later:", error));

/** Saves the stage as a picture, or a text as a file; see `picture.js`. */
globalThis.highwaterSave = async (kind, name, text) => {
  const picture = await import("./picture.js");
  await picture.save(kind, name, text);
};

/** Listens to an answer, and lets it be heard again; see `voice.js`. */
globalThis.highwaterVoice = async (act) => {
  const voice = await import("./voice.js");
  return voice[act]();
};
