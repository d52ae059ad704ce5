//! What a person does to a producer that runs.

use crate::action::ActionError;
use crate::event::{Cause, EventKind, ProducerTransactionEvent};
use crate::ids::{ClientId, NodeId};
use crate::input::Input;
use crate::node::Node;
use crate::producer::{Producer, ProducerCall};
use crate::world::{Because, World};

impl World {
    /// Ends a producer's process at once: what it had not sent is gone, a transaction stays open.
    pub(super) fn kill_producer(
        &mut self,
        because: Because,
        name: &str,
    ) -> Result<(), ActionError> {
        let (client, _) = self.producer_named(name)?;
        let event = ProducerTransactionEvent::Killed;
        let killed = self.emit(because.0, EventKind::ProducerTransaction { client, event });
        self.end_process(Cause::Event(killed), NodeId::Client(client));
        Ok(())
    }

    /// Lets the application behind a producer make a call.
    pub(super) fn call_producer(
        &mut self,
        because: Because,
        name: &str,
        call: ProducerCall,
    ) -> Result<(), ActionError> {
        let (client, producer) = self.producer_named(name)?;
        let is_send = matches!(call, ProducerCall::Send(_));
        if producer.has_plan() && !is_send {
            return Err(ActionError(format!(
                "producer {name} begins and ends its transactions by itself; to do that by hand, start \
                 one with --rate 0"
            )));
        }
        if let Some(error) = producer.refusal_by_hand(&call) {
            let advice = advice(producer, &call);
            return Err(ActionError(format!("{error}{advice}")));
        }
        self.dispatch(because, NodeId::Client(client), Input::Call(Box::new(call)));
        Ok(())
    }

    pub(crate) fn producer_named(&self, name: &str) -> Result<(ClientId, &Producer), ActionError> {
        let client = self
            .running_client(name)
            .ok_or_else(|| ActionError(format!("no producer named {name} is running")))?;
        match self.nodes[&NodeId::Client(client)].node.as_deref() {
            Some(Node::Producer(producer)) => Ok((client, producer)),
            _ => Err(ActionError(format!("{name} is no producer"))),
        }
    }
}

/// What to do instead of a call that does not fit.
fn advice(producer: &Producer, call: &ProducerCall) -> &'static str {
    use crate::producer::ProducerTransactionState as S;
    let is_end = matches!(call, ProducerCall::CommitTransaction | ProducerCall::AbortTransaction);
    match producer.transaction_state() {
        None => "\nStart it with --transactional-id to use transactions.",
        Some(S::Uninitialized) => "\nCall first: producer init NAME",
        Some(S::Ready) if is_end => "\nNo transaction has begun. Begin one: producer begin NAME",
        Some(S::Ready) => "\nBegin a transaction first: producer begin NAME",
        Some(S::AbortableError) => "\nOnly an abort helps: producer abort NAME",
        Some(S::FatalError) => "\nOnly to close it helps: producer stop NAME",
        Some(_) => "",
    }
}
