//! Conditions on producers.

use super::look::{Look, Unmet};
use crate::model::Reason;
use crate::model::condition::Acks;

pub(super) fn acks(look: &Look<'_>, topic: &str, wanted: Acks) -> Result<(), Unmet> {
    let wanted = match wanted {
        Acks::Zero => "0",
        Acks::One => "1",
        Acks::All => "all",
    };
    let (right, other): (Vec<_>, Vec<_>) =
        look.producers(topic).partition(|producer| &*producer.acks == wanted);
    // A producer that was closed does no more harm, unless it was the only one.
    let writes_now = other.iter().find(|producer| !producer.is_closed);
    let instead = other.last().filter(|_| right.is_empty());
    match writes_now.or(instead) {
        Some(producer) => Err(Unmet::new(Reason::OtherAcks)
            .with("producer", &producer.name)
            .with("topic", topic)
            .with("found", &producer.acks)
            .with("wanted", wanted)),
        None if right.is_empty() => Err(Unmet::new(Reason::NoProducer).with("topic", topic)),
        None => Ok(()),
    }
}
