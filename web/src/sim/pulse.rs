//! The frame loop: once per frame of the screen it plays virtual time on, within a budget, publishes
//! what changed, and draws the messages in flight. It stops when there is nothing to do.

use std::sync::Arc;

use highwater_cluster::time::Time;
use highwater_scenario::narration::Depth;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::Sim;
use super::core::Core;
use super::live::Live;
use super::turns::Portion;

/// The real time that one frame may stand for. After a longer one, time goes on from where it was.
const LONGEST_FRAME_MS: f64 = 100.0;

/// The milliseconds of each frame that the engine may use.
const BUDGET_MS: f64 = 4.0;

/// The same in a large cluster, in frames that publish little, and in those that publish much.
const BUDGET_OF_LARGE_MS: f64 = 0.9;
const BUDGET_BESIDE_MUCH_MS: f64 = 0.5;

/// The same at high speed, where a person waits for what comes, and from which speed on.
const BUDGET_IN_HASTE_MS: f64 = 9.0;
const HASTE: f64 = 30.0;

/// The same, while a saved scenario is replayed and nothing else is to be seen.
const REPLAY_BUDGET_MS: f64 = 24.0;

/// The same for a moment that the reader asked for: better there in one long frame than in several.
const SEEK_BUDGET_MS: f64 = 40.0;

/// The same before the next frame has come: the time until then would be lost.
const SEEK_AT_ONCE_MS: f64 = 10.0;

/// How long a moment that the reader asked for may be on its way before anything is said of it.
const SEEK_PATIENCE_MS: f64 = 300.0;

/// The log lines that are shown.
const LOG_SHOWN: usize = 250;

/// Starts the loop, unless it runs.
pub fn wake(sim: Sim) {
    let begin = sim.core.try_update_value(|core| {
        let begin = !core.is_looping;
        core.is_looping = true;
        if begin {
            core.last_frame = None;
        }
        begin
    });
    if begin == Some(true) {
        next_frame(sim);
    }
}

/// Begins with the way to a moment that was asked for, and leaves the rest to the frames to come.
pub fn set_out(core: &mut Core, to: Time) {
    let began = now_ms();
    let is_under_way = core.replay_to.is_some();
    core.seek(to, began);
    // A pointer that is dragged may ask several times between two frames: then the first had the time.
    if !is_under_way && let Some(target) = core.replay_to {
        core.advance(target, || now_ms() - began < SEEK_AT_ONCE_MS);
        core.skip_events();
    }
}

fn next_frame(sim: Sim) {
    let frame = Closure::once_into_js(move |timestamp: f64| {
        if tick(sim, timestamp) {
            next_frame(sim);
        } else {
            let _ = sim.core.try_update_value(|core| core.is_looping = false);
        }
    });
    let _ = window().request_animation_frame(frame.unchecked_ref());
}

/// One frame. True if there is to be another.
fn tick(sim: Sim, timestamp: f64) -> bool {
    let playing = sim.playing.try_get_untracked().unwrap_or(false);
    let Some(speed) = sim.speed.try_get_untracked() else { return false };
    let stops_at = sim.stops_at.try_get_untracked().flatten();
    let still = sim.still.try_get_untracked().unwrap_or(true);
    let mut publish = Publish::default();
    let again = sim.core.try_update_value(|core| {
        let elapsed =
            core.last_frame.map_or(0.0, |last| (timestamp - last).clamp(0.0, LONGEST_FRAME_MS));
        core.last_frame = Some(timestamp);
        let began = now_ms();
        if let Some(target) = core.replay_to {
            let budget = if core.sought_at.is_some() { SEEK_BUDGET_MS } else { REPLAY_BUDGET_MS };
            let advance = core.advance(target, || now_ms() - began < budget);
            core.skip_events();
            publish.clock = true;
            publish.halted = advance.halted;
            if !advance.behind || publish.halted.is_some() {
                core.replay_to = None;
                core.catch_up_events();
                publish.portion = Portion::PICTURE;
                core.turns.went_elsewhere();
            }
            let share = core.session().now().0 as f64 / target.0.max(1) as f64;
            // What is sought is mostly there at once: then nothing is said of the way there.
            let is_long = core.sought_at.is_none_or(|since| now_ms() - since > SEEK_PATIENCE_MS);
            publish.replaying = Some(core.replay_to.map(|_| share).filter(|_| is_long));
            return true;
        }
        let follows = core.turns.follow();
        if let Some(portion) = follows {
            publish.portion = portion;
        } else if playing {
            core.carry += elapsed * 1_000.0 * speed;
            let micros = core.carry.floor();
            core.carry -= micros;
            let until = Time(core.session().now().0.saturating_add(micros as u64));
            let until = stops_at.map_or(until, |stop| stop.min(until));
            let until = core.followed.as_ref().map_or(until, |followed| followed.until(until));
            let now = core.session().now();
            let is_late = core.followed.as_ref().is_some_and(|followed| followed.is_far_ahead(now));
            publish.portion = core.turns.next(timestamp);
            let budget = match core.turns.is_large() {
                _ if speed >= HASTE || is_late => BUDGET_IN_HASTE_MS,
                true if publish.portion.is_heavy() => BUDGET_BESIDE_MUCH_MS,
                true => BUDGET_OF_LARGE_MS,
                false => BUDGET_MS,
            };
            let played = core.play(until, || now_ms() - began < budget);
            let advance = played.advance;
            publish.hit = played.hit;
            publish.has_arrived = stops_at.is_some_and(|stop| core.session().now() >= stop);
            publish.behind = Some(advance.behind);
            publish.live = core.live(advance.behind);
            publish.halted = advance.halted;
            publish.clock = true;
            // Nobody can skip what has not happened yet.
            if publish.portion.calm && core.followed.is_none() {
                publish.quiet_s = core.quiet.look(core.timeline.session(), timestamp);
            }
        }
        core.take_flights();
        if still {
            core.flights.clear();
        }
        let is_moving = core.flights.animate(elapsed, core.session().now());
        // Of thousands nobody sees that they stand for a frame: it is left to the text.
        let waits = core.turns.is_large() && core.flights.are_many() && publish.portion.is_text();
        if let Some(mut painter) = core.painter.take_if(|_| !waits) {
            painter(&mut core.flights);
            core.painter = Some(painter);
        }
        playing || is_moving || follows.is_some()
    });
    publish.send(sim);
    again.unwrap_or(false)
}

