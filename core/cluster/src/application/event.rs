//! What happens in an application that reads, works and writes.

use std::fmt;
use std::sync::Arc;

use crate::application::{Guarantee, Shape};
use crate::ids::{ClientId, GroupId, List, TopicName};

/// What happens in an application that reads, works and writes. What its consumer and its producer do
/// is told as of any other.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AppEvent {
    /// An application was started.
    Started {
        client: ClientId,
        name: Arc<str>,
        group: GroupId,
        from: Vec<TopicName>,
        to: TopicName,
        guarantee: Guarantee,
        shape: Shape,
    },
    /// It has finished what it had begun, and ended.
    Closed { client: ClientId },
    /// Its process was killed.
    Killed { client: ClientId },
    /// It crashed after so many records, as it was told to.
    Crashed { client: ClientId, records: u64 },
    /// It ends, because of an error after which nothing can be done.
    Failed { client: ClientId, error: Arc<str> },
    /// It committed what so many records came to.
    Committed { client: ClientId, records: u64 },
    /// It goes back to the offsets that were committed last, because of an error: so many records are
    /// read anew.
    WentBack { client: ClientId, records: u64, error: Arc<str> },
}

impl fmt::Display for AppEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppEvent::Started { client, name, group, from, to, guarantee, shape } => {
                let (from, guarantee, fan_out) = (List(from), guarantee.name(), shape.fan_out);
                write!(
                    f,
                    "client {client} application {name} started, group {group}, from {from} to {to}, {guarantee}, "
                )?;
                match shape.drop_every {
                    Some(every) => write!(f, "x{fan_out} but every {every}"),
                    None => write!(f, "x{fan_out}"),
                }
            }
            AppEvent::Closed { client } => write!(f, "client {client} application closed"),
            AppEvent::Killed { client } => write!(f, "client {client} application killed"),
            AppEvent::Crashed { client, records } => {
                write!(f, "client {client} application crashed after {records}")
            }
            AppEvent::Failed { client, error } => {
                write!(f, "client {client} application failed: {error}")
            }
            AppEvent::Committed { client, records } => {
                write!(f, "client {client} application committed {records}")
            }
            AppEvent::WentBack { client, records, error } => {
                write!(f, "client {client} application went back by {records}: {error}")
            }
        }
    }
}
