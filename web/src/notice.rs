//! Notices: what the reader must know, each with a way out.

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::CustomEvent;

use crate::clipboard;
use crate::each::Each;
use crate::play::Desk;

/// What the reader must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Nothing can be stored.
    NotSaved {
        /// Whether because there is no room.
        is_full: bool,
    },
    /// Another tab of the page has saved a scenario.
    OtherTab,
    /// The saved scenario cannot be read.
    Unreadable {
        /// What is wrong with it.
        errors: Vec<String>,
        /// The whole of it.
        script: String,
    },
    /// Files that the scenario names are not here.
    FilesMissing(Vec<String>),
    /// What is to be said of a file of a scenario that was opened, or was not.
    File {
        /// What is to be said.
        sentence: String,
        /// Its script, if it was not opened.
        script: Option<String>,
    },
    /// A new version of the page was fetched, and waits.
    NewVersionWaits,
    /// Another tab has gone over to a new version.
    NewVersionTaken,
}

impl Notice {
    fn sentence(&self) -> String {
        match self {
            Self::NotSaved { is_full: true } => t!("notice.browsers-storage-full").to_owned(),
            Self::NotSaved { is_full: false } => t!("notice.browser-forbids-this").to_owned(),
            Self::OtherTab => t!("notice.another-tab-has").to_owned(),
            Self::Unreadable { errors, .. } => {
                let first = errors.first().cloned().unwrap_or_default();
                t!("notice.saved-scenario-cannot", first = first)
            }
            Self::File { sentence, .. } => sentence.clone(),
            Self::NewVersionWaits => t!("notice.new-version-highwater").to_owned(),
            Self::NewVersionTaken => t!("notice.another-tab-has-gone").to_owned(),
            Self::FilesMissing(names) => {
                t!("notice.scenario-reads-which", files = names.join(", "))
            }
        }
    }
}

/// The notices, the newest last. Each kind stands there once.
#[derive(Clone, Copy)]
pub struct Notices(RwSignal<Vec<Notice>>);

impl Notices {
    /// None yet.
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Tells something, unless it stands there already.
    pub fn tell(self, notice: Notice) {
        if !self.0.read_untracked().contains(&notice) {
            self.0.update(|all| all.push(notice));
        }
    }

    /// Takes away what holds no more.
    pub fn withdraw(self, no_more: impl Fn(&Notice) -> bool) {
        if self.0.read_untracked().iter().any(&no_more) {
            self.0.update(|all| all.retain(|notice| !no_more(notice)));
        }
    }
}

#[wasm_bindgen]
extern "C" {
    /// Goes over to the version that waits; see `web/boot.js`.
    #[wasm_bindgen(js_name = highwaterTakeNewVersion)]
    fn take_new_version();
}

/// Tells of new versions, of which `boot.js` hears first.
pub fn follow_versions(notices: Notices) {
    let event = leptos::ev::Custom::<CustomEvent>::new("highwater-version");
    let listener = window_event_listener(event, move |event| {
        let notice = match event.detail().as_string().as_deref() {
            Some("taken") => Notice::NewVersionTaken,
            _ => Notice::NewVersionWaits,
        };
        notices.tell(notice);
    });
    on_cleanup(move || listener.remove());
}

/// All notices.
#[component]
pub fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    view! {
        <div class="notices" role="status">
            <Each each=move || notices.0.get() key=|notice| notice.sentence() let:notice>
                <NoticeView notice/>
            </Each>
        </div>
    }
    .into_any()
}

#[component]
fn NoticeView(notice: Notice) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let sim = expect_context::<Desk>().sim;
    let said = RwSignal::new(None);
    let saved = match &notice {
        Notice::Unreadable { script, .. } => Some(script.clone()),
        Notice::File { script, .. } => script.clone(),
        _ => None,
    };
    let is_version = matches!(notice, Notice::NewVersionWaits | Notice::NewVersionTaken);
    let has_scenario = !is_version && !matches!(notice, Notice::File { script: None, .. });
    let copy = move |_| clipboard::copy(saved.clone().unwrap_or_else(|| sim.script()), said);
    let sentence = notice.sentence();
    let dismissed = notice.clone();
    view! {
        <div class="notice">
            <p>{sentence}</p>
            {is_version.then(|| view! { <button type="button" on:click=move |_| take_new_version()>{t!("notice.reload")}</button> })}
            {has_scenario.then(|| view! {
                <button type="button" on:click=copy>{clipboard::label(said, t!("notice.copy-scenario"))}</button>
            })}
            <button type="button" on:click=move |_| notices.withdraw(|other| *other == dismissed)>{t!("notice.dismiss")}</button>
        </div>
    }
}
