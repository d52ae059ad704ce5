//! Where clients from outside the simulation cannot be played, such as in the page: it is said, and the
//! rest of the scenario goes on.

use highwater_cluster::ids::EntryId;

use super::Session;
use crate::script::{self, Action, ClientEvent, Name};

/// There are none.
#[derive(Clone, Debug, Default)]
pub(super) struct RealClients {}

impl Session {
    pub(super) fn real_client(&mut self, name: &Name, entry: EntryId, event: &ClientEvent) {
        if let ClientEvent::Connect(_) = event {
            let name = [("name", name.as_str().to_owned())];
            let text = self.catalogue.say("client-not-played", &name);
            self.world.entry_applied(entry, &text);
        }
    }

    pub(super) fn keep_replies(&mut self) {}

    /// Everything is written down.
    pub(super) fn do_unwritten(&mut self, _: &Action) -> Option<script::EntryId> {
        None
    }
}
