//! Kafka's wire protocol, where clients from outside the simulation connect: frames of bytes become
//! requests, responses become bytes.
//!
//! Inside the simulation every message has its newest form. A client may speak an older version: its
//! requests are brought to the newest form here, and the responses back to the client's.

mod decode;
mod encode;
mod guard;
mod newest;
mod oldest;
mod versions;

pub use decode::{ClientRequest, FrameError, Frames, MOST_FRAME_BYTES};
pub use encode::{Address, EncodeError, Reply, encode_reply};
pub use versions::{SERVED, is_served};

pub(crate) use decode::Asked;
