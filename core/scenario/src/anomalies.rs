//! What Kafka lets happen and a learner is told of by name: on the way into a log, and on the way out.

mod pipeline;
mod reading;
mod settled;
mod writes;

pub(crate) use pipeline::Pipelines;
pub use pipeline::{PipelineCount, PipelinePartition};
pub(crate) use reading::Reading;
pub(crate) use writes::Writes;
