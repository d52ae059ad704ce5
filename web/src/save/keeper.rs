//! Saves the scenario whenever a line is written, and brings it back.

use std::collections::BTreeMap;

use highwater_cluster::time::Time;
use highwater_scenario::session::Session;
use highwater_scenario::timeline::BranchId;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::slots::{self, Saved};
use super::storage::{self, StorageError};
use crate::crash;
use crate::data::sample;
use crate::notice::{Notice, Notices};
use crate::sim::Sim;

/// Set by the crash screen: begin with a new scenario.
const AFRESH: &str = "highwater.afresh";

/// Saves the scenario of the place that the page shows.
#[derive(Clone, Copy)]
pub struct Keeper {
    sim: Sim,
    notices: Notices,
    place: StoredValue<Option<Place>>,
    slot: StoredValue<String>,
    /// What somebody has shared, for the place that is opened next, and what is to be shown of it.
    handed: StoredValue<Option<(String, Saved)>>,
    view: StoredValue<Option<String>>,
    /// Under which name each branch of the scenario is saved, and of which scenario.
    branches: StoredValue<(u32, BTreeMap<BranchId, String>)>,
}

/// What is played, and how it begins.
#[derive(Clone, Debug, Default)]
struct Place {
    name: String,
    beginning: String,
    /// The moment at which it begins, if not at its start.
    moment: Option<Time>,
}

impl Keeper {
    /// Saves from here on.
    pub fn new(sim: Sim, notices: Notices) -> Self {
        let afresh = storage::of_tab(AFRESH).is_some_and(|flag| flag == "1");
        storage::set_of_tab(AFRESH, "0");
        let slot = if afresh { slots::new_slot() } else { slots::own_slot() };
        let keeper = Self {
            sim,
            notices,
            place: StoredValue::new(None),
            slot: StoredValue::new(slot),
            handed: StoredValue::new(None),
            view: StoredValue::new(None),
            branches: StoredValue::new(Default::default()),
        };
        if afresh {
            // What was saved last stays saved, but is not taken up.
            keeper
                .place
                .set_value(Some(Place { beginning: "afresh".to_owned(), ..Place::default() }));
        }
        Effect::new(move |_| {
            sim.written.track();
            keeper.save();
        });
        let hidden = window_event_listener(ev::pagehide, move |_| keeper.save());
        let other = window_event_listener(ev::storage, move |event| {
            if let Some(key) = event.key() {
                keeper.other_tab_wrote(&key);
            }
        });
        on_cleanup(move || {
            hidden.remove();
            other.remove();
        });
        keeper
    }

    /// Goes to another place: saves this one, and brings back what was saved of that one. What was
    /// never saved begins as `beginning` says.
    pub fn open(self, name: &str, beginning: &str) {
        self.open_at(name, beginning, None);
    }

    /// As [`open`](Self::open); what was never saved is played up to `moment` first.
    pub fn open_at(self, name: &str, beginning: &str, moment: Option<Time>) {
        let afresh = self
            .place
            .with_value(|place| place.as_ref().is_some_and(|place| place.name.is_empty()));
        let stays =
            self.place.with_value(|place| place.as_ref().is_some_and(|place| place.name == name));
        if stays {
            return;
        }
        self.save();
        let place = Place { name: name.to_owned(), beginning: beginning.to_owned(), moment };
        self.place.set_value(None);
        let handed = self.handed.try_update_value(Option::take).flatten();
        let handed = handed.filter(|(place, _)| place == name).map(|(_, saved)| saved);
        let saved = match handed {
            Some(saved) => Some(saved),
            None if afresh => None,
            None => slots::stored(name, &self.slot.get_value()),
        };
        spawn_local(async move {
            let (session, moment) = match saved {
                Some(saved) => self.bring_back(saved, &place.beginning).await,
                None => (begin(&place.beginning), place.moment),
            };
            self.place.set_value(Some(place));
            self.sim.load(session, moment);
            crash::note_script(self.sim.script());
        });
    }

    /// Saves a scenario that somebody has shared under a name of its own, and has it taken up by the place when that is
    /// opened next. What this tab had stays saved as it was.
    pub fn hand_over(self, place: &str, script: String, moment: Time, view: String) {
        self.leave();
        let slot = slots::new_slot();
        self.slot.set_value(slot.clone());
        let saved = Saved { script, moment, saved_at: js_sys::Date::now() };
        self.store(place, &slot, &saved);
        self.handed.set_value(Some((place.to_owned(), saved)));
        self.view.set_value(Some(view));
    }

    /// Has the place take up what is saved under a key when it is opened next, and goes on saving it there. The name of the
    /// place is returned.
    pub fn go_on_with(self, key: &str, saved: Saved) -> Option<String> {
        let (place, slot) = slots::place_and_slot(key)?;
        self.leave();
        slots::use_slot(&slot);
        self.slot.set_value(slot);
        self.handed.set_value(Some((place.clone(), saved)));
        Some(place)
    }

    /// What is to be shown of a scenario that somebody has shared, once.
    pub fn take_view(self) -> Option<String> {
        self.place.with_value(Option::is_some).then_some(())?;
        self.view.try_update_value(Option::take).flatten()
    }

