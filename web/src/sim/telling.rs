//! What the reader is told: the log in the depth and by the filter that he chose, and what a long wait
//! or a breakpoint has to say.

use std::sync::Arc;

use highwater_cluster::ids::EventId;
use highwater_cluster::time::Time;
use highwater_scenario::breakpoints::{Condition, Hit};
use highwater_scenario::narration::Depth;
use highwater_scenario::session::{Filter, LogLine, Session, Stop};
use leptos::prelude::*;

use super::{Sim, pulse};
use crate::save::storage;

const KEY: &str = "highwater.depth";

/// The log lines that are shown.
const SHOWN: usize = 250;

/// A wait becomes one after so many milliseconds of the viewer's time.
const WAIT_MS: f64 = 3_000.0;

/// What is told, as signals.
#[derive(Clone, Copy)]
pub struct Telling {
    /// How deep.
    pub depth: RwSignal<Depth>,
    /// What is left out of the log.
    pub filter: RwSignal<Filter>,
    /// The log at that depth, the newest line last.
    pub lines: RwSignal<Arc<Vec<LogLine>>>,
    /// For how many seconds of the viewer's time nothing has been told, once that is long.
    pub quiet_s: RwSignal<Option<u32>>,
    /// The breakpoint at which the run stands.
    pub hit: RwSignal<Option<Hit>>,
    /// The conditions at which the run is to pause.
    pub conditions: RwSignal<Vec<Condition>>,
    /// The breakpoints that were hit, in order of time.
    pub hits: RwSignal<Arc<Vec<Hit>>>,
}

impl Telling {
    /// Nothing is told yet. The depth is the one that was chosen last.
    pub fn new() -> Self {
        let depth = storage::get(KEY).and_then(|name| Depth::named(&name)).unwrap_or_default();
        Self {
            depth: RwSignal::new(depth),
            filter: RwSignal::new(Filter::default()),
            lines: RwSignal::default(),
            quiet_s: RwSignal::new(None),
            hit: RwSignal::new(None),
            conditions: RwSignal::new(Vec::new()),
            hits: RwSignal::default(),
        }
    }
}

/// What was published of the log, so that only what is new is put into sentences.
#[derive(Default)]
pub(super) struct Shown {
    lines: Vec<LogLine>,
    upto: Option<EventId>,
    is_published: bool,
}

impl Shown {
    /// The lines now, if they have changed.
    pub(super) fn refresh(
        &mut self,
        session: &Session,
        depth: Depth,
        filter: &Filter,
    ) -> Option<Arc<Vec<LogLine>>> {
        let newest = session.causes().next_id().0.checked_sub(1).map(EventId);
        if self.is_published && newest == self.upto {
            return None;
        }
        let news = session.history(depth, filter, self.upto, SHOWN);
        let is_first = !std::mem::replace(&mut self.is_published, true);
        self.upto = newest;
        if news.is_empty() && !is_first {
            return None;
        }
        self.lines.extend(news);
        self.lines.drain(..self.lines.len().saturating_sub(SHOWN));
        Some(Arc::new(self.lines.clone()))
    }
}

/// For how long nothing has been told.
#[derive(Default)]
pub(super) struct Quiet {
    since_ms: Option<f64>,
    upto: u64,
}

impl Quiet {
    /// The seconds of a wait at a moment of the viewer's time, if it is one.
    pub(super) fn look(&mut self, session: &Session, now_ms: f64) -> Option<u32> {
        let next = session.causes().next_id().0;
        let has_news = next < self.upto || session.is_told_since(EventId(self.upto), Depth::Detail);
        self.upto = next;
        if has_news {
            self.since_ms = Some(now_ms);
        }
        let waited = now_ms - *self.since_ms.get_or_insert(now_ms);
        (waited > WAIT_MS).then_some((waited / 1_000.0) as u32)
    }

    /// The wait is over: time stands, or goes elsewhere.
    pub(super) fn end(&mut self) {
        self.since_ms = None;
    }
}

