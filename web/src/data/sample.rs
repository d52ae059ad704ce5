//! The sample: real flights, fetched when they are first asked for.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// What commands call the sample.
pub const NAME: &str = "flights-2k.json";

/// Where it stands, seen from the page.
const ADDRESS: &str = "data/flights-2k.json";

/// The SHA-256 of the sample, by which scripts name it.
pub const SHA256: [u8; 32] = [
    0x41, 0xde, 0x5f, 0x0e, 0x41, 0x77, 0xae, 0x3a, 0x7f, 0x41, 0xa5, 0x8e, 0x7c, 0x69, 0xdf, 0xa8,
    0x35, 0x47, 0xa1, 0x1f, 0x83, 0xad, 0xac, 0x0c, 0x81, 0x2e, 0xd7, 0x7a, 0x9c, 0xfe, 0xb5, 0xd3,
];

/// Fetches the sample.
///
/// # Errors
/// What to tell the reader.
pub async fn fetch() -> Result<Vec<u8>, String> {
    let failed = || t!("data.sample-could-not").to_owned();
    let answer = JsFuture::from(window().fetch_with_str(ADDRESS)).await.map_err(|_| failed())?;
    let answer: Response = answer.dyn_into().map_err(|_| failed())?;
    if !answer.ok() {
        return Err(t!("data.sample-could-not-status", status = answer.status()));
    }
    let body = answer.array_buffer().map_err(|_| failed())?;
    let buffer = JsFuture::from(body).await.map_err(|_| failed())?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Fetches the file of that hash, if it is the sample.
pub async fn fetch_if_sample(sha256: &[u8; 32]) -> Option<Vec<u8>> {
    if is_sample(sha256) { fetch().await.ok() } else { None }
}

/// Whether that is the hash of the sample, which the page has with it.
pub fn is_sample(sha256: &[u8; 32]) -> bool {
    *sha256 == SHA256
}
