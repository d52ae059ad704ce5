//! What happened with quotas, as lines of the trace.

use std::fmt;

use crate::quota::QuotaKind;
use crate::quota::event::QuotaEvent;

pub(super) fn fmt_quota(event: &QuotaEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        QuotaEvent::Changed { entity, name, value: Some(value) } => {
            write!(f, "quota of {entity}: {name}={value}")
        }
        QuotaEvent::Changed { entity, name, value: None } => {
            write!(f, "quota of {entity}: {name} taken away")
        }
        QuotaEvent::Throttled { by, client, kind, api, entity, quota, wait, is_refused } => {
            let (what, unit) = match kind {
                QuotaKind::Produce => ("produces", "B/s"),
                QuotaKind::Fetch => ("fetches", "B/s"),
                QuotaKind::Request => ("takes time", "% of a thread"),
                QuotaKind::ControllerMutation => ("changes topics", "partitions/s"),
            };
            let wait = wait.millis();
            write!(
                f,
                "{by} throttles {client} for {wait} ms: {what} beyond {quota} {unit} of {entity}"
            )?;
            if *is_refused { write!(f, "; {api:?} refused") } else { Ok(()) }
        }
    }
}
