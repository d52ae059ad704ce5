//! A command as a process of the simulated world: a client node with standard input, output and exit
//! code, held in checkpoints like a broker.

use std::fmt;
use std::sync::Arc;

use crate::acl::Principal;
use crate::ctx::Ctx;
use crate::embedded::{ProgramConsumer, ProgramProducer};
use crate::input::Input;
use crate::share_consumer::ProgramShareConsumer;

/// What a command does. It prints and exits through [`Ctx::print`], [`Ctx::print_error`] and
/// [`Ctx::exit`], sends Kafka's requests like any other client, and acts on the world by
/// [`Ctx::act`].
pub trait Program: fmt::Debug + Send {
    /// Something reached the process. The first input is [`Input::Start`].
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input);

    /// The `client.id` in the header of the request that it sent last, if it has a say in that.
    fn client_id(&self) -> Option<Arc<str>> {
        None
    }

    /// Who it says that it is, if its settings say so.
    fn principal(&self) -> Option<Principal> {
        None
    }

    /// Whether it reads what is typed on its terminal.
    fn reads_input(&self) -> bool {
        false
    }

    /// The consumer that it has, for the page to draw.
    fn consumer(&self) -> Option<&ProgramConsumer> {
        None
    }

    /// The share consumer that it has, for the page to draw.
    fn share_consumer(&self) -> Option<&ProgramShareConsumer> {
        None
    }

    /// The producer that it has, for the page to draw.
    fn producer(&self) -> Option<&ProgramProducer> {
        None
    }

    /// The connection from outside that it is, for the page to draw.
    #[cfg(feature = "real-clients")]
    fn connection(&self) -> Option<&crate::real_client::RealClient> {
        None
    }

    /// A copy, for a checkpoint.
    fn clone_box(&self) -> Box<dyn Program>;
}

impl Clone for Box<dyn Program> {
    fn clone(&self) -> Self {
        self.clone_box()
    }
}
