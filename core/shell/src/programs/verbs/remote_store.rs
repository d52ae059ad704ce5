//! `remote-store fail|mend`.

use highwater_cluster::action::Action;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::fault::Fault;

use crate::words::Word;

use super::{Outcome, act};

/// `remote-store fail`.
pub(super) fn remote_store(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    if !words.is_empty() {
        return Err(format!(
            "there is one remote store, so write nothing after it: remote-store {verb}"
        ));
    }
    let has_failed = verb == "fail";
    let said = if has_failed {
        "The remote store answers nobody."
    } else {
        "The remote store answers again."
    };
    act(ctx, Action::Fault(Fault::RemoteStore { has_failed }), said.to_owned())
}
