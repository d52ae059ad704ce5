//! The clients: producers, consumers and commands, by the names that a person gave them.

use std::sync::Arc;

use crate::bounds::Bound;
use crate::event::{Cause, EventKind};
use crate::ids::{ClientId, EntryId, NodeId, TerminalName};
use crate::node::Node;
use crate::process::Streams;
use crate::time::Time;
use crate::world::{Because, World};

/// What the world knows about a client.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// The name that the person gave it; `command` for a command.
    pub name: Arc<str>,
    /// The terminal of a command.
    pub terminal: Option<TerminalName>,
    /// The entry that started it.
    pub entry: Option<EntryId>,
    /// The exit code of a command that has ended.
    pub exit_code: Option<i32>,
    /// How a command is connected.
    pub(crate) streams: Streams,
    /// What a command has written of a line that is not ended.
    pub(crate) open_line: String,
    /// Until when a command is busy with what others have written to it.
    pub(crate) reads_until: Time,
}

impl World {
    /// The client of that id.
    pub fn client(&self, id: ClientId) -> Option<&ClientInfo> {
        self.clients.get(&id)
    }

    /// The newest client of that name which still runs.
    pub(crate) fn running_client(&self, name: &str) -> Option<ClientId> {
        let mut newest_first = self.running.iter().rev().copied();
        newest_first.find(|id| &*self.clients[id].name == name)
    }

    pub(crate) fn terminal_of(&self, client: ClientId) -> Option<TerminalName> {
        self.clients.get(&client)?.terminal.clone()
    }

    /// Adds a client, unless there are too many: then the run stands still.
    pub(super) fn add_client(
        &mut self,
        (_, origin): Because,
        name: &str,
        terminal: Option<&TerminalName>,
        node: Node,
    ) -> Option<ClientId> {
        let limit = self.spec.bounds.clients;
        if self.running.len() >= limit {
            self.halt(Bound::Clients(limit), origin);
            return None;
        }
        let id = ClientId(self.next.client);
        self.next.client += 1;
        let info = ClientInfo {
            name: name.into(),
            terminal: terminal.cloned(),
            entry: origin,
            exit_code: None,
            streams: Streams::default(),
            open_line: String::new(),
            reads_until: Time::ZERO,
        };
        self.clients.insert(id, info);
        self.running.insert(id);
        self.add_node(NodeId::Client(id), node);
        Some(id)
    }

    /// A command ends.
    pub(crate) fn exit(&mut self, cause: Cause, client: ClientId, code: i32) {
        let origin = self.clients.get(&client).and_then(|info| info.entry);
        self.end_open_line((cause, origin), client);
        let Some(info) = self.clients.get_mut(&client) else { return };
        if info.exit_code.replace(code).is_some() {
            return;
        }
        let is_line = info.streams.parent.is_none() && info.streams.job.is_none();
        let terminal = info.terminal.clone();
        self.tell_of_exit(cause, client, code);
        if let Some(terminal) = terminal.filter(|_| is_line) {
            self.emit(cause, EventKind::CommandExited { terminal, client, code });
        }
        self.end_process(cause, NodeId::Client(client));
    }

    /// A producer or consumer has ended by itself.
    pub(crate) fn end_client(&mut self, cause: Cause, node: NodeId) {
        self.end_process(cause, node);
    }

    /// A node's process is no more; what is meant for it will not reach it.
    pub(super) fn end_process(&mut self, cause: Cause, node: NodeId) {
        let slot = self.nodes.get_mut(&node).expect("no node is ever forgotten");
        slot.is_running = false;
        if let NodeId::Client(client) = node {
            self.running.remove(&client);
        }
        self.release(node);
        self.break_connections(node, cause);
    }
}
