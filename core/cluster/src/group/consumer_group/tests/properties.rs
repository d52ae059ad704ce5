//! Whatever honest members do: no partition is ever current of two of them, and in the end each has its
//! target. [`Lab`] checks the first at every step.

use proptest::prelude::*;

use super::{Lab, shown};
use crate::action::Action;
use crate::event::{GroupState, MemberState};

/// One thing that happens, and the milliseconds until the next.
fn step() -> impl Strategy<Value = (String, i64)> {
    let line = prop_oneof![
        4 => (1..=4_u8, 0..3_usize).prop_map(|(member, kind)| {
            let settings = ["", "revoke=700", "assignor=range"][kind];
            format!("start m{member} {settings}")
        }),
        2 => (1..=4_u8).prop_map(|member| format!("close m{member}")),
        1 => (1..=4_u8).prop_map(|member| format!("crash m{member}")),
        1 => (6..12_u8).prop_map(|count| format!("partitions {count}")),
        1 => Just("kill".to_owned()),
    ];
    (line, prop_oneof![0..300_i64, 300..3_000_i64])
}

fn check(steps: &[(String, i64)]) {
    let mut lab = Lab::new(6, &[]);
    let mut killed = None;
    for (line, millis) in steps {
        match line.as_str() {
            "kill" => {
                // Only one at a time: the others have to be a quorum of the ISR.
                if let (None, Some(group)) = (killed, lab.group()) {
                    lab.act(Action::KillBroker(group.coordinator));
                    killed = Some(group.coordinator);
                }
            }
            line => lab.tell(line),
        }
        lab.run(*millis);
    }
    if let Some(broker) = killed {
        lab.act(Action::StartBroker(broker));
    }
    lab.run(40_000);
    let Some(group) = lab.group() else { return };
    let is_settled = matches!(group.state, GroupState::Stable | GroupState::Empty);
    assert!(is_settled, "{}\n{}", shown(&group), lab.trace());
    for member in &group.members {
        let way = member.reconciliation.as_ref().unwrap();
        assert_eq!(way.state, MemberState::Stable);
        assert_eq!(Some(way.epoch), group.assignment_epoch);
        assert_eq!(member.assignment, way.target, "{}", lab.trace());
    }
    let owned: usize = group.members.iter().map(|member| member.assignment.len()).sum();
    let view = lab.world.view();
    let orders = view.topics.iter().find(|topic| topic.name.as_str() == "orders").unwrap();
    assert!(group.members.is_empty() || owned == orders.partitions.len(), "{}", shown(&group));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_partition_has_two_owners_and_all_settle(steps in proptest::collection::vec(step(), 1..10)) {
        check(&steps);
    }
}
