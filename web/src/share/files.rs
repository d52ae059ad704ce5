//! Files that the reader takes along. What makes them is fetched when it is first needed: see `web/picture.js`.

use leptos::prelude::{RwSignal, Set};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen]
extern "C" {
    /// Saves a text, or the stage as a picture; see `web/boot.js`.
    #[wasm_bindgen(js_name = highwaterSave, catch)]
    async fn save_file(kind: &str, name: &str, text: &str) -> Result<JsValue, JsValue>;
}

/// Saves a file; tells what went wrong, if anything.
pub fn save(kind: &'static str, name: &str, text: &str, trouble: RwSignal<Option<String>>) {
    let (name, text) = (name.to_owned(), text.to_owned());
    spawn_local(async move {
        let outcome = save_file(kind, &name, &text).await.err().map(|error| {
            let error = js_sys::Error::from(error).message();
            t!("share.could-not-be", name = name, error = String::from(error))
        });
        let _ = trouble.try_set(outcome);
    });
}
