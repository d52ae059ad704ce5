//! The metrics of producers and consumers.

use highwater_cluster::ids::ClientId;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::view::{ClusterView, ConsumerView, ProducerView};

use super::history::History;
use super::kind;
use super::number::Thousandths;
use super::readings::{Reader, Reading, Value, millis};
use super::sample::{ClientSample, Sample, consumers, producers};
use super::tally::{Tally, Took};

/// What rates are over: `metrics.sample.window.ms`.
const WINDOW: Span = Span(30_000_000);

/// What the producers and consumers that are not closed answer.
pub(super) fn read(tally: &Tally, history: &History, view: &ClusterView) -> Vec<Reading> {
    let before = view.at.0.checked_sub(WINDOW.0).and_then(|at| history.at(Time(at)));
    let since = Since { now: view.at, before: before.map(|sample| &**sample) };
    let open = producers(view).filter(|producer| !producer.is_closed);
    let mut readings: Vec<Reading> =
        open.flat_map(|view| read_producer(tally, &since, view)).collect();
    let open = consumers(view).filter(|consumer| !consumer.is_closed);
    readings.extend(open.flat_map(|view| read_consumer(tally, &since, view)));
    readings
}

/// What was the case at the beginning of the window.
struct Since<'a> {
    now: Time,
    before: Option<&'a Sample>,
}

impl Since<'_> {
    /// How much of `total` was counted in each second of the window.
    fn rate(
        &self,
        clients: impl Fn(&Sample) -> &Vec<ClientSample>,
        client: ClientId,
        total: u64,
    ) -> Thousandths {
        let known = self
            .before
            .and_then(|sample| clients(sample).iter().find(|known| known.client == client));
        let counted = total.saturating_sub(known.map_or(0, |known| known.records));
        let window = self.before.map_or(WINDOW, |sample| self.now.since(sample.at)).max(WINDOW);
        Thousandths::ratio(counted.saturating_mul(1_000), window.millis())
    }
}

fn read_producer(tally: &Tally, since: &Since<'_>, view: &ProducerView) -> Vec<Reading> {
    let mut reader = Reader::new(view.name.clone());
    let tags = [("client-id", view.name.to_string())];
    let mut say = |metric, value| reader.say(metric, &tags, value);
    let (sending, took) = (&view.sending, tally.of_client(view.client).produce);
    let rate = since.rate(|sample| &sample.producers, view.client, sending.records_sent);
    say(&kind::RECORD_SEND_TOTAL, Value::whole(sending.records_sent));
    say(&kind::RECORD_SEND_RATE, Value::Number(rate));
    say(&kind::RECORD_ERROR_TOTAL, Value::whole(view.records_failed));
    say(&kind::RECORD_RETRY_TOTAL, Value::whole(view.retries));
    // What has no average yet is not a number in Kafka, and is not told here.
    if sending.batches_sent > 0 {
        let per = |amount, by| Value::Number(Thousandths::ratio(amount, by));
        say(&kind::BATCH_SIZE_AVG, per(sending.bytes_sent, sending.batches_sent));
        let plain = sending.bytes_before_compression;
        say(&kind::COMPRESSION_RATE_AVG, per(sending.bytes_sent, plain));
        say(&kind::RECORDS_PER_REQUEST, per(sending.records_sent, sending.requests_sent));
        let average = Span(sending.queue_time.0 / sending.batches_sent);
        say(&kind::QUEUE_TIME_AVG, Value::Number(millis(average)));
        say(&kind::QUEUE_TIME_MAX, Value::Number(millis(sending.queue_time_max)));
    }
    if let Some((average, longest)) = latency(took) {
        say(&kind::REQUEST_LATENCY_AVG, average);
        say(&kind::REQUEST_LATENCY_MAX, longest);
    }
    if let Some((average, longest)) = throttle(took, tally.of_client(view.client).produce_throttle)
    {
        say(&kind::PRODUCE_THROTTLE_AVG, average);
        say(&kind::PRODUCE_THROTTLE_MAX, longest);
    }
    let in_flight: u32 = sending.requests_in_flight.iter().map(|(_, count)| count).sum();
    say(&kind::REQUESTS_IN_FLIGHT, Value::whole(in_flight));
    say(&kind::BUFFER_TOTAL, Value::whole(sending.buffer_total_bytes));
    say(&kind::BUFFER_AVAILABLE, Value::whole(sending.buffer_available_bytes));
    reader.readings
}

fn read_consumer(tally: &Tally, since: &Since<'_>, view: &ConsumerView) -> Vec<Reading> {
    let mut reader = Reader::new(view.name.clone());
    let tags = [("client-id", view.name.to_string())];
    let mut say = |metric, value| reader.say(metric, &tags, value);
    let took = tally.of_client(view.client).fetch;
    let rate = since.rate(|sample| &sample.consumers, view.client, view.records_consumed);
    say(&kind::RECORDS_CONSUMED_TOTAL, Value::whole(view.records_consumed));
    say(&kind::RECORDS_CONSUMED_RATE, Value::Number(rate));
    if let Some(lag) = view.assignment.iter().filter_map(|own| own.lag).max() {
        say(&kind::RECORDS_LAG_MAX, Value::whole(lag));
    }
    say(&kind::FETCH_TOTAL, Value::whole(took.count));
    if let Some((average, longest)) = latency(took) {
        say(&kind::FETCH_LATENCY_AVG, average);
        say(&kind::FETCH_LATENCY_MAX, longest);
    }
    if let Some((average, longest)) = throttle(took, tally.of_client(view.client).fetch_throttle) {
        say(&kind::FETCH_THROTTLE_AVG, average);
        say(&kind::FETCH_THROTTLE_MAX, longest);
    }
    say(&kind::ASSIGNED_PARTITIONS, Value::whole(view.assignment.len()));
    for own in &view.assignment {
        let Some(lag) = own.lag else { continue };
        let partition = [
            tags[0].clone(),
            ("partition", own.partition.partition.to_string()),
            ("topic", own.partition.topic.to_string()),
        ];
        reader.say(&kind::RECORDS_LAG, &partition, Value::whole(lag));
    }
    reader.readings
}

/// The average and the longest, if there was any.
fn latency(took: Took) -> Option<(Value, Value)> {
    let average = took.sum.0.checked_div(took.count)?;
    Some((Value::Number(millis(Span(average))), Value::Number(millis(took.max))))
}

/// How long requests made the client wait, on average over all that were answered, and at the most.
fn throttle(answered: Took, throttled: Took) -> Option<(Value, Value)> {
    let average = throttled.sum.0.checked_div(answered.count)?;
    Some((Value::Number(millis(Span(average))), Value::Number(millis(throttled.max))))
}
