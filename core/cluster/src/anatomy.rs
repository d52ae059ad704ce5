//! What is inside the things on the stage: a partition's replicas record by record, a log's files, a
//! segment's batches, a batch's records and bytes, what waits in a broker. Plain data, made on request
//! from the logs themselves; nothing of it is kept, and nothing here changes a world.

mod batch;
mod internal;
mod key_hash;
mod log_files;
mod partition;
mod record;
mod segment;
mod waiting;

pub use batch::{BatchAnatomy, BytesAnatomy, RecordLine};
pub use internal::{Decoded, DecodedPart};
pub use key_hash::{HashStep, KeyHash};
pub use log_files::{CleanedPart, Cleaning, LogAnatomy, PassAnatomy, SegmentFiles, Tier};
pub use partition::{
    Cell, CellKind, CellTransaction, OffsetWindow, PartitionAnatomy, ReaderMark, ReplicaStrip,
    readers,
};
pub(crate) use partition::{kind, transaction};
pub use record::{RecordAnatomy, WhyHere};
pub(crate) use segment::segment_of;
pub use segment::{BatchLine, SegmentAnatomy};
pub use waiting::{WaitingPart, WaitingRequest, WaitsFor};
