//! What a partition knows of the producers that write to it: duplicate detection, epoch fencing, open transactions.

mod append;
mod entry;
mod state;

pub use append::ProducerAppendInfo;
pub use entry::{BatchMetadata, ProducerStateEntry};
pub use state::{AbortedTxn, CompletedTxn, ProducerStateManager, TxnMetadata};
