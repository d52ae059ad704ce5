//! Clients from outside the simulation, as the native program lets them in: what they send is played, and
//! what they are answered is kept for them.

use std::collections::BTreeMap;

use highwater_cluster::ids::{BrokerId, ClientId, EntryId, EventId};
use highwater_cluster::input::Input;
use highwater_cluster::wire::Reply;

use super::{LogLine, Session};
use crate::narration::{Depth, LogKind};
use crate::script::{self, Action, ClientEvent, Entry, Micros, Name};

/// The clients from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct RealClients {
    /// The open connections, by name.
    connections: BTreeMap<Name, ClientId>,
    /// What they are to be told; none if nobody asks.
    replies: Option<Vec<(Name, Reply)>>,
    /// The script has no room for what they do.
    is_script_full: bool,
}

impl Session {
    /// What clients from outside are to be told since this was last asked, in order. What was said
    /// before it was asked for the first time is gone: then, the clients of a recording are played.
    pub fn take_replies(&mut self) -> Vec<(Name, Reply)> {
        self.real_clients.replies.replace(Vec::new()).unwrap_or_default()
    }

    /// Plays what a client from outside did.
    // By itself, as what follows: a first visit has no such clients, and what calls it is part of it.
    #[inline(never)]
    pub(super) fn real_client(&mut self, name: &Name, entry: EntryId, event: &ClientEvent) {
        match (event, self.real_clients.connections.get(name).copied()) {
            (ClientEvent::Connect(broker), None) => {
                let broker = BrokerId(i32::try_from(*broker).unwrap_or(i32::MAX));
                let client = self.world.connect_client(entry, name.as_str(), broker);
                if let Some(client) = client {
                    self.real_clients.connections.insert(name.clone(), client);
                }
            }
            (ClientEvent::Bytes(bytes), Some(client)) => {
                self.world.input(entry, client, Input::Bytes(bytes.clone()));
            }
            (ClientEvent::Close, Some(client)) => {
                self.world.input(entry, client, Input::Stop);
            }
            (ClientEvent::Connect(_), Some(_)) => self.tell_entry(entry, "client-twice", name),
            // The broker closed the connection before the client heard of it.
            (ClientEvent::Bytes(_) | ClientEvent::Close, None) => {}
        }
    }

    /// Keeps what clients from outside are to be told, if anyone asks for it.
    pub(super) fn keep_replies(&mut self) {
        let replies = self.world.take_replies();
        if !replies.is_empty() {
            self.keep(replies);
        }
    }

    #[inline(never)]
    fn keep(&mut self, replies: Vec<(ClientId, Reply)>) {
        for (client, reply) in replies {
            let connections = &self.real_clients.connections;
            let name = connections.iter().find(|(_, id)| **id == client);
            let Some(name) = name.map(|(name, _)| name.clone()) else { continue };
            if reply == Reply::Close {
                self.real_clients.connections.remove(&name);
            }
            if let Some(kept) = &mut self.real_clients.replies {
                kept.push((name, reply));
            }
        }
    }

    /// Whether the script has become full while clients from outside are answered: since then, what is
    /// done is not written down, and the script is the beginning of the run.
    pub fn is_script_full(&self) -> bool {
        self.real_clients.is_script_full
    }

    /// Does an entry that the script has no room for, if anyone outside waits for what comes of it: a
    /// cluster that is served goes on for as long as it likes. None if it is to be written down.
    pub(super) fn do_unwritten(&mut self, action: &Action) -> Option<script::EntryId> {
        self.real_clients.replies.as_ref()?;
        self.do_without_room(action)
    }

    #[inline(never)]
    fn do_without_room(&mut self, action: &Action) -> Option<script::EntryId> {
        let at = Micros(self.now().0);
        if !self.real_clients.is_script_full {
            if self.document.has_room(at, action) {
                return None;
            }
            self.real_clients.is_script_full = true;
            self.tell_of_full_script();
        }
        let id = script::EntryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.apply(&Entry { id, at, action: action.clone() });
        self.free_terminals();
        self.take_events(None);
        Some(id)
    }

    fn tell_of_full_script(&mut self) {
        self.log.push(LogLine {
            event: EventId(self.world.event_count()),
            at: self.now(),
            sentence: self.catalogue.say("script-full", &[]),
            because: None,
            kind: LogKind::Other,
            depth: Depth::Story,
            about: Vec::new(),
        });
    }

    fn tell_entry(&mut self, entry: EntryId, sentence: &'static str, name: &Name) {
        let text = self.catalogue.say(sentence, &[("name", name.as_str().to_owned())]);
        self.world.entry_applied(entry, &text);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::script::Document;

    /// ApiVersions, version 0, with no client id.
    const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255];

    fn client(session: &mut Session, event: ClientEvent) {
        let name = Name::new("c1").expect("a name");
        session.write(Action::Client { name, event }).expect("it is done");
    }

    #[test]
    fn a_cluster_that_is_served_goes_on_when_its_script_is_full() {
        let room = 200;
        let begin = "highwater 1\ncluster --brokers 1\n@5s run\n";
        let filling = "x".repeat(Document::MOST_BYTES - begin.len() - room);
        let mut session = Session::parse(&format!("{begin}# {filling}\n")).expect("it is read");
        session.take_replies();
        session.advance(highwater_cluster::time::Time(6_000_000), 10_000);
        client(&mut session, ClientEvent::Connect(1));
        let mut answers = 0;
        for _ in 0..10 {
            client(&mut session, ClientEvent::Bytes(Bytes::from_static(&API_VERSIONS)));
            answers += session.take_replies().len();
        }
        assert_eq!(answers, 10, "each is answered");
        assert!(session.is_script_full());
        let told = session.log().iter().filter(|line| line.sentence.contains("script is full"));
        assert_eq!(told.count(), 1);
        let script = session.script();
        assert!(script.len() <= Document::MOST_BYTES);
        assert!(script.matches("client c1 bytes").count() < 10, "not all have room");
        Session::parse(&script).expect("what was written can be played");
        // What is typed is done as well.
        session.submit("t1", "broker stop 1").expect("it is done");
        session.advance(highwater_cluster::time::Time(8_000_000), 10_000);
        assert!(!session.world().is_running(BrokerId(1)));
    }
}
