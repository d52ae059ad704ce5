//! What a monitoring system would show of the run: Kafka's own metrics, and their course over virtual time.
//!
//! Counts come from the events; a sample of the whole cluster is taken at each whole second. Both belong
//! to the session, so that a moment that is sought shows the figures of that moment.

use highwater_cluster::event::Event;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::view::ClusterView;
use highwater_cluster::world::World;

mod brokers;
mod chart;
mod clients;
mod controllers;
mod durations;
mod history;
mod kind;
mod meter;
mod number;
mod prometheus;
mod readings;
mod requests;
mod sample;
mod tally;

pub use chart::{Chart, Line};
pub use durations::Durations;
pub use history::History;
pub use kind::{Metric, Style};
pub use number::Thousandths;
pub use prometheus::exposition;
pub use readings::{Reading, Value};
pub use sample::{
    BrokerSample, ClientSample, LagSample, Latency, PartitionSample, Sample, TopicSample,
};

use tally::Tally;

/// How long lies between two samples at first.
const SECOND: Span = Span(1_000_000);

/// The metrics of a run. A clone shares the samples.
#[derive(Clone, Debug)]
pub struct Metrics {
    tally: Tally,
    history: History,
    next_sample: Time,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            tally: Tally::default(),
            history: History::default(),
            next_sample: Time::ZERO + SECOND,
        }
    }
}

impl Metrics {
    /// Takes an event in, right after the step in which it happened.
    pub(crate) fn observe(&mut self, event: &Event, world: &World) {
        self.tally.observe(event, world);
    }

    /// Time is about to go on to `next`: what was the case at the seconds before is written down. All that
    /// is due at an instant is done before its sample is taken, however the run is cut into pieces.
    pub(crate) fn time_goes_on(&mut self, next: Time, world: &World) {
        if self.next_sample >= next {
            return;
        }
        let view = world.view();
        while self.next_sample < next {
            let at = self.next_sample;
            self.tally.second_passed(at);
            if self.history.wants(at) {
                let stretch = self.history.stretch();
                self.history.push(Sample::take(at, stretch, &view, &mut self.tally));
            }
            self.next_sample = at + SECOND;
        }
    }

    /// The samples so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Every metric as it is now, process by process: what JMX would answer. A process that does not run
    /// answers nothing.
    pub fn read(&self, view: &ClusterView) -> Vec<Reading> {
        let mut readings = brokers::read(&self.tally, view);
        readings.extend(controllers::read(&self.tally, view));
        readings.extend(clients::read(&self.tally, &self.history, view));
        readings
    }
}
