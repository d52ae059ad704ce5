//! What a person does to the cluster that no Kafka command does.

use std::sync::Arc;

use crate::action::{Action, ActionError};
use crate::application::AppEvent;
use crate::consumer::ConsumerCommand;
use crate::event::{Cause, EventKind, StopKind};
use crate::ids::{BrokerId, ClientId, NodeId};
use crate::input::Input;
use crate::node::Node;
use crate::share::ShareEvent;
use crate::world::{Because, World};

impl World {
    pub(crate) fn act(&mut self, because: Because, action: Action) -> Result<(), ActionError> {
        match action {
            Action::StartBroker(broker) => self.start_broker(because, broker),
            Action::StopBroker(broker) => self.stop_broker(because, broker),
            Action::KillBroker(broker) => self.kill_broker(because, broker),
            Action::StartController(controller) => self.start_controller(because, controller),
            Action::StopController(controller) => self.stop_controller(because, controller),
            Action::KillController(controller) => self.kill_controller(because, controller),
            Action::CutLink(a, b) => self.cut_link(because, a, b),
            Action::HealLink(a, b) => self.heal_link(because, a, b),
            Action::Fault(fault) => self.inject(because, fault),
            Action::StartProducer(config) => {
                let name = config.name.clone();
                self.start_client(because, &name, Node::new_producer(*config))
            }
            Action::KillProducer(name) => self.kill_producer(because, &name),
            Action::CallProducer(name, call) => self.call_producer(because, &name, *call),
            Action::StartConsumer(config) => {
                let name = config.name.clone();
                self.start_client(because, &name, Node::new_consumer(*config))
            }
            Action::CloseProducer(name) | Action::CloseConsumer(name) => {
                let client = self.client_named(&name)?;
                self.dispatch(because, NodeId::Client(client), Input::Stop);
                Ok(())
            }
            Action::StartApp(config) => {
                let name = config.name.clone();
                self.start_client(because, &name, Node::new_application(*config))
            }
            Action::CloseApp(name) => {
                let client = self.application_named(&name)?;
                self.dispatch(because, NodeId::Client(client), Input::Stop);
                Ok(())
            }
            Action::KillApp(name) => {
                let client = self.application_named(&name)?;
                let killed = EventKind::App(AppEvent::Killed { client });
                let killed = self.emit(because.0, killed);
                let killed = self.emit(Cause::Event(killed), EventKind::ConsumerKilled { client });
                self.end_process(Cause::Event(killed), NodeId::Client(client));
                Ok(())
            }
            Action::StartShareConsumer(config) => {
                let name = config.name.clone();
                self.start_client(because, &name, Node::new_share_consumer(*config))
            }
            Action::CloseShareConsumer(name) => {
                let client = self.share_consumer_named(&name)?;
                self.dispatch(because, NodeId::Client(client), Input::Stop);
                Ok(())
            }
            Action::KillShareConsumer { name, silently } => {
                let client = self.share_consumer_named(&name)?;
                let killed = ShareEvent::ConsumerKilled { client, silently };
                let killed = self.emit(because.0, EventKind::Share(killed));
                if !silently {
                    self.hang_up(Cause::Event(killed), client);
                }
                self.end_process(Cause::Event(killed), NodeId::Client(client));
                Ok(())
            }
            Action::Consumer(name, command) => self.command_consumer(because, &name, command),
            Action::KillConsumer(name) => {
                let client = self.client_named(&name)?;
                let killed = self.emit(because.0, EventKind::ConsumerKilled { client });
                self.end_process(Cause::Event(killed), NodeId::Client(client));
                Ok(())
            }
        }
    }

    /// A broker's process has come to its end by itself, after a controlled shutdown.
    pub(crate) fn broker_stopped(&mut self, because: Because, broker: BrokerId) {
        let how = StopKind::Controlled;
        let stopped = self.emit(because.0, EventKind::BrokerStopped { broker, how });
        self.end_process(Cause::Event(stopped), NodeId::Broker(broker));
        self.broker_role_stopped((Cause::Event(stopped), because.1), broker);
    }

    fn start_broker(&mut self, because: Because, broker: BrokerId) -> Result<(), ActionError> {
        let id = self.broker_node(broker)?;
        let slot = self.nodes.get_mut(&id).expect("the broker exists");
        if slot.is_running {
            return Err(ActionError(format!("broker {broker} is running already")));
        }
        self.start_controller_role(because, broker)?;
        let slot = self.nodes.get_mut(&id).expect("the broker exists");
        slot.is_running = true;
        slot.incarnation += 1;
        let started = self.emit(because.0, EventKind::BrokerStarted { broker });
        self.dispatch((Cause::Event(started), because.1), id, Input::Start);
        Ok(())
    }

    fn stop_broker(&mut self, because: Because, broker: BrokerId) -> Result<(), ActionError> {
        let id = self.running_broker(broker)?;
        if self.pauses.waiting(id).is_some() {
            return Err(ActionError(format!(
                "broker {broker} is paused and hears no signal; let it go on with: \
                 broker resume {broker}, or end it with: broker kill {broker}"
            )));
        }
        self.dispatch(because, id, Input::Stop);
        Ok(())
    }

