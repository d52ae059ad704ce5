// Files that the reader takes along: the stage as SVG or PNG, and texts. Fetched when first asked for.

/** The shapes of the stage, and what of their style a picture keeps: all that is not as it is without any style. */
const SHAPES = new Set(["path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"]);
const USUAL = {
  fill: "rgb(0, 0, 0)",
  "fill-opacity": "1",
  "fill-rule": "nonzero",
  stroke: "none",
  "stroke-width": "1px",
  "stroke-opacity": "1",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  "vector-effect": "none",
  "paint-order": "normal",
};
const USUAL_OF_TEXT = {
  "font-family": "",
  "font-size": "",
  "font-weight": "400",
  "font-style": "normal",
  "letter-spacing": "normal",
  "text-anchor": "start",
  "dominant-baseline": "auto",
  "text-decoration-line": "none",
};
/** Attributes that mean something to the page only. */
const PAGES_OWN = /^(class|style|role|tabindex|aria-.*|data-.*|on.*|width|height|xmlns|viewBox|id)$/;

const FONTS = [
  ["Inter", "400 640", "fonts/inter-page-wght.woff2"],
  ["IBM Plex Mono", "400", "fonts/ibm-plex-mono-latin-400-normal.woff2"],
];

/**
 * Saves a file. `kind` is `text`, and `text` what stands in it; or `svg` or `png`, and `text` is the drawing of what flies
 * over the stage.
 */
export async function save(kind, name, text) {
  if (kind === "text") return download(new Blob([text], { type: "text/plain;charset=utf-8" }), name);
  const stage = drawing();
  if (kind === "svg") return download(svgBlob(picture(stage, text, "")), name);
  const fonts = (await Promise.all(FONTS.map(fontFace))).join("");
  return download(await raster(picture(stage, text, fonts), stage.viewBox.baseVal), name);
}

function drawing() {
  const stage = document.querySelector(".stage-scroll svg");
  if (!stage) throw new Error("there is no stage to draw");
  return stage;
}

/** The drawing with its style in attributes, so that any program can show it. */
function picture(stage, flights, fonts) {
  const { x, y, width, height } = stage.viewBox.baseVal;
  const page = getComputedStyle(stage.closest(".stage"));
  const ground = page.backgroundColor;
  const flying = flights.replace(/var\((--[a-z-]+)\)/g, (_, name) => page.getPropertyValue(name));
  const style = fonts && `<style>${fonts}</style>`;
  const inside = [...stage.childNodes].map(markup).join("");
  const area = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${width} ${height}" width="${width}" height="${height}">` +
    `${style}<rect ${area} fill="${ground}"/>${inside}<g>${flying}</g></svg>\n`
  );
}

function markup(node) {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.data);
  if (!(node instanceof SVGElement)) return "";
  const name = node.localName;
  if (name === "title" || name === "style" || name === "script") return "";
  const style = getComputedStyle(node);
  const isPattern = Boolean(node.closest("defs"));
  if (!isPattern && (style.display === "none" || style.visibility === "hidden")) return "";
  const kept = new Map();
  for (const { name: key, value } of node.attributes) {
    if (key === "id" ? isPattern : !PAGES_OWN.test(key) || ((key === "width" || key === "height") && name !== "svg")) {
      kept.set(key, value);
    }
  }
  if (SHAPES.has(name)) {
    const isText = name === "text" || name === "tspan";
    for (const [key, usual] of Object.entries(isText ? { ...USUAL, ...USUAL_OF_TEXT } : USUAL)) {
      const value = style.getPropertyValue(key);
      const as = key === "text-decoration-line" ? "text-decoration" : key;
      if (value === "rgba(0, 0, 0, 0)") kept.set(as, "none");
      else if (value && value !== usual) kept.set(as, value);
      else kept.delete(as);
    }
  }
  if (style.opacity !== "1") kept.set("opacity", style.opacity);
  if (style.transform !== "none" && !node.hasAttribute("transform") && name !== "pattern") kept.set("transform", style.transform);
  // A drawing within the drawing keeps its place and its size.
  if (name === "svg") {
    for (const key of ["width", "height", "viewBox"]) {
      if (node.hasAttribute(key)) kept.set(key, node.getAttribute(key));
    }
  }
  const words = [...kept].map(([key, value]) => ` ${key}="${escaped(value)}"`).join("");
  const inside = [...node.childNodes].map(markup).join("");
  return inside ? `<${name}${words}>${inside}</${name}>` : `<${name}${words}/>`;
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A picture that is drawn from a file sees no other file: its fonts stand in it. */
async function fontFace([family, weight, path]) {
  const answer = await fetch(new URL(path, document.baseURI));
  if (!answer.ok) return "";
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const source = `url(data:font/woff2;base64,${btoa(letters)}) format("woff2")`;
  return `@font-face{font-family:"${family}";font-weight:${weight};src:${source}}`;
}

function svgBlob(text) {
  return new Blob([text], { type: "image/svg+xml" });
}

/** Twice as fine as it is on the screen, but never finer than browsers can draw. */
async function raster(text, { width, height }) {
  const scale = Math.min(2, 8000 / Math.max(width, height));
  const url = URL.createObjectURL(svgBlob(text));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (!blob) throw new Error("the browser drew nothing");
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
