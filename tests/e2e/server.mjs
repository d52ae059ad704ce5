// A small file server for dist/: for the tests, and for a look at what `cargo xtask build` made.
//
//   node tests/e2e/server.mjs [--port 8000] [--base /any/folder/] [--folder dist]

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Where `cargo xtask build` puts the page. */
export const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

// Browsers compile a module while it downloads only if its type is exactly application/wasm.
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".jsonl": "application/x-ndjson",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/**
 * Serves a folder under a path of the server, such as `/a/b/`, and nothing at all beside it.
 * Port 0 is any free one. `headers` are added to every answer.
 */
export async function serve({ folder = DIST, base = "/", port = 0, headers = {} } = {}) {
  const root = resolve(folder);
  await mustHold(root, "index.html");
  const server = createServer((request, response) => {
    answer(request, response, { root, base, headers }).catch(() => finish(response, 500));
  });
  await new Promise((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

async function mustHold(root, name) {
  const there = await stat(join(root, name)).catch(() => null);
  if (!there) throw new Error(`${join(root, name)} is missing: run \`cargo xtask build\` first`);
}

async function answer(request, response, { root, base, headers }) {
  if (request.method !== "GET" && request.method !== "HEAD") return finish(response, 405);
  const path = pathOf(request.url);
  if (path === null) return finish(response, 400);
  if (`${path}/` === base) return finish(response, 301, { location: base });
  if (!path.startsWith(base)) return finish(response, 404);

  const file = resolve(root, path.slice(base.length) || "index.html");
  if (file !== root && !file.startsWith(root + sep)) return finish(response, 404);
  const info = await stat(file).catch(() => null);
  if (!info?.isFile()) return finish(response, 404);

  response.writeHead(200, {
    "content-type": TYPES[extname(file)] ?? "application/octet-stream",
    "content-length": info.size,
    "cache-control": "no-cache",
    ...headers,
  });
  if (request.method === "HEAD") return response.end();
  createReadStream(file).on("error", () => response.destroy()).pipe(response);
}

function pathOf(url) {
  try {
    return decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return null;
  }
}

function finish(response, status, headers = {}) {
  if (response.headersSent) return response.destroy();
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
  response.end(`${status}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8000" },
      base: { type: "string", default: "/" },
      folder: { type: "string", default: DIST },
    },
  });
  try {
    const { url } = await serve({ ...values, port: Number(values.port) });
    console.log(`${values.folder} is at ${url}. Ctrl-C ends it.`);
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}
