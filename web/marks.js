// The shapes of the messages that fly over the stage. A first screen shows none yet.

/** Adds the outlines of marks of one kind to a path: see `web/src/stage/painter.rs`, and `Mark` for their order. */
globalThis.highwaterOutline = (context, mark, size, points) => {
  for (let index = 0; index < points.length; index += 2) {
    const x = points[index];
    const y = points[index + 1];
    if (mark === 0) context.rect(x - 4.5 * size, y - 4.5 * size, 9 * size, 9 * size);
    else if (mark === 2) context.rect(x - 3 * size, y - 3 * size, 6 * size, 6 * size);
    else if (mark === 1) {
      const r = 6 * size;
      context.moveTo(x, y - r);
      context.lineTo(x + r, y);
      context.lineTo(x, y + r);
      context.lineTo(x - r, y);
      context.closePath();
    } else if (mark === 3) {
      const r = 4.5 * size;
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
    } else {
      const r = 5 * size;
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
    }
  }
};

/** Adds lines to a path: the points of all of them in turn, and how many each has. */
globalThis.highwaterTrails = (context, points, lengths) => {
  let index = 0;
  for (const length of lengths) {
    for (let at = 0; at < length; at += 1, index += 2) {
      if (at === 0) context.moveTo(points[index], points[index + 1]);
      else context.lineTo(points[index], points[index + 1]);
    }
  }
};
