//! Pages that watch: each is told what happens to the cluster from outside, so that it can play the same.
//!
//! A page is told the whole script, then each entry as it is written, and how far the clock is. It runs the same engine, and comes
//! to the same cluster.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use highwater_scenario::session::Session;
use serde_json::json;

/// What a page may be behind, in messages. One that is further behind is let go: it asks again.
pub(super) const MOST_WAITING: usize = 4_096;

/// How often the clock is told: a page draws no oftener than its screen.
const CLOCK_EVERY: Duration = Duration::from_millis(16);

/// A message as the stream has it: the name of an event, and a line of JSON.
pub(super) type Message = Arc<str>;

/// The pages that watch.
#[derive(Default)]
pub(super) struct Watchers {
    pages: Vec<SyncSender<Message>>,
    /// The entries of the script that all of them know.
    entries: usize,
    clock_told: Option<Instant>,
    /// Where clients connect: `bootstrap.servers`.
    servers: String,
}

impl Watchers {
    /// None yet; each will be told where clients connect.
    pub(super) fn new(servers: String) -> Self {
        Self { servers, ..Self::default() }
    }

    /// Another page watches: it is told all so far.
    pub(super) fn welcome(&mut self, page: SyncSender<Message>, session: &Session) {
        self.tell_entries(session);
        if session.is_script_full() {
            // It has missed what it would need.
            let _ = page.try_send(message("full", &json!(null)));
            return;
        }
        let begin = json!({
            "script": session.script(),
            "at": session.now().0,
            "servers": self.servers,
        });
        if page.try_send(message("begin", &begin)).is_ok() {
            self.pages.push(page);
        }
        self.clock_told = None;
    }

    /// Tells what was written since, and how far the clock is. While more is due than was done, it is not said how many events
    /// there are: some of this instant may be missing.
    pub(super) fn tell(&mut self, session: &Session, is_behind: bool) {
        if self.pages.is_empty() {
            self.entries = session.entries().len();
            return;
        }
        self.tell_entries(session);
        if session.is_script_full() {
            self.say(&message("full", &json!(null)));
            self.pages.clear();
            return;
        }
        if self.clock_told.is_some_and(|told| told.elapsed() < CLOCK_EVERY) {
            return;
        }
        self.clock_told = Some(Instant::now());
        let clock = if is_behind {
            json!({ "at": session.now().0.saturating_sub(1) })
        } else {
            json!({ "at": session.now().0, "events": session.world().event_count() })
        };
        self.say(&message("clock", &clock));
    }

    fn tell_entries(&mut self, session: &Session) {
        let count = session.entries().len();
        if count > self.entries {
            let text = session.document().print_entries_from(self.entries);
            self.say(&message("entries", &json!(text)));
        }
        self.entries = count;
    }

    fn say(&mut self, message: &Message) {
        self.pages.retain(|page| match page.try_send(message.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        });
    }
}

fn message(event: &str, data: &serde_json::Value) -> Message {
    Arc::from(format!("event: {event}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use highwater_scenario::cluster::time::Time;

    use super::*;

    const SCRIPT: &str = "highwater 1\nseed 3\ncluster --brokers 1\n";

    /// What a page makes of what it is told: the same session, and how often the counts of events were alike.
    #[test]
    fn a_page_that_plays_what_it_is_told_comes_to_the_same() {
        let mut session = Session::parse(SCRIPT).expect("it is a scenario").hashed();
        let (page, told) = sync_channel(MOST_WAITING);
        let mut watchers = Watchers::default();
        session.advance(Time(500_000), u32::MAX);
        watchers.welcome(page, &session);
        for second in 1..9_u64 {
            let line = match second {
                2 => {
                    "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic a --partitions 2"
                }
                4 => "producer start p --topic a --rate 10",
                7 => "broker stop 1",
                _ => "help",
            };
            session.submit("t1", line).expect("it is a line");
            session.advance(Time(second * 1_000_000), u32::MAX);
            watchers.clock_told = None;
            watchers.tell(&session, false);
        }
        let (mut own, mut alike) = (None, 0);
        for message in told.try_iter() {
            let (event, data) = message.split_once("\ndata: ").expect("it has data");
            let data: serde_json::Value = serde_json::from_str(data).expect("it is JSON");
            let Some(session) = &mut own else {
                let script = data["script"].as_str().expect("it begins with a script");
                own = Some(Session::parse(script).expect("it is a scenario").hashed());
                continue;
            };
            if event == "event: entries" {
                session.take_over(data.as_str().expect("they are text")).expect("they lie ahead");
            } else {
                session.advance(Time(data["at"].as_u64().expect("a time")), u32::MAX);
                let counts = [data["events"].as_u64(), Some(session.world().event_count())];
                assert_eq!(counts[0], counts[1], "at {}", session.now());
                alike += 1;
            }
        }
        assert_eq!(alike, 8);
        assert_eq!(own.expect("it began").hash(), session.hash());
    }
}
