//! Notices: what the reader must know, each with a way out.

use leptos::prelude::*;

use crate::clipboard;
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
}

impl Notice {
    fn sentence(&self) -> String {
        match self {
            Self::NotSaved { is_full: true } => {
                "The browser's storage is full: what you do is not saved, and a reload loses it. \
                 Copy the scenario, or forget other saved ones under About."
                    .to_owned()
            }
            Self::NotSaved { is_full: false } => {
                "The browser forbids this page to store anything: what you do is not saved, and a reload loses it."
                    .to_owned()
            }
            Self::OtherTab => {
                "Another tab has saved a scenario of its own. This tab keeps this one; neither overwrites the other."
                    .to_owned()
            }
            Self::Unreadable { errors, .. } => {
                let first = errors.first().cloned().unwrap_or_default();
                format!("The saved scenario cannot be read ({first}). It stays saved, and a new one was begun.")
            }
            Self::FilesMissing(names) => {
                format!(
                    "The scenario reads {}, which was too large to be saved with it. Open it again under Your data.",
                    names.join(", ")
                )
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

/// All notices.
#[component]
pub fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    view! {
        <div class="notices" role="status">
            <For each=move || notices.0.get() key=|notice| notice.sentence() let:notice>
                <NoticeView notice/>
            </For>
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
        _ => None,
    };
    let copy = move |_| clipboard::copy(saved.clone().unwrap_or_else(|| sim.script()), said);
    let sentence = notice.sentence();
    let dismissed = notice.clone();
    view! {
        <div class="notice">
            <p>{sentence}</p>
            <button type="button" on:click=copy>{clipboard::label(said, "Copy scenario")}</button>
            <button type="button" on:click=move |_| notices.withdraw(|other| *other == dismissed)>"Dismiss"</button>
        </div>
    }
}
