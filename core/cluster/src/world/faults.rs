//! What a person injects.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::ActionError;
use crate::broker::Broker;
use crate::controller::Controller;
use crate::ctx::Ctx;
use crate::event::{Cause, EventKind, StopKind};
use crate::fault::{Fault, FaultEvent, LinkFault, Scripted};
use crate::ids::{BrokerId, NodeId};
use crate::node::Node;
use crate::time::Span;
use crate::world::{Because, World};

/// What the world keeps of injected faults; disks and scripts are their brokers' own.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// By how many milliseconds a node's wall clock is off.
    clock_skew_ms: BTreeMap<NodeId, i64>,
    /// The brokers that Metadata answers leave out.
    hidden: BTreeSet<BrokerId>,
}

type Outcome = Result<(), ActionError>;

impl World {
    /// By how many milliseconds the wall clock of a node is off.
    pub(crate) fn clock_skew_ms(&self, node: NodeId) -> i64 {
        self.faults.clock_skew_ms.get(&node).copied().unwrap_or(0)
    }

    /// Whether Metadata answers leave a broker out.
    pub(crate) fn is_hidden(&self, broker: BrokerId) -> bool {
        self.faults.hidden.contains(&broker)
    }

    pub(super) fn inject(&mut self, because: Because, fault: Fault) -> Outcome {
        match fault {
            Fault::PowerLoss(broker) => self.lose_power(because, broker),
            Fault::Pause { broker, length } => self.pause_broker(because, broker, length),
            Fault::Resume(broker) => self.end_pause(because, broker),
            Fault::SlowDisk { broker, append } => self.slow_disk(because, broker, append),
            Fault::FullDisk(broker) => self.fill_disk(because, broker),
            Fault::FreeDisk(broker) => self.free_disk(because, broker),
            Fault::Clock { broker, skew_ms } => self.skew_clock(because, broker, skew_ms),
            Fault::Link(fault) => self.inject_into_link(because, fault),
            Fault::Script { broker, scripted } => self.script(because, broker, scripted),
            Fault::RemoteStore { has_failed } => self.set_store_failed(because, has_failed),
            Fault::Hide(broker) => self.hide(because, broker),
            Fault::Show(broker) => self.show(because, broker),
            Fault::Elect { partition, leader, unclean } => self
                .with_active_controller(because, |controller, ctx| {
                    controller.force_election(ctx, &partition, leader, unclean)
                }),
            Fault::MoveCoordinator { group, to } => {
                self.with_active_controller(because, |controller, ctx| {
                    let partition = controller.offsets_partition(&group)?;
                    controller.force_election(ctx, &partition, to, false)
                })
            }
        }
    }

    /// A broker's only log directory failed: its process ends itself at once (KIP-112).
    pub(crate) fn broker_halted(&mut self, because: Because, broker: BrokerId) {
        let how = StopKind::LogDirFailed;
        let stopped = self.emit(because.0, EventKind::BrokerStopped { broker, how });
        self.end_process(Cause::Event(stopped), NodeId::Broker(broker));
        self.kill_controller_role(because, broker);
    }

    fn lose_power(&mut self, because: Because, broker: BrokerId) -> Outcome {
        let id = self.running_broker(broker)?;
        let mut random = self.stream(id, "power loss").clone();
        let stopped =
            self.emit(because.0, EventKind::BrokerStopped { broker, how: StopKind::PowerLost });
        for lost in self.broker_mut(broker).lose_power(&mut random) {
            self.emit(Cause::Event(stopped), EventKind::Fault(lost));
        }
        *self.stream(id, "power loss") = random;
        self.end_process(Cause::Event(stopped), id);
        self.kill_controller_role(because, broker);
        Ok(())
    }

    fn pause_broker(
        &mut self,
        because: Because,
        broker: BrokerId,
        length: Option<Span>,
    ) -> Outcome {
        let id = self.running_broker(broker)?;
        if self.pauses.waiting(id).is_some() {
            return Err(ActionError(format!(
                "broker {broker} is paused already; let it go on with: broker resume {broker}"
            )));
        }
        self.pause(because, broker, length);
        Ok(())
    }

    fn end_pause(&mut self, because: Because, broker: BrokerId) -> Outcome {
        let id = self.running_broker(broker)?;
        if self.pauses.waiting(id).is_none() {
            return Err(ActionError(format!("broker {broker} is not paused")));
        }
        self.resume_broker(because.0, broker);
        Ok(())
    }

    fn slow_disk(&mut self, because: Because, broker: BrokerId, append: Span) -> Outcome {
        self.broker_node(broker)?;
        self.broker_mut(broker).slow_disk(append);
        self.tell(because, FaultEvent::DiskSlowed { broker, append })
    }

    fn fill_disk(&mut self, because: Because, broker: BrokerId) -> Outcome {
        self.broker_node(broker)?;
        if !self.broker_mut(broker).set_disk_full(true) {
            return Err(ActionError(format!("the disk of broker {broker} is full already")));
        }
        self.tell(because, FaultEvent::DiskFull { broker })
    }

    fn free_disk(&mut self, because: Because, broker: BrokerId) -> Outcome {
        self.broker_node(broker)?;
        if !self.broker_mut(broker).set_disk_full(false) {
            return Err(ActionError(format!("the disk of broker {broker} is not full")));
        }
        self.tell(because, FaultEvent::DiskFreed { broker })
    }

    fn set_store_failed(&mut self, because: Because, has_failed: bool) -> Outcome {
        if !self.remote_store.set_failed(has_failed) {
            let state = if has_failed { "answers nobody already" } else { "works" };
            return Err(ActionError(format!("the remote store {state}")));
        }
        let event =
            if has_failed { FaultEvent::RemoteStoreFailed } else { FaultEvent::RemoteStoreMended };
        self.tell(because, event)
    }