    fn kill_broker(&mut self, because: Because, broker: BrokerId) -> Result<(), ActionError> {
        let id = self.running_broker(broker)?;
        let how = StopKind::Killed;
        let stopped = self.emit(because.0, EventKind::BrokerStopped { broker, how });
        let slot = self.nodes.get_mut(&id).expect("the broker exists");
        if let Some(node) = slot.node.as_deref_mut() {
            node.killed();
        }
        self.end_process(Cause::Event(stopped), id);
        self.kill_controller_role(because, broker);
        Ok(())
    }

    fn cut_link(&mut self, because: Because, a: NodeId, b: NodeId) -> Result<(), ActionError> {
        self.check_link(a, b)?;
        if !self.network.cut(a, b) {
            return Err(ActionError(format!("the link between {a} and {b} is cut already")));
        }
        self.emit(because.0, EventKind::LinkCut { a, b });
        Ok(())
    }

    pub(super) fn heal_link(
        &mut self,
        because: Because,
        a: NodeId,
        b: NodeId,
    ) -> Result<(), ActionError> {
        self.check_link(a, b)?;
        let was_lossy = self.network.loses(a, b);
        if !self.network.heal(a, b) {
            return Err(ActionError(format!("nothing is wrong with the link between {a} and {b}")));
        }
        if was_lossy {
            self.mend_loss(a, b);
        }
        self.emit(because.0, EventKind::LinkHealed { a, b });
        self.send_held_back();
        Ok(())
    }

    pub(super) fn check_link(&self, a: NodeId, b: NodeId) -> Result<(), ActionError> {
        if self.network.host(a) == self.network.host(b) {
            return Err(ActionError(format!("{a} has no link to itself; name two nodes")));
        }
        for node in [a, b] {
            if !self.nodes.contains_key(&node) {
                return Err(ActionError(format!("there is no {node}; {}", self.who_is_there())));
            }
        }
        Ok(())
    }

    pub(crate) fn start_client(
        &mut self,
        because: Because,
        name: &Arc<str>,
        node: Node,
    ) -> Result<(), ActionError> {
        if self.running_client(name).is_some() {
            return Err(ActionError(format!(
                "a client named {name} is running already; choose another name"
            )));
        }
        let Some(client) = self.add_client(because, name, None, node) else {
            return Err(ActionError("there are too many clients".to_owned()));
        };
        self.dispatch(because, NodeId::Client(client), Input::Start);
        Ok(())
    }

    fn command_consumer(
        &mut self,
        because: Because,
        name: &str,
        command: ConsumerCommand,
    ) -> Result<(), ActionError> {
        let client = NodeId::Client(self.client_named(name)?);
        let node = self.nodes[&client].node.as_deref();
        // An application's consumer is the application's own.
        let own = node.filter(|node| !matches!(node, Node::Application(_)));
        let Some(consumer) = own.and_then(Node::consumer) else {
            return Err(ActionError(format!("{name} is no consumer")));
        };
        consumer.check_command(&command).map_err(ActionError)?;
        self.dispatch(because, client, Input::Consumer(command));
        Ok(())
    }

    fn client_named(&self, name: &str) -> Result<ClientId, ActionError> {
        self.running_client(name)
            .ok_or_else(|| ActionError(format!("no client named {name} is running")))
    }

    fn share_consumer_named(&self, name: &str) -> Result<ClientId, ActionError> {
        let client = self.running_client(name).filter(|client| {
            let slot = &self.nodes[&NodeId::Client(*client)];
            matches!(slot.node.as_deref(), Some(Node::ShareConsumer(_)))
        });
        client.ok_or_else(|| {
            ActionError(format!(
                "no share consumer named {name} is running; start one with: share-consumer start \
                 {name} --group GROUP --topic TOPIC"
            ))
        })
    }

    fn application_named(&self, name: &str) -> Result<ClientId, ActionError> {
        let client = self.running_client(name).filter(|client| {
            let slot = &self.nodes[&NodeId::Client(*client)];
            matches!(slot.node.as_deref(), Some(Node::Application(_)))
        });
        client.ok_or_else(|| {
            ActionError(format!(
                "no application named {name} is running; start one with: app start {name} --group \
                 GROUP --from TOPIC --to TOPIC"
            ))
        })
    }

    pub(super) fn running_broker(&self, broker: BrokerId) -> Result<NodeId, ActionError> {
        let id = self.broker_node(broker)?;
        if !self.nodes[&id].is_running {
            return Err(ActionError(format!(
                "broker {broker} is not running; start it with: broker start {broker}"
            )));
        }
        Ok(id)
    }

    pub(super) fn broker_node(&self, broker: BrokerId) -> Result<NodeId, ActionError> {
        let id = NodeId::Broker(broker);
        if self.nodes.contains_key(&id) {
            return Ok(id);
        }
        Err(ActionError(format!("there is no broker {broker}; {}", self.who_is_there())))
    }

    fn who_is_there(&self) -> String {
        format!("the brokers are 1 to {}", self.spec.brokers)
    }
}
