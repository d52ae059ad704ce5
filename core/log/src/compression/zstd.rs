//! Zstandard by `ruzstd`.

use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{CompressionError, read_to_limit};
use crate::ids::Compression;

/// The largest window that a frame may ask for; RFC 8878 recommends that decoders support this much, and batches of
/// Kafka's default level 3 ask for 2 MiB.
const MAX_WINDOW: u64 = 8 << 20;
const INVALID: CompressionError = CompressionError::Invalid(Compression::Zstd);

pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
    let stream =
        StreamingDecoder::new_with_max_window_size(bytes, MAX_WINDOW).map_err(|_| INVALID)?;
    read_to_limit(stream, Compression::Zstd, limit)
}