impl Sim {
    /// Chooses how deep is told, now and in the future, of the past too.
    pub fn set_depth(self, depth: Depth) {
        // Where nothing can be stored, the choice holds until the page is left.
        let _ = storage::set(KEY, depth.name());
        self.telling.depth.set(depth);
        self.tell_anew();
    }

    /// Leaves out of the log what a filter does not let through.
    pub fn set_filter(self, filter: Filter) {
        self.telling.filter.set(filter);
        self.tell_anew();
    }

    /// Plays to the next event that is told, or to the next message, and pauses there.
    pub fn step_to(self, stop: Stop) {
        self.playing.set(false);
        self.look_back();
        self.telling.hit.set(None);
        let played = self.core.try_update_value(|core| core.step(stop));
        self.publish_all();
        let Some(played) = played else { return };
        self.idle.set(played.line.is_none() && played.hit.is_none());
        if played.line.is_some() {
            self.told.set(played.line);
        }
        self.publish_hit(played.hit);
        pulse::wake(self);
    }

    /// Goes back to what a step would have gone to before the present moment, and pauses there.
    pub fn step_back_to(self, stop: Stop) {
        self.playing.set(false);
        let before = self.read_timeline(|timeline| timeline.instant_before(stop)).flatten();
        self.seek(before.unwrap_or(Time::ZERO));
    }

    /// What the next event is to one who chose a depth: whoever steps wants to see how things work.
    pub fn event_step(self) -> Stop {
        Stop::Told(self.telling.depth.get_untracked().max(Depth::Detail))
    }

    /// Passes over a wait: time goes on from the next event, and runs as before.
    pub fn skip(self) {
        if !self.playing.get_untracked() {
            return self.step_to(self.event_step());
        }
        let played = self.core.try_update_value(|core| {
            core.quiet.end();
            core.step(Stop::Told(Depth::Detail))
        });
        self.telling.quiet_s.set(None);
        self.publish_all();
        if let Some(hit) = played.and_then(|played| played.hit) {
            self.playing.set(false);
            self.publish_hit(Some(hit));
        }
        pulse::wake(self);
    }

    /// Sets the conditions at which the run is to pause.
    pub fn set_conditions(self, conditions: Vec<Condition>) {
        let set = conditions.clone();
        let _ = self.core.try_update_value(|core| core.timeline.set_conditions(set));
        self.telling.conditions.set(conditions);
    }

    /// Says that the run stands at a breakpoint, or at none, and marks where any were hit.
    pub(super) fn publish_hit(self, hit: Option<Hit>) {
        if self.telling.hit.with_untracked(|known| *known != hit) {
            self.telling.hit.set(hit);
        }
        let hits = self.core.try_with_value(|core| {
            let hits = core.timeline.hits();
            let is_new = self.telling.hits.with_untracked(|known| known.as_slice() != hits);
            is_new.then(|| Arc::new(hits.to_vec()))
        });
        if let Some(Some(hits)) = hits {
            self.telling.hits.set(hits);
        }
    }

    /// Publishes what the log at the chosen depth has new.
    pub(super) fn publish_lines(self) {
        let depth = self.telling.depth.get_untracked();
        let lines = self.telling.filter.with_untracked(|filter| {
            self.core
                .try_update_value(|core| core.shown.refresh(core.timeline.session(), depth, filter))
        });
        if let Some(Some(lines)) = lines {
            self.telling.lines.set(lines);
        }
    }

    fn tell_anew(self) {
        let _ = self.core.try_update_value(|core| {
            core.shown = Shown::default();
            core.published_log = u64::MAX;
        });
        self.publish_lines();
        self.publish_told();
    }

    fn publish_told(self) {
        let depth = self.telling.depth.get_untracked();
        let told = self.core.try_with_value(|core| core.told(depth));
        self.told.set(told.flatten());
    }
}
