//! The session with what belongs to showing it: the messages to be seen, and what was published.

use highwater_cluster::ids::EventId;
use highwater_cluster::time::{Span, Time};
use highwater_scenario::narration::Depth;
use highwater_scenario::session::{Advance, Filter, LogLine, Played, Session, Stop};
use highwater_scenario::timeline::Timeline;

use super::flights::Flights;
use super::live::Followed;
use super::telling::{Quiet, Shown};
use super::turns::Turns;

/// Draws the messages in flight.
pub type Painter = Box<dyn FnMut(&mut Flights)>;

/// Messages are shown for the last events only: after a long stretch the older ones are history.
const MOST_EVENTS_SHOWN: u64 = 4_000;

/// So many steps that they take well under a millisecond, however large the cluster.
const SLICE: u32 = 8;

/// How far off the next event may be that a step goes to; as much passes when there is none. A broker
/// that was killed is fenced within it.
const FARTHEST_STEP: Span = Span(10_000_000);

/// The session with what belongs to showing it.
pub struct Core {
    pub timeline: Timeline,
    pub flights: Flights,
    pub painter: Option<Painter>,
    /// The cluster that is played elsewhere, if this is one.
    pub followed: Option<Followed>,
    /// Where a saved scenario is to be replayed to.
    pub replay_to: Option<Time>,
    /// When the reader asked for that moment; none while a saved scenario is brought back.
    pub sought_at: Option<f64>,
    /// Microseconds of virtual time that were too few to play.
    pub carry: f64,
    pub is_looping: bool,
    pub last_frame: Option<f64>,
    pub turns: Turns,
    pub published_log: u64,
    pub shown: Shown,
    pub quiet: Quiet,
    next_event: u64,
}

impl Core {
    pub fn new(session: Session) -> Self {
        let mut core = Self {
            timeline: Timeline::new(session),
            flights: Flights::default(),
            painter: None,
            followed: None,
            replay_to: None,
            sought_at: None,
            carry: 0.0,
            is_looping: false,
            last_frame: None,
            turns: Turns::default(),
            published_log: 0,
            shown: Shown::default(),
            quiet: Quiet::default(),
            next_event: 0,
        };
        core.skip_events();
        core
    }

    /// What is played.
    pub fn session(&self) -> &Session {
        self.timeline.session()
    }

    /// Another session, with the same painter.
    pub fn load(&mut self, session: Session, replay_to: Option<Time>) {
        let conditions = self.timeline.conditions().to_vec();
        self.timeline = Timeline::new(session);
        self.followed = None;
        self.timeline.set_conditions(conditions);
        self.replay_to = replay_to;
        self.sought_at = None;
        self.begin_anew();
    }

    /// Goes to the nearest moment before `to` that is kept; from there it is to be played on.
    pub fn seek(&mut self, to: Time, now_ms: f64) {
        let to = self.known(to);
        self.timeline.seek(to);
        self.go_on_to(to, now_ms);
    }

    /// What was played is another run from here on, which is to be played on to a moment.
    pub fn go_on_to(&mut self, to: Time, now_ms: f64) {
        self.replay_to = Some(to);
        self.sought_at = Some(now_ms);
        self.begin_anew();
    }

    /// Plays to what a step goes to, or for ten seconds if there is nothing of the kind.
    pub fn step(&mut self, stop: Stop) -> Played {
        let until = self.known(self.session().now() + FARTHEST_STEP);
        let played = self.timeline.step(stop, until);
        self.take_flights();
        played
    }

    /// Plays on to `until` in slices, for as long as `may_go_on` says, but no further than to the next
    /// breakpoint.
    pub fn play(&mut self, until: Time, may_go_on: impl Fn() -> bool) -> Played {
        loop {
            let played = self.timeline.play(until, SLICE);
            let advance = &played.advance;
            if !advance.behind || advance.halted.is_some() || !may_go_on() {
                return played;
            }
        }
    }

    /// Plays on to `until` in slices, for as long as `may_go_on` says.
    pub fn advance(&mut self, until: Time, may_go_on: impl Fn() -> bool) -> Advance {
        loop {
            let advance = self.timeline.advance(until, SLICE);
            if !advance.behind || advance.halted.is_some() || !may_go_on() {
                return advance;
            }
        }
    }

    /// Lets the messages that were sent since the last time be seen.
    pub fn take_flights(&mut self) {
        let causes = self.timeline.session().causes();
        let newest = causes.next_id().0;
        let first = self.next_event.max(newest.saturating_sub(MOST_EVENTS_SHOWN));
        for event in causes.since(EventId(first)) {
            self.flights.observe(event, causes);
        }
        self.next_event = newest;
        self.flights.look(self.timeline.session().world());
    }

    /// What is told last at a depth, the output of commands apart.
    pub fn told(&self, depth: Depth) -> Option<LogLine> {
        self.session().history(depth, &Filter::default(), None, 1).pop()
    }

    /// Counts the events so far as seen.
    pub fn skip_events(&mut self) {
        self.next_event = self.session().causes().next_id().0;
    }

    /// Lets what is under way at this moment be seen, though it was sent before.
    pub fn catch_up_events(&mut self) {
        self.next_event = 0;
        self.take_flights();
    }

    fn begin_anew(&mut self) {
        self.flights = Flights::default();
        self.carry = 0.0;
        self.published_log = u64::MAX;
        self.shown = Shown::default();
        self.quiet = Quiet::default();
        self.skip_events();
    }
}