    /// The place that is shown: `play`, `learn/ID`.
    pub fn place_name(self) -> String {
        let name = self.place.with_value(|place| place.as_ref().map(|place| place.name.clone()));
        name.unwrap_or_else(|| "play".to_owned())
    }

    /// Saves, and shows no place until one is opened: nothing is saved until then.
    pub fn leave(self) {
        self.save();
        self.place.set_value(None);
    }

    /// Begins the place anew. What was, stays saved under its old name.
    pub fn begin_anew(self) {
        self.save();
        self.slot.set_value(slots::new_slot());
        if let Some(place) = self.place.get_value() {
            self.sim.load(begin(&place.beginning), place.moment);
        }
    }

    /// Begins this place with another cluster. What was, stays saved under its old name.
    pub fn begin_with(self, script: &str) {
        self.save();
        self.slot.set_value(slots::new_slot());
        self.sim.load(begin(script), None);
    }

    /// Takes up a script in this place, and plays it up to a moment; on from there if so wanted. What
    /// was, stays saved under its old name.
    pub fn open_script(self, script: String, moment: Time, plays: bool) {
        self.save();
        self.slot.set_value(slots::new_slot());
        let beginning =
            self.place.with_value(|place| place.as_ref().map(|place| place.beginning.clone()));
        let saved = Saved { script, moment, saved_at: js_sys::Date::now() };
        spawn_local(async move {
            let (session, moment) = self.bring_back(saved, &beginning.unwrap_or_default()).await;
            self.sim.load(session, moment);
            if plays {
                self.sim.play();
            }
        });
    }

    /// Saves the scenario as it is now; one in which nothing was done is not worth it.
    fn save(self) {
        let Some(Some(place)) = self.place.try_get_value() else { return };
        if self.sim.replaying.get_untracked().is_some() {
            // It is saved, and not yet where it was.
            return;
        }
        let script = self.sim.script();
        crash::note_script(script.clone());
        if script.is_empty() || place.name.is_empty() || is_untouched(&script, &place.beginning) {
            return;
        }
        self.follow_branch();
        let moment = self.sim.read(|session| session.now()).unwrap_or_default();
        let saved = Saved { script, moment, saved_at: js_sys::Date::now() };
        self.store(&place.name, &self.slot.get_value(), &saved);
    }

    fn store(self, place: &str, slot: &str, saved: &Saved) {
        match slots::store(place, slot, saved) {
            Ok(()) => self.notices.withdraw(|notice| matches!(notice, Notice::NotSaved { .. })),
            Err(error) => {
                self.notices.tell(Notice::NotSaved { is_full: error == StorageError::Full })
            }
        }
    }

    /// Each branch is saved under a name of its own: one that is left stays saved as it was.
    fn follow_branch(self) {
        let current = self.sim.read_timeline(|timeline| {
            let branches = timeline.branches();
            branches.into_iter().find(|branch| branch.is_current).map(|branch| branch.id)
        });
        let Some(Some(current)) = current else { return };
        let loaded = self.sim.loaded.get_untracked();
        self.branches.update_value(|(of, slots)| {
            if *of != loaded {
                *of = loaded;
                slots.clear();
            }
            let is_first = slots.is_empty();
            let slot = slots.entry(current).or_insert_with(|| {
                if is_first { self.slot.get_value() } else { slots::new_slot() }
            });
            slots::use_slot(slot);
            self.slot.set_value(slot.clone());
        });
    }

    async fn bring_back(self, saved: Saved, beginning: &str) -> (Session, Option<Time>) {
        match Session::parse(&saved.script) {
            Ok(mut session) => {
                let mut missing = Vec::new();
                for (name, sha256) in session.missing_files() {
                    match sample::fetch_if_sample(&sha256).await {
                        Some(bytes) => session.know_file(sha256, bytes.into()),
                        None => missing.push(name),
                    }
                }
                if !missing.is_empty() {
                    self.notices.tell(Notice::FilesMissing(missing));
                }
                (session, Some(saved.moment))
            }
            Err(errors) => {
                let errors = errors.iter().map(ToString::to_string).collect();
                self.notices.tell(Notice::Unreadable { errors, script: saved.script });
                self.slot.set_value(slots::new_slot());
                (begin(beginning), None)
            }
        }
    }

    fn other_tab_wrote(self, key: &str) {
        let Some(Some(place)) = self.place.try_get_value() else { return };
        let Some(slot) = slots::slot_of(key, &place.name) else { return };
        if slot == self.slot.get_value() {
            // The tab was duplicated, with the name under which it saves.
            self.slot.set_value(slots::new_slot());
            self.save();
        }
        self.notices.tell(Notice::OtherTab);
    }
}

/// A session at the beginning of a scenario that comes with the page.
fn begin(beginning: &str) -> Session {
    Session::parse(beginning).unwrap_or_else(|_| crate::sim::empty_session())
}

fn is_untouched(script: &str, beginning: &str) -> bool {
    Session::parse(beginning).is_ok_and(|session| session.script() == script)
}
