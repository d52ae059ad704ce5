//! How the page looks: colours, contrast, motion and size. As the system says, until the reader says otherwise.
//! `page.js` applies what was chosen before the first paint.

use leptos::prelude::*;

use crate::media;
use crate::opened::Opened;
use crate::save::storage;
use crate::texts::{LANGUAGES, Text};

/// Something to choose: under which name it is stored, which attribute of the page carries it, and what there is
/// to choose from. The first choice is the system's, and stores nothing.
struct Look {
    key: &'static str,
    attribute: &'static str,
    title: Text,
    choices: &'static [(&'static str, Text)],
}

const COLOURS: Look = Look {
    key: "highwater.theme",
    attribute: "data-theme",
    title: text!("looks.colours"),
    choices: &[
        ("", text!("looks.as-system")),
        ("light", text!("looks.light")),
        ("dark", text!("looks.dark")),
    ],
};

const CONTRAST: Look = Look {
    key: "highwater.contrast",
    attribute: "data-contrast",
    title: text!("looks.contrast"),
    choices: &[("", text!("looks.as-system")), ("more", text!("looks.high"))],
};

const MOTION: Look = Look {
    key: "highwater.motion",
    attribute: "data-motion",
    title: text!("looks.motion"),
    choices: &[("", text!("looks.as-system")), ("still", text!("looks.none-states-change"))],
};

const SIZE: Look = Look {
    key: "highwater.size",
    attribute: "data-size",
    title: text!("looks.size"),
    choices: &[("", text!("looks.usual")), ("presenter", text!("looks.presenter-to-be"))],
};

/// Under which the chosen language is stored, by the name of its folder.
const LANGUAGE: &str = "highwater.language";

/// The button that opens the choices.
#[component]
pub fn LooksButton(
    /// One higher each time the colours change, for what is drawn by hand.
    changed: RwSignal<u32>,
    /// Whether nothing is to fly.
    still: RwSignal<bool>,
) -> impl IntoView {
    let [colours, contrast, motion, size] =
        [&COLOURS, &CONTRAST, &MOTION, &SIZE].map(|look| RwSignal::new(stored(look)));
    let system_is_dark = media::follow("(prefers-color-scheme: dark)");
    let system_is_still = media::follow(media::STILL);
    Effect::new(move |_| {
        for signal in [colours, contrast, size] {
            signal.track();
        }
        system_is_dark.track();
        changed.update(|count| *count += 1);
    });
    Effect::new(move |_| still.set(system_is_still.get() || motion.read().as_str() == "still"));
    let once = RwSignal::new(false);
    view! {
        <button class="quiet" type="button" popovertarget="looks" aria-label=t!("looks.looks")>
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5"/>
                <path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor"/>
            </svg>
        </button>
        <div id="looks" class="menu" popover="auto" role="group" aria-label=t!("looks.looks")
            on:beforetoggle=move |_: web_sys::Event| once.set(true)>
            <Choices look=&COLOURS chosen=colours/>
            <Choices look=&CONTRAST chosen=contrast/>
            <Choices look=&MOTION chosen=motion/>
            <Choices look=&SIZE chosen=size/>
            {(LANGUAGES.len() > 1).then(|| view! { <Opened once>{languages()}</Opened> })}
        </div>
    }
    .into_any()
}

fn show(root: &web_sys::Element, look: &Look, name: &str) {
    let _ = match name {
        "" => root.remove_attribute(look.attribute),
        name => root.set_attribute(look.attribute, name),
    };
}

#[component]
fn Choices(look: &'static Look, chosen: RwSignal<String>) -> impl IntoView {
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            show(&root, look, &chosen.read());
        }
    });
    let choice = move |(name, label): &(&'static str, Text)| {
        let (name, label) = (*name, *label);
        let choose = move |_| {
            // Where nothing can be stored, the choice holds until the page is left.
            let _ = storage::set(look.key, name);
            chosen.set(name.to_owned());
        };
        view! {
            <label>
                <input type="radio" name=look.attribute prop:checked=move || chosen.read().as_str() == name on:change=choose/>
                {label.say()}
            </label>
        }
    };
    view! {
        <fieldset>
            <legend>{look.title.say()}</legend>
            {look.choices.iter().map(choice).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// The languages to choose from. The page is loaded anew in the one that is chosen: `boot.js` fetches its texts, and
/// what was done is saved.
fn languages() -> AnyView {
    let chosen = chosen_language();
    let choice = |(code, name): &(&'static str, &'static str)| {
        let (code, name) = (*code, *name);
        view! {
            <label>
                <input type="radio" name="language" checked=chosen == code on:change=move |_| choose_language(code)/>
                <span lang=code>{name}</span>
            </label>
        }
    };
    let choices = LANGUAGES.iter().map(choice).collect_view();
    view! { <fieldset><legend>{t!("looks.language")}</legend>{choices}</fieldset> }.into_any()
}

/// The languages that are not chosen, each in its own name: whoever does not read this one is to find theirs at once.
#[component]
pub fn OtherLanguages() -> impl IntoView {
    let chosen = chosen_language();
    let others = LANGUAGES.iter().filter(move |(code, _)| *code != chosen).map(|(code, name)| {
        view! { " " <button type="button" lang=*code on:click=move |_| choose_language(code)>{*name}</button> }
    });
    others.collect_view()
}

fn chosen_language() -> &'static str {
    let stored = storage::get(LANGUAGE);
    let known = LANGUAGES.iter().find(|(known, _)| Some(*known) == stored.as_deref());
    known.unwrap_or(&LANGUAGES[0]).0
}

fn choose_language(code: &str) {
    if storage::set(LANGUAGE, code).is_ok() {
        let _ = window().location().reload();
    }
}

/// What was chosen before, if it is one of the choices.
fn stored(look: &Look) -> String {
    let name = storage::get(look.key).unwrap_or_default();
    let is_known = look.choices.iter().any(|(known, _)| *known == name);
    if is_known { name } else { String::new() }
}
