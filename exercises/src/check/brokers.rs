//! Conditions on brokers.

use super::look::{Look, Unmet};

pub(super) fn was_down(look: &Look<'_>, topic: &str) -> Result<(), Unmet> {
    let topic = look.topic(topic)?;
    look.holder_down(topic).map(|_| ())
}
