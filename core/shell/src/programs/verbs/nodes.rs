//! `broker stop|kill|start`, and how brokers and other nodes are called.

use highwater_cluster::action::Action;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, ControllerId, NodeId};

use crate::options::quote;
use crate::words::Word;

use super::{Outcome, act};

/// `broker stop 2`.
pub(super) fn broker(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let id = broker_id(verb, words)?;
    let (action, said) = match verb {
        "stop" => (Action::StopBroker(id), format!("Broker {id} is shutting down.")),
        "kill" => (Action::KillBroker(id), format!("Broker {id} was killed.")),
        _ => (Action::StartBroker(id), format!("Broker {id} is starting.")),
    };
    act(ctx, action, said)
}

/// The broker that a verb is about.
pub(super) fn broker_id(verb: &str, words: &[Word]) -> Result<BrokerId, String> {
    let [word] = words else {
        return Err(format!("write the broker's number, and nothing after it: broker {verb} 2"));
    };
    parse_broker(&word.text).ok_or_else(|| {
        format!("{} is no broker; write its number: broker {verb} 2", quote(&word.text))
    })
}

/// A broker by what a person calls it: `2`, `broker2`.
pub(super) fn parse_broker(text: &str) -> Option<BrokerId> {
    let number = text.strip_prefix("broker").unwrap_or(text);
    number.parse::<i32>().ok().map(BrokerId)
}

/// A node by what a person calls it: `2`, `broker2`, `controller`, `c101`, `101`, or the name of a
/// producer or consumer that runs.
pub(super) fn node(ctx: &Ctx<'_>, text: &str) -> Result<NodeId, String> {
    let controllers = ctx.controllers();
    if text == "controller" {
        return Ok(NodeId::Controller(controllers[0]));
    }
    if let Some(client) = ctx.client_named(text) {
        return Ok(client);
    }
    let of_controller = ["controller", "c"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let number = of_controller.or_else(|| text.strip_prefix("broker")).unwrap_or(text);
    let number = number.parse::<i32>().ok();
    // Of a process that is both, a bare number means the broker.
    let is_broker = |id: &BrokerId| of_controller.is_none() && number == Some(id.0);
    if let Some(broker) = ctx.bootstrap_brokers().into_iter().find(is_broker) {
        return Ok(NodeId::Broker(broker));
    }
    let is_called = |id: &ControllerId| number == Some(id.0);
    if let Some(controller) = controllers.into_iter().find(is_called) {
        return Ok(NodeId::Controller(controller));
    }
    parse_broker(text).map(NodeId::Broker).ok_or_else(|| {
        format!(
            "{} is no node; write a broker's number such as 2, or controller, or the name of a \
             client that runs",
            quote(text)
        )
    })
}
