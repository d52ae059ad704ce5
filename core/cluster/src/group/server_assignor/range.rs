//! `range`: each topic by itself is cut into runs, one for each of its subscribers.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::group::server_assignor::{AssignmentSpec, MemberSpec, Partitions, indexes};
use crate::ids::MemberId;

/// Static members come first, by their instance, then the others by their ids. Of each topic the first
/// subscribers get one partition more than the later ones if the number does not divide.
pub(super) fn assign(spec: &AssignmentSpec) -> BTreeMap<MemberId, Partitions> {
    let mut members: Vec<(&MemberId, &MemberSpec)> = spec.members.iter().collect();
    members.sort_by_key(|(id, member)| (member.instance.is_none(), member.instance.clone(), *id));
    let mut target: BTreeMap<MemberId, Partitions> =
        spec.members.keys().map(|id| (id.clone(), Partitions::new())).collect();
    for (topic, count) in &spec.topics {
        let subscribers: Vec<&MemberId> = members
            .iter()
            .filter(|(_, member)| member.topics.contains(topic))
            .map(|(id, _)| *id)
            .collect();
        for (id, run) in subscribers.iter().zip(runs(*count as usize, subscribers.len())) {
            let own = indexes(*count).skip(run.start).take(run.len()).collect();
            if let Some(target) = target.get_mut(*id).filter(|_| !run.is_empty()) {
                target.insert(*topic, own);
            }
        }
    }
    target
}

/// `count` places cut into `parts` runs, the longer ones first.
fn runs(count: usize, parts: usize) -> impl Iterator<Item = Range<usize>> {
    let (least, longer) = match parts {
        0 => (0, 0),
        parts => (count / parts, count % parts),
    };
    (0..parts).map(move |part| {
        let start = part * least + part.min(longer);
        start..start + least + usize::from(part < longer)
    })
}
