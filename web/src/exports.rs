//! What the module offers to scripts: for tests and measurements.

use highwater_scenario::bench;
use highwater_scenario::session::Session;
use leptos::prelude::window;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::app::App;
use crate::crash;
use crate::texts;

/// Shows the page.
#[wasm_bindgen]
pub fn highwater_start() {
    crash::install();
    leptos::mount::mount_to_body(App);
}

/// Puts a language in force, before the page is shown: its code, its three files, and the English ones that two of
/// them are matched with. What is wrong with them, if anything; the page then speaks English.
#[wasm_bindgen]
pub fn highwater_speak(
    code: &str,
    english: &str,
    interface: &str,
    narration: String,
    english_of_engine: &str,
    of_engine: &str,
) -> Option<String> {
    let files = texts::Files { english, interface, narration, english_of_engine, of_engine };
    let wrong = texts::put_in_force(files).err();
    if wrong.is_none() {
        highwater_exercises::speak(code);
    }
    wrong
}

/// The hash of a scenario that is played to the last instant that it names, over every event and
/// every byte of every log. A script that cannot be read gives its errors.
#[wasm_bindgen]
pub fn scenario_hash(script: &str) -> String {
    match Session::parse(script) {
        Ok(session) => {
            let mut session = session.hashed();
            session.advance(session.script_end(), u32::MAX);
            session.hash().map_or_else(String::new, |hash| format!("{hash:016x}"))
        }
        Err(errors) => errors.iter().map(|error| format!("{error}\n")).collect(),
    }
}

/// The figures of `cargo xtask bench`, measured in the page.
#[wasm_bindgen]
pub fn highwater_bench(script: &str) -> String {
    let performance = window().performance();
    bench::figures(script, &mut || performance.as_ref().map_or(0.0, |clock| clock.now()))
}

#[wasm_bindgen]
extern "C" {
    /// Fetches the part of this module that a first visit does not load; see `web/boot.js`. The calls
    /// of it are put in when the page is built (`xtask/src/split`): here it is only made known.
    #[wasm_bindgen(js_name = highwaterLoadRest)]
    fn load_rest();
}

/// Loads the rest of the module now, if it is not there yet.
#[wasm_bindgen]
pub fn highwater_load_rest() {
    load_rest();
}

/// Fails on purpose, so that what the page does then can be tested.
#[wasm_bindgen]
pub fn highwater_fail() {
    panic!("failed on purpose");
}