    fn skew_clock(&mut self, because: Because, broker: BrokerId, skew_ms: i64) -> Outcome {
        let id = self.broker_node(broker)?;
        if skew_ms == 0 {
            self.faults.clock_skew_ms.remove(&id);
        } else {
            self.faults.clock_skew_ms.insert(id, skew_ms);
        }
        self.tell(because, FaultEvent::ClockSkewed { broker, skew_ms })
    }

    fn script(&mut self, because: Because, broker: BrokerId, scripted: Scripted) -> Outcome {
        self.broker_node(broker)?;
        let Scripted { api, error, times, .. } = scripted;
        self.broker_mut(broker).script(scripted).map_err(ActionError)?;
        self.tell(because, FaultEvent::Scripted { broker, api, error, times })
    }

    fn hide(&mut self, because: Because, broker: BrokerId) -> Outcome {
        self.broker_node(broker)?;
        if !self.faults.hidden.insert(broker) {
            return Err(ActionError(format!("broker {broker} is hidden already")));
        }
        self.tell(because, FaultEvent::Hidden { broker })
    }

    fn show(&mut self, because: Because, broker: BrokerId) -> Outcome {
        self.broker_node(broker)?;
        if !self.faults.hidden.remove(&broker) {
            return Err(ActionError(format!("broker {broker} is not hidden")));
        }
        self.tell(because, FaultEvent::Shown { broker })
    }

    fn inject_into_link(&mut self, because: Because, fault: LinkFault) -> Outcome {
        match fault {
            LinkFault::Latency { a, b, added } => {
                self.check_link(a, b)?;
                self.network.add_latency(a, b, added);
                self.tell(because, FaultEvent::LatencyAdded { a, b, added })
            }
            LinkFault::Loss { a, b, percent } => {
                self.check_link(a, b)?;
                let was_lossy = self.network.loses(a, b);
                self.network.lose(a, b, percent);
                if was_lossy && percent == 0 {
                    self.mend_loss(a, b);
                }
                self.tell(because, FaultEvent::LossSet { a, b, percent })
            }
            LinkFault::LoseAnswers { a, b, percent } => {
                self.check_link(a, b)?;
                self.network.lose_answers(a, b, percent);
                self.tell(because, FaultEvent::LostAnswersSet { a, b, percent })
            }
            LinkFault::CutOneWay { from, to } => {
                self.check_link(from, to)?;
                if !self.network.cut_one_way(from, to) {
                    return Err(ActionError(format!("nothing passes from {from} to {to} already")));
                }
                self.tell(because, FaultEvent::CutOneWay { from, to })
            }
            LinkFault::Partition(groups) => self.partition(because, &groups),
            LinkFault::HealAll => self.heal_all(because),
        }
    }

    fn partition(&mut self, because: Because, groups: &[Vec<NodeId>]) -> Outcome {
        let mut pairs = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            for other in &groups[index + 1..] {
                pairs.extend(group.iter().flat_map(|a| other.iter().map(|b| (*a, *b))));
            }
        }
        for (a, b) in &pairs {
            self.check_link(*a, *b)?;
        }
        let mut is_new = false;
        for (a, b) in pairs {
            if self.network.cut(a, b) {
                is_new = true;
                self.emit(because.0, EventKind::LinkCut { a, b });
            }
        }
        if is_new {
            return Ok(());
        }
        Err(ActionError("nothing passes between these groups already".to_owned()))
    }

    fn heal_all(&mut self, because: Because) -> Outcome {
        let links = self.network.faulty_links();
        if links.is_empty() {
            return Err(ActionError("nothing is wrong with any link".to_owned()));
        }
        for (a, b) in links {
            self.heal_link(because, a, b)?;
        }
        Ok(())
    }

    fn tell(&mut self, because: Because, event: FaultEvent) -> Outcome {
        self.emit(because.0, EventKind::Fault(event));
        Ok(())
    }

    /// Lets the active controller do something, as if it had been asked over the network.
    fn with_active_controller(
        &mut self,
        (cause, origin): Because,
        work: impl FnOnce(&mut Controller, &mut Ctx<'_>) -> Result<(), String>,
    ) -> Outcome {
        let is_active = |node: &Node| matches!(node, Node::Controller(it) if it.is_active());
        let mut slots = self.nodes.iter_mut();
        let active =
            slots.find(|(_, slot)| slot.is_running && slot.node.as_deref().is_some_and(is_active));
        let active = active.and_then(|(id, slot)| Some((*id, slot.node.take()?)));
        let Some((id, mut node)) = active else {
            return Err(ActionError(
                "no controller is active, so nobody can be elected; wait until one is".to_owned(),
            ));
        };
        let Node::Controller(controller) = &mut *node else {
            unreachable!("{id} was found to be a controller")
        };
        let done = work(
            controller,
            &mut Ctx { world: self, me: id, cause, origin, held: Vec::new(), is_part: false },
        );
        self.nodes.get_mut(&id).expect("no node is ever forgotten").node = Some(node);
        done.map_err(ActionError)
    }

    /// A broker that exists, and handles nothing at the moment.
    fn broker_mut(&mut self, broker: BrokerId) -> &mut Broker {
        let slot = self.nodes.get_mut(&NodeId::Broker(broker)).expect("the broker exists");
        match slot.node.as_deref_mut() {
            Some(Node::Broker(broker)) => broker,
            _ => unreachable!("broker {broker} is a broker, and only commands inject faults"),
        }
    }
}