/// What a frame changed.
#[derive(Default)]
struct Publish {
    clock: bool,
    portion: Portion,
    behind: Option<bool>,
    replaying: Option<Option<f64>>,
    halted: Option<highwater_scenario::session::HaltInfo>,
    hit: Option<highwater_scenario::breakpoints::Hit>,
    quiet_s: Option<u32>,
    live: Option<Live>,
    has_arrived: bool,
}

impl Publish {
    fn send(self, sim: Sim) {
        if let Some(behind) = self.behind
            && sim.behind.get_untracked() != behind
        {
            sim.behind.set(behind);
        }
        if let Some(replaying) = self.replaying
            && sim.replaying.get_untracked() != replaying
        {
            sim.replaying.set(replaying);
        }
        if self.live.is_some() {
            sim.say_live(self.live);
        }
        if let Some(halted) = self.halted {
            sim.halted.set(Some(halted));
            sim.playing.set(false);
            sim.publish_all();
            return;
        }
        if let Some(hit) = self.hit {
            sim.pause();
            sim.publish_hit(Some(hit));
            return;
        }
        if self.has_arrived {
            sim.pause();
            sim.stops_at.set(None);
            return;
        }
        if self.clock {
            sim.publish_clock();
        }
        if self.portion.calm && sim.telling.quiet_s.get_untracked() != self.quiet_s {
            sim.telling.quiet_s.set(self.quiet_s);
        }
        sim.publish_portion(self.portion);
    }
}

impl Sim {
    /// Publishes everything at once.
    pub(super) fn publish_all(self) {
        let _ = self.core.try_update_value(Core::take_flights);
        self.publish_clock();
        self.publish_portion(Portion::ALL);
    }

    fn publish_clock(self) {
        let times =
            self.core.try_with_value(|core| (core.session().now(), core.timeline.reached()));
        if let Some((now, reached)) = times {
            self.clock.set(now);
            if self.reached.get_untracked() != reached {
                self.reached.set(reached);
            }
        }
    }

    fn publish_portion(self, portion: Portion) {
        if portion.view {
            let view = self.core.try_update_value(|core| {
                let view = Arc::new(core.session().view());
                core.turns.look(&view);
                view
            });
            let Some(view) = view else { return };
            self.view.set(view);
        }
        let (first, behind) = portion.parts;
        for part in first..behind {
            self.parts[part].set(self.view.get_untracked());
        }
        let (first, behind) = portion.words;
        for part in first..behind {
            self.told_parts[part].notify();
        }
        if portion.standing {
            self.standing.set(self.view.get_untracked());
        }
        if portion.calm {
            self.calm.set(self.view.get_untracked());
        }
        if portion.log {
            self.publish_log();
        }
    }

    fn publish_log(self) {
        self.publish_lines();
        let depth = self.telling.depth.get_untracked();
        let news = self.core.try_update_value(|core| {
            // Deeper down there is news without the story going on.
            let total = core.session().log().total();
            let is_new = std::mem::replace(&mut core.published_log, total) != total;
            if !is_new {
                let told = (depth > Depth::Story).then(|| core.told(depth));
                return told.map(|told| (None, told));
            }
            let log = core.session().log();
            let shown = log.iter().skip(log.len().saturating_sub(LOG_SHOWN)).cloned().collect();
            Some((Some(Arc::new(shown)), core.told(depth)))
        });
        let Some(Some((log, told))) = news else { return };
        if let Some(log) = log {
            self.log.set(log);
        }
        if self.told.with_untracked(|known| *known != told) {
            self.told.set(told);
        }
    }
}

/// A clock in milliseconds, for budgets only.
pub(super) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}
