// An answer that is spoken, and heard again. Fetched when first asked for. Nothing of it is kept, and nothing is sent: it is in
// the page's memory until it is forgotten.

let recorder = null;
let address = null;

/** Begins to listen; fails if there is no microphone, or if it may not be used. */
export async function begin() {
  forget();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const pieces = [];
  const own = new MediaRecorder(stream);
  own.addEventListener("dataavailable", (event) => pieces.push(event.data));
  own.spoken = new Promise((done) => {
    own.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      done(new Blob(pieces, { type: own.mimeType }));
    });
  });
  own.start();
  recorder = own;
}

/** Stops listening, and gives the address under which it can be heard. */
export async function end() {
  if (!recorder) return address ?? "";
  const own = recorder;
  recorder = null;
  own.stop();
  address = URL.createObjectURL(await own.spoken);
  return address;
}

/** Forgets what was said. */
export function forget() {
  recorder?.stop();
  recorder = null;
  if (address) URL.revokeObjectURL(address);
  address = null;
}
