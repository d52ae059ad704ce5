// Keeps the page at hand without the network. `cargo xtask build` writes the list of the files of dist/ into it, each
// with its SHA-256; `cargo xtask serve` has no service worker.
//
// Files are kept by what is in them. A new version fetches only what has changed, and checks that it got what its list
// says: a server that is in the middle of being changed makes it fail, and it is tried again at the next visit. It then
// waits, as the page that is open belongs to the old version, until the reader says so.

const FILES = {};

const STORE = "highwater-files";
const scope = new URL("./", self.location.href);

/** Under which address a file is kept. */
function keyOf(name) {
  return new URL(`${name}?sha256=${FILES[name]}`, scope).href;
}

/** The file that an address stands for, if it is one of the page's. */
function nameOf(url) {
  if (url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return null;
  const name = url.pathname.slice(scope.pathname.length) || "index.html";
  return Object.hasOwn(FILES, name) ? name : null;
}

async function keep(store, name) {
  if (await store.match(keyOf(name))) return;
  const answer = await fetch(new URL(name, scope), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  const bytes = await answer.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hash !== FILES[name]) throw new Error(`${name} is not of this version`);
  // A new answer: one that came by way of a redirection could not be shown as the page.
  const type = answer.headers.get("content-type") ?? "application/octet-stream";
  await store.put(keyOf(name), new Response(bytes, { headers: { "content-type": type } }));
}

async function keepAll() {
  const store = await caches.open(STORE);
  // A few at a time: the page that is being used comes first.
  const names = Object.keys(FILES);
  const next = async () => {
    for (let name = names.pop(); name; name = names.pop()) await keep(store, name);
  };
  await Promise.all([next(), next(), next()]);
}

async function forgetTheRest() {
  const store = await caches.open(STORE);
  const wanted = new Set(Object.keys(FILES).map(keyOf));
  const kept = await store.keys();
  await Promise.all(kept.filter(({ url }) => !wanted.has(url)).map((key) => store.delete(key)));
  await self.clients.claim();
}

async function answer(request, name) {
  const store = await caches.open(STORE);
  // Browsers may throw away what was kept.
  return (await store.match(keyOf(name))) ?? fetch(request);
}

addEventListener("install", (event) => event.waitUntil(keepAll()));
addEventListener("activate", (event) => event.waitUntil(forgetTheRest()));
addEventListener("message", ({ data }) => {
  if (data === "take over") self.skipWaiting();
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const name = nameOf(new URL(request.url));
  if (name) event.respondWith(answer(request, name));
});
