//! Clients from outside the simulation, as the native program lets them in: what they send is played, and
//! what they are answered is kept for them.

use std::collections::BTreeMap;

use highwater_cluster::ids::{BrokerId, ClientId, EntryId};
use highwater_cluster::input::Input;
use highwater_cluster::wire::Reply;

use super::Session;
use crate::script::{ClientEvent, Name};

/// The clients from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct RealClients {
    /// The open connections, by name.
    connections: BTreeMap<Name, ClientId>,
    /// What they are to be told; none if nobody asks.
    replies: Option<Vec<(Name, Reply)>>,
}

impl Session {
    /// What clients from outside are to be told since this was last asked, in order. What was said
    /// before it was asked for the first time is gone: then, the clients of a recording are played.
    pub fn take_replies(&mut self) -> Vec<(Name, Reply)> {
        self.real_clients.replies.replace(Vec::new()).unwrap_or_default()
    }

    /// Plays what a client from outside did.
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
        for (client, reply) in self.world.take_replies() {
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

    fn tell_entry(&mut self, entry: EntryId, sentence: &'static str, name: &Name) {
        let text = self.catalogue.say(sentence, &[("name", name.as_str().to_owned())]);
        self.world.entry_applied(entry, &text);
    }
}
