// How 100,000 lines of output scroll: a part of `cargo xtask bench`. Prints lines of name, value and unit, apart by tabs.

import { Highwater } from "./support/highwater.mjs";
import { measure, print } from "./support/measure.mjs";
import { Terminals, printManyLines } from "./support/terminals.mjs";

await measure(async ({ browser, url }) => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const app = await new Highwater(page, url).open("#/play");
  await app.button("Play").click();
  await printManyLines(new Terminals(app, page));
  await app.button("Pause").click();
  const still = await page.evaluate(frames, 0);
  const moved = await page.evaluate(frames, 700);
  print("frames over 25 ms, standing still", still.slow, `of ${still.count}`);
  print("frames over 25 ms, scrolling 100,000 lines", moved.slow, `of ${moved.count}`);
  print("work per frame, scrolling", moved.work, "ms");
  print("work per frame, the most", moved.most, "ms");
});

/** Frames while the screen is scrolled by so many pixels in each. */
function frames(step) {
  const screen = document.getElementById("terminal-screen");
  screen.scrollTop = step ? 0 : screen.scrollTop;
  return new Promise((done) => {
    const times = [];
    const work = [];
    const next = (now) => {
      times.push(now);
      if (times.length > 240) {
        const gaps = times.slice(1).map((time, index) => time - times[index]);
        const sum = work.reduce((sum, one) => sum + one, 0);
        return done({
          count: gaps.length,
          slow: gaps.filter((gap) => gap > 25).length,
          work: sum / work.length,
          most: Math.max(...work),
          rows: screen.querySelectorAll(".row").length,
        });
      }
      const begin = performance.now();
      if (step) {
        screen.scrollTop += step;
        screen.dispatchEvent(new Event("scroll"));
      }
      work.push(performance.now() - begin);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}
