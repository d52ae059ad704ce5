//! What can go wrong between nodes: `network cut|heal|latency|loss|duplicate|partition`.

use std::collections::BTreeSet;

use highwater_cluster::action::Action;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::fault::{Fault, LinkFault};
use highwater_cluster::ids::NodeId;
use highwater_cluster::time::Span;

use crate::options::{Given, Operands, Opt, parse};
use crate::words::Word;

use super::faults::length;
use super::nodes::node;
use super::{Outcome, act};

/// The options of `network cut`.
pub(super) const CUT: &[Opt] =
    &[Opt::flag("--one-way", "only what the first sends to the second is lost")];
/// The options of `network latency`.
pub(super) const LATENCY: &[Opt] =
    &[Opt::duration("--add", "TIME", "by how much each message is late; 0ms undoes it").required()];
/// The options of `network loss`.
pub(super) const LOSS: &[Opt] =
    &[Opt::integer("--percent", "N", (0, 100), "how much is lost at first; 0 undoes it")
        .required()];
/// The options of `network duplicate`.
pub(super) const DUPLICATE: &[Opt] =
    &[Opt::integer("--percent", "N", (0, 100), "how many answers are lost; 0 undoes it")
        .required()];

/// A verb of `network`.
pub(super) fn network(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let options = super::options("network", verb);
    let given = parse(options, Operands::Accepted, words).map_err(|error| error.to_string())?;
    match verb {
        "partition" => return partition(ctx, &given.operands),
        "heal" if given.operands.is_empty() => {
            let fault = Fault::Link(LinkFault::HealAll);
            return act(ctx, Action::Fault(fault), "Every link is as it was.".to_owned());
        }
        _ => {}
    }
    let [a, b] = given.operands.as_slice() else {
        return Err(format!("write two nodes, and nothing after them: network {verb} 1 3"));
    };
    let (from, to) = (node(ctx, &a.text)?, node(ctx, &b.text)?);
    let (a, b) = (called(from, &a.text), called(to, &b.text));
    match verb {
        "cut" if given.has("--one-way") => {
            let fault = Fault::Link(LinkFault::CutOneWay { from, to });
            act(ctx, Action::Fault(fault), format!("Nothing passes from {a} to {b}."))
        }
        "cut" => {
            let said = format!("Nothing passes between {a} and {b}.");
            act(ctx, Action::CutLink(from, to), said)
        }
        "heal" => {
            let said = format!("Messages pass between {a} and {b} again.");
            act(ctx, Action::HealLink(from, to), said)
        }
        _ => {
            let (fault, said) = disturbance(verb, (from, to), (&a, &b), &given)?;
            act(ctx, Action::Fault(Fault::Link(fault)), said)
        }
    }
}

/// What a node is called in the answer: a client by the name that was written, since nobody knows its number.
fn called(node: NodeId, written: &str) -> String {
    match node {
        NodeId::Client(_) => written.to_owned(),
        _ => node.to_string(),
    }
}

fn disturbance(
    verb: &str,
    (from, to): (NodeId, NodeId),
    (a, b): (&str, &str),
    given: &Given,
) -> Result<(LinkFault, String), String> {
    if verb == "latency" {
        let added = length(given, "--add")?.unwrap_or(Span::ZERO);
        let said = match added {
            Span::ZERO => format!("Messages between {a} and {b} are as fast as before."),
            added => format!("Messages between {a} and {b} take {added} longer."),
        };
        return Ok((LinkFault::Latency { a: from, b: to, added }, said));
    }
    let percent = given.integer("--percent").and_then(|percent| u32::try_from(percent).ok());
    let percent = percent.unwrap_or(0);
    Ok(match (verb, percent) {
        ("loss", 0) => (
            LinkFault::Loss { a: from, b: to, percent },
            format!("Nothing is lost between {a} and {b} any more."),
        ),
        ("loss", _) => (
            LinkFault::Loss { a: from, b: to, percent },
            format!(
                "{percent} % of what is sent between {a} and {b} is lost, and TCP sends it again."
            ),
        ),
        (_, 0) => (
            LinkFault::LoseAnswers { a: from, b: to, percent },
            format!("Answers between {a} and {b} arrive again."),
        ),
        _ => (
            LinkFault::LoseAnswers { a: from, b: to, percent },
            format!(
                "{percent} % of the answers between {a} and {b} are lost with their connection: \
                 what is asked again is handled twice."
            ),
        ),
    })
}

/// `network partition 1,2 3`.
fn partition(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let mut groups = Vec::new();
    let mut named = BTreeSet::new();
    for word in words {
        let mut group = Vec::new();
        for name in word.text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let node = node(ctx, name)?;
            if !named.insert(node) {
                return Err(format!("{node} is named twice; each node is in one group"));
            }
            group.push(node);
        }
        groups.push(group);
    }
    groups.retain(|group: &Vec<NodeId>| !group.is_empty());
    if groups.len() < 2 {
        return Err(
            "write at least two groups of nodes: network partition 1,2 3,controller".to_owned()
        );
    }
    let names = |group: &Vec<NodeId>| {
        let names: Vec<String> = group.iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    let sides: Vec<String> = groups.iter().map(names).collect();
    let said = format!("Nothing passes between these: {}.", sides.join(" | "));
    act(ctx, Action::Fault(Fault::Link(LinkFault::Partition(groups))), said)
}
