//! Bytes of a connection, as `highwater serve` hands them on: frames, requests, and what a cluster answers.

use std::sync::Arc;

use bytes::Bytes;
use highwater_cluster::time::Span;
use highwater_cluster::wire::{ClientRequest, Frames, encode_reply};
use highwater_scenario::script::{Action, ClientEvent, Name};
use highwater_scenario::session::Session;

use super::Target;
use crate::mutate;
use crate::requests::Requests;
use crate::rng::Rng;

/// What a cluster does with what came, in steps and in virtual time; a request may wait for longer.
const MOST_STEPS: u32 = 300;
const TIME: Span = Span(20_000);
/// How long another connection waits for its answer: with what the first has begun, more is to be done.
const MOST_TURNS: u32 = 200;
/// Of what makes no request, every so manyth input is handed to a cluster all the same.
const REFUSED_ONE_IN: u64 = 16;
/// Of what makes requests, every so manyth is followed by a request of another connection.
const OTHER_ONE_IN: u64 = 8;

/// A cluster of one broker, with what requests may name. Everybody may do everything but for a topic and a group, so that
/// requests are refused in part; and access control lists may be changed.
const SCRIPT: &str = "highwater 1\nseed 1\nstart 2023-11-14T22:13:20Z\ncluster --brokers 1\n\
    config * offsets.topic.replication.factor=1\nconfig * offsets.topic.num.partitions=1\n\
    config * transaction.state.log.replication.factor=1\nconfig * transaction.state.log.min.isr=1\n\
    config * transaction.state.log.num.partitions=1\n\
    config * share.coordinator.state.topic.num.partitions=1\n\
    config * share.coordinator.state.topic.replication.factor=1\n\
    config * share.coordinator.state.topic.min.isr=1\n\
    config * authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
    config * allow.everyone.if.no.acl.found=true\n\
    @2s t1> kafka-topics.sh --create --topic orders --partitions 2 --bootstrap-server broker1:9092\n\
    @3s t1> producer start p1 --topic orders --rate 10 --count 20 --transactional-id tx-1\n\
    @7s t1> producer stop p1\n\
    @8s t1> kafka-console-consumer.sh --topic orders --group billing --from-beginning --max-messages 5 \
    --bootstrap-server broker1:9092\n\
    @15s t1> kafka-acls.sh --add --deny-principal User:* --operation Read --operation Write --topic orders \
    --bootstrap-server broker1:9092\n\
    @16s t1> kafka-acls.sh --add --deny-principal User:* --operation Read --group billing \
    --bootstrap-server broker1:9092\n@20s client c1 connect 1\n@20s client c2 connect 1\n@21s run\n";

/// Metadata, version 1, of no topic.
const QUESTION: [u8; 18] = [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 9, 255, 255, 0, 0, 0, 0];

pub struct Wire {
    /// A cluster with two connections.
    ready: Session,
    requests: Requests,
}

impl Wire {
    pub fn new() -> Self {
        let mut ready = Session::parse(SCRIPT).expect("the scenario is read");
        ready.take_replies();
        let end = ready.script_end();
        while ready.advance(end, 100_000).behind {}
        let topics = ready.view().topics;
        assert!(topics.len() >= 3, "what is named in requests is there: {topics:?}");
        let requests = Requests::about(topics.iter().map(|topic| topic.id.0).collect());
        Self { ready, requests }
    }

    /// Frames that are damaged in one of the ways that the wire can be.
    fn stream(&self, rng: &mut Rng) -> Vec<u8> {
        let mut stream = Vec::new();
        for _ in 0..1 + rng.below(3) {
            let mut frame = self.requests.frame(rng);
            match rng.below(8) {
                // As it is: what is valid must be tried as well.
                0..=2 => {}
                3 => claim(rng, &mut frame, 0),
                4 => {
                    let at = 4 + rng.below(frame.len() - 4);
                    claim(rng, &mut frame, at);
                }
                5 => overflow(rng, &mut frame),
                6 => fit(rng, &mut frame, |rng, body| body.truncate(rng.below(body.len() + 1))),
                _ => fit(rng, &mut frame, mutate::bytes),
            }
            stream.extend(frame);
        }
        stream
    }
}

