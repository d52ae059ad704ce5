//! Starting and ending controllers, as nodes of their own or in one process with a broker.

use crate::action::ActionError;
use crate::event::{Cause, EventKind, StopKind};
use crate::ids::{BrokerId, ControllerId, List, NodeId};
use crate::input::Input;
use crate::world::{Because, World};

impl World {
    pub(super) fn start_controller(
        &mut self,
        because: Because,
        controller: ControllerId,
    ) -> Result<(), ActionError> {
        let id = self.controller_node(controller)?;
        if self.spec.combined {
            return self.act(because, crate::action::Action::StartBroker(BrokerId(controller.0)));
        }
        if self.nodes[&id].is_running {
            return Err(ActionError(format!("controller {controller} is running already")));
        }
        self.begin_controller(because, controller);
        Ok(())
    }

    pub(super) fn stop_controller(
        &mut self,
        because: Because,
        controller: ControllerId,
    ) -> Result<(), ActionError> {
        let id = self.running_controller(controller)?;
        if self.spec.combined {
            return self.act(because, crate::action::Action::StopBroker(BrokerId(controller.0)));
        }
        self.dispatch(because, id, Input::Stop);
        Ok(())
    }

    pub(super) fn kill_controller(
        &mut self,
        because: Because,
        controller: ControllerId,
    ) -> Result<(), ActionError> {
        self.running_controller(controller)?;
        if self.spec.combined {
            return self.act(because, crate::action::Action::KillBroker(BrokerId(controller.0)));
        }
        self.end_controller(because, controller, StopKind::Killed);
        Ok(())
    }

    /// A controller's process has come to its end by itself.
    pub(crate) fn controller_stopped(&mut self, because: Because, controller: ControllerId) {
        self.end_controller(because, controller, StopKind::Controlled);
    }

    /// A broker's process begins: if it is a controller too, both roles begin.
    pub(super) fn start_controller_role(
        &mut self,
        because: Because,
        broker: BrokerId,
    ) -> Result<(), ActionError> {
        let Some(controller) = self.controller_role(broker) else { return Ok(()) };
        if self.nodes[&NodeId::Controller(controller)].is_running {
            return Err(ActionError(format!(
                "broker {broker} is still shutting down as a controller; try again a little later"
            )));
        }
        self.begin_controller(because, controller);
        Ok(())
    }

    /// A broker's process is killed: if it is a controller too, that dies with it.
    pub(super) fn kill_controller_role(&mut self, because: Because, broker: BrokerId) {
        if let Some(controller) = self.controller_role(broker) {
            self.end_controller(because, controller, StopKind::Killed);
        }
    }

    /// A broker has shut down: if its process is a controller too, that role is the next to.
    pub(super) fn broker_role_stopped(&mut self, because: Because, broker: BrokerId) {
        if let Some(controller) = self.controller_role(broker) {
            self.dispatch(because, NodeId::Controller(controller), Input::Stop);
        }
    }

    fn begin_controller(&mut self, because: Because, controller: ControllerId) {
        let id = NodeId::Controller(controller);
        let slot = self.nodes.get_mut(&id).expect("the controller exists");
        slot.is_running = true;
        slot.incarnation += 1;
        let started = self.emit(because.0, EventKind::ControllerStarted { controller });
        self.dispatch((Cause::Event(started), because.1), id, Input::Start);
    }

    fn end_controller(&mut self, because: Because, controller: ControllerId, how: StopKind) {
        let id = NodeId::Controller(controller);
        if !self.nodes[&id].is_running {
            return;
        }
        let stopped = self.emit(because.0, EventKind::ControllerStopped { controller, how });
        let slot = self.nodes.get_mut(&id).expect("the controller exists");
        // One that ends by itself is handling an input just now, and forgets by itself.
        if let Some(node) = slot.node.as_deref_mut() {
            node.killed();
        }
        self.end_process(Cause::Event(stopped), id);
    }

    /// The controller that is one process with a broker.
    fn controller_role(&self, broker: BrokerId) -> Option<ControllerId> {
        let all = self.spec.controller_ids();
        all.into_iter().find(|controller| self.spec.combined && controller.0 == broker.0)
    }

    fn running_controller(&self, controller: ControllerId) -> Result<NodeId, ActionError> {
        let id = self.controller_node(controller)?;
        if !self.nodes[&id].is_running {
            return Err(ActionError(format!(
                "controller {controller} is not running; start it with: controller start {controller}"
            )));
        }
        Ok(id)
    }

    fn controller_node(&self, controller: ControllerId) -> Result<NodeId, ActionError> {
        let id = NodeId::Controller(controller);
        if self.nodes.contains_key(&id) {
            return Ok(id);
        }
        let all = self.spec.controller_ids();
        let who = List(&all).to_string();
        let who = who.trim_matches(['[', ']']).replace(',', ", ");
        Err(ActionError(format!("there is no controller {controller}; the controllers are: {who}")))
    }
}
