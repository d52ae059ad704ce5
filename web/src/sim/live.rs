//! A cluster that is played elsewhere, by `highwater serve --ui`: the page plays the same as far as it is told, and what is done
//! here is written there.

use highwater_cluster::time::Time;
use highwater_scenario::script::{Action, Document, ScriptError};
use highwater_scenario::session::Session;
use leptos::prelude::*;

use super::core::Core;
use super::{Sim, pulse};

/// How the page stands to the cluster that is played elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// It shows what happens now.
    KeepsUp,
    /// It shows what was.
    Past,
    /// It has come to something else.
    Differs,
}

/// A cluster that is played elsewhere.
pub struct Followed {
    /// How far it is known.
    pub at: Time,
    /// How many events there were up to that instant, if all of them are known.
    events: Option<u64>,
    keeps_up: bool,
    hand_over: Box<dyn Fn(String)>,
}

/// From so far behind the engine may use more of each frame.
const FAR_BEHIND_US: u64 = 500_000;

impl Followed {
    /// Up to where a frame plays that would play up to `until` here.
    pub fn until(&self, until: Time) -> Time {
        if self.keeps_up { self.at } else { until.min(self.at) }
    }

    /// Whether much is to be made up for.
    pub fn is_far_ahead(&self, now: Time) -> bool {
        self.keeps_up && self.at.0.saturating_sub(now.0) > FAR_BEHIND_US
    }
}

impl Core {
    /// How the page stands to the cluster that is played elsewhere, after a frame.
    pub fn live(&mut self, is_behind: bool) -> Option<Live> {
        self.followed.as_ref()?;
        self.compare(is_behind)
    }

    // Kept by itself, as some others here are: it comes later, and what calls it is part of a first visit.
    #[inline(never)]
    fn compare(&mut self, is_behind: bool) -> Option<Live> {
        let (now, events) = (self.session().now(), self.session().world().event_count());
        let followed = self.followed.as_mut()?;
        if now >= followed.at && !is_behind {
            if followed.events.is_some_and(|known| known != events) {
                return Some(Live::Differs);
            }
            followed.keeps_up = true;
        }
        Some(if followed.keeps_up { Live::KeepsUp } else { Live::Past })
    }

    /// The latest moment up to `to` that is known.
    pub fn known(&self, to: Time) -> Time {
        self.followed.as_ref().map_or(to, |followed| to.min(followed.at))
    }

    /// Does an entry: here, or where the cluster is played.
    pub fn write(&mut self, action: Action) -> Result<(), ScriptError> {
        if self.followed.is_none() {
            return self.timeline.write(action);
        }
        self.hand_over(action)
    }

    #[inline(never)]
    fn hand_over(&self, action: Action) -> Result<(), ScriptError> {
        if let Some(followed) = &self.followed {
            (followed.hand_over)(Document::print_action(action)?);
        }
        Ok(())
    }
}

impl Sim {
    /// Takes up a cluster that is played elsewhere and has come to a moment. `hand_over` takes what is done here.
    pub fn follow(self, session: Session, at: Time, hand_over: Box<dyn Fn(String)>) {
        self.load(session, Some(at));
        let followed = Followed { at, events: None, keeps_up: true, hand_over };
        self.core.update_value(|core| core.followed = Some(followed));
        self.live.set(Some(Live::KeepsUp));
        self.play();
    }

    /// What was written there.
    pub fn take_over(self, entries: &str) {
        let done = self.core.try_update_value(|core| {
            if let Some(followed) = &mut core.followed {
                followed.events = None;
            }
            core.timeline.take_over(entries)
        });
        if matches!(done, Some(Err(_))) {
            self.differs();
        }
    }

    /// What was told cannot be played here.
    pub fn differs(self) {
        self.say_live(Some(Live::Differs));
    }

    /// How far it is there, and how many events that makes.
    pub fn is_at(self, at: Time, events: Option<u64>) {
        let _ = self.core.try_update_value(|core| {
            if let Some(followed) = &mut core.followed {
                (followed.at, followed.events) = (at, events);
            }
        });
        if self.playing.get_untracked() {
            pulse::wake(self);
        }
    }

    /// Shows what happens now.
    #[inline(never)]
    pub fn keep_up(self) {
        let Some(Some(at)) =
            self.core.try_with_value(|core| core.followed.as_ref().map(|it| it.at))
        else {
            return;
        };
        if self.live.get_untracked() != Some(Live::KeepsUp) {
            self.seek(at);
        }
        let _ = self.core.try_update_value(|core| {
            if let Some(followed) = &mut core.followed {
                followed.keeps_up = true;
            }
        });
        self.say_live(Some(Live::KeepsUp));
        self.play();
    }

    /// Shows what was from here on: time stands, or goes elsewhere.
    pub(super) fn look_back(self) {
        let _ = self.core.try_update_value(|core| {
            if let Some(followed) = &mut core.followed {
                followed.keeps_up = false;
            }
        });
        if self.live.get_untracked().is_some() {
            self.say_live(Some(Live::Past));
        }
    }

    pub(super) fn say_live(self, live: Option<Live>) {
        if self.live.get_untracked() != live {
            self.live.set(live);
        }
    }

    /// Plays here from now on.
    pub fn leave_live(self) {
        self.pause();
        let _ = self.core.try_update_value(|core| core.followed = None);
        self.say_live(None);
    }

    /// How far the cluster is that is played elsewhere.
    pub fn live_at(self) -> Option<Time> {
        self.core
            .try_with_value(|core| core.followed.as_ref().map(|followed| followed.at))
            .flatten()
    }
}