impl Target for Wire {
    /// A byte that says in which pieces the stream comes, then the stream.
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut input = vec![rng.next() as u8];
        match rng.below(16) {
            0 => input.extend((0..rng.below(200)).map(|_| rng.next() as u8)),
            1 => {
                let mut stream = self.stream(rng);
                mutate::bytes(rng, &mut stream);
                input.extend(stream);
            }
            _ => input.extend(self.stream(rng)),
        }
        input
    }

    fn run(&self, input: &[u8]) {
        let Some((how, stream)) = input.split_first() else { return };
        // The decoder gets it in pieces of so many bytes, the cluster in so many pieces: mostly whole.
        let size = 1 + usize::from(*how % 16);
        let count = usize::from(how.saturating_sub(192) / 8).max(1);
        let few: Vec<&[u8]> = stream.chunks(stream.len().div_ceil(count).max(1)).collect();
        let sum = stream
            .iter()
            .fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        let is_asked = read(stream.chunks(size)) > 0;
        if is_asked || sum.is_multiple_of(REFUSED_ONE_IN) {
            let mut served = Served(self.ready.clone());
            served.hear("c1", &few);
            if sum.is_multiple_of(OTHER_ONE_IN) {
                served.answers_another();
                served.0.view();
            }
        }
    }
}

/// How many requests there are, up to what is none.
fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> usize {
    let (mut frames, mut count) = (Frames::default(), 0);
    for piece in pieces {
        frames.extend(piece);
        loop {
            match frames.next_frame() {
                Ok(None) => break,
                Ok(Some(frame)) if ClientRequest::decode(frame.clone()).is_ok() => count += 1,
                Ok(Some(_)) | Err(_) => return count,
            }
        }
    }
    count
}

/// A cluster that is served, without its sockets.
struct Served(Session);

impl Served {
    /// How much the second connection is told after one has sent something.
    fn hear(&mut self, name: &str, pieces: &[&[u8]]) -> usize {
        for piece in pieces {
            let name = Name::new(name).expect("it is one");
            let event = ClientEvent::Bytes(Bytes::copy_from_slice(piece));
            self.0.write(Action::Client { name, event }).expect("there is room for it");
        }
        self.go_on(TIME);
        self.replies()
    }

    /// As the server does: a cluster that stands still at a bound is made to go on.
    fn go_on(&mut self, time: Span) {
        let until = self.0.now() + time;
        if self.0.advance(until, MOST_STEPS).halted.is_some() {
            self.0.resume();
        }
    }

    /// Sends what there is to be sent; how much of it is for the second connection.
    fn replies(&mut self) -> usize {
        let address = |_| Some((Arc::from("127.0.0.1"), 9092));
        let replies = self.0.take_replies();
        for (name, reply) in &replies {
            if let Err(error) = encode_reply(reply, &address) {
                panic!("an answer to {name} cannot be written: {error}: {reply:?}");
            }
        }
        replies.iter().filter(|(name, _)| name.as_str() == "c2").count()
    }

    /// Whatever one connection sent, another is answered.
    fn answers_another(&mut self) {
        let mut told = self.hear("c2", &[&QUESTION]);
        for _ in 0..MOST_TURNS {
            if told > 0 {
                return;
            }
            self.go_on(TIME);
            told = self.replies();
        }
        panic!("another connection is not answered any more");
    }
}

/// Writes a telling number somewhere into a frame: over its length, or over what may be a count.
fn claim(rng: &mut Rng, frame: &mut [u8], at: usize) {
    let width = if at == 0 || rng.once_in(2) { 4 } else { 2 };
    if let Some(place) = frame.get_mut(at..at + width) {
        place.copy_from_slice(&rng.telling_number().to_be_bytes()[8 - width..]);
    }
}

/// Puts a number of one byte to five, without an end or with a large one, where it may be a count.
fn overflow(rng: &mut Rng, frame: &mut Vec<u8>) {
    fit(rng, frame, |rng, body| {
        let at = rng.below(body.len());
        let mut count = vec![0xff; rng.below(6)];
        count.push(rng.next() as u8);
        body.splice(at..(at + 1).min(body.len()), count);
    });
}

/// Damages a frame, and makes its length fit what it became.
fn fit(rng: &mut Rng, frame: &mut Vec<u8>, damage: impl Fn(&mut Rng, &mut Vec<u8>)) {
    let mut body = frame.split_off(4);
    damage(rng, &mut body);
    frame.clear();
    frame.extend((body.len() as u32).to_be_bytes());
    frame.extend(body);
}
