//! What is shown when the page or the engine fails: the scenario, to be copied, and ways on.
//!
//! The module is dead by then. So the screen is built by plain calls, and its buttons are served by
//! `page.js`, which needs no module.

use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};

use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlTextAreaElement};

thread_local! {
    /// The scenario as it was last known, and the line that was being written.
    static SCENARIO: RefCell<(String, String)> = const { RefCell::new((String::new(), String::new())) };
}

/// From here on, a panic shows the crash screen.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        // Should this fail too, the browser's console still has the panic.
        let _ = show(info);
    }));
}

/// Notes the scenario, all of whose lines have been done.
pub fn note_script(script: String) {
    SCENARIO.with(|scenario| {
        if let Ok(mut scenario) = scenario.try_borrow_mut() {
            *scenario = (script, String::new());
        }
    });
}

/// Notes a line that is about to be done.
pub fn note_line(line: String) {
    SCENARIO.with(|scenario| {
        if let Ok(mut scenario) = scenario.try_borrow_mut() {
            scenario.1 = line;
        }
    });
}

fn show(info: &PanicHookInfo<'_>) -> Result<(), JsValue> {
    let message = info.to_string();
    web_sys::console::error_1(&message.clone().into());
    let scenario = SCENARIO.with(|scenario| {
        scenario.try_borrow().map(|known| format!("{}{}", known.0, known.1)).unwrap_or_default()
    });
    let document = document();
    let Some(body) = document.body() else { return Ok(()) };
    body.set_inner_html("");

    let screen = document.create_element("main")?;
    screen.set_class_name("crash");
    add(&screen, "h1", t!("crash.failed"))?;
    add(&screen, "p", t!("crash.is-a-fault"))?;
    add(&screen, "pre", &message)?;
    let label = add(&screen, "label", t!("crash.scenario"))?;
    label.set_attribute("for", "crash-scenario")?;
    let text = add(&screen, "textarea", "")?;
    text.set_id("crash-scenario");
    text.set_attribute("readonly", "")?;
    text.set_attribute("rows", "16")?;
    if let Some(text) = text.dyn_ref::<HtmlTextAreaElement>() {
        text.set_value(&scenario);
    }
    let buttons = add(&screen, "p", "")?;
    for (name, action) in
        [(t!("crash.copy"), "copy"), (t!("crash.reload"), "reload"), (t!("crash.afresh"), "afresh")]
    {
        let button = add(&buttons, "button", name)?;
        button.set_attribute("type", "button")?;
        button.set_attribute("data-crash", action)?;
    }
    add(&screen, "p", t!("crash.what-they-do"))?;
    body.append_child(&screen)?;
    Ok(())
}

fn add(parent: &Element, tag: &str, text: &str) -> Result<Element, JsValue> {
    let element = leptos::prelude::document().create_element(tag)?;
    element.set_text_content(Some(text));
    parent.append_child(&element)?;
    Ok(element)
}
