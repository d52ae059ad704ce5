//! Snappy in the framing of `snappy-java`, which Kafka's clients write: a header, then blocks with their length.

use snap::raw::{Decoder, Encoder, decompress_len};

use super::CompressionError;
use crate::ids::Compression;

const MAGIC: &[u8; 8] = b"\x82SNAPPY\0";
/// Version and oldest compatible version.
const VERSIONS: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 1];
/// The block size of `SnappyOutputStream`.
const BLOCK: usize = 32 * 1024;
/// Three bytes of snappy copy at most 64, so a length that claims more than this per byte is false.
const MAX_RATIO: usize = 64;
const INVALID: CompressionError = CompressionError::Invalid(Compression::Snappy);

pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = [&MAGIC[..], &VERSIONS].concat();
    for block in bytes.chunks(BLOCK) {
        let packed = Encoder::new()
            .compress_vec(block)
            .expect("a block is far below the greatest length of snappy");
        out.extend_from_slice(&(packed.len() as u32).to_be_bytes());
        out.extend_from_slice(&packed);
    }
    out
}

pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
    let mut out = Vec::new();
    let Some(framed) = bytes.strip_prefix(MAGIC) else {
        // Some clients write plain snappy.
        block(bytes, &mut out, limit)?;
        return Ok(out);
    };
    let mut rest = framed.get(VERSIONS.len()..).ok_or(INVALID)?;
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or(INVALID)?;
        let (packed, after) =
            after.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(INVALID)?;
        block(packed, &mut out, limit)?;
        rest = after;
    }
    Ok(out)
}

/// Decompresses one block onto `out`.
fn block(packed: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), CompressionError> {
    let length = decompress_len(packed).map_err(|_| INVALID)?;
    if length > limit.saturating_sub(out.len()) {
        return Err(CompressionError::TooLarge { limit });
    }
    if length > packed.len().saturating_mul(MAX_RATIO) {
        return Err(INVALID);
    }
    let start = out.len();
    out.resize(start + length, 0);
    let written = Decoder::new().decompress(packed, &mut out[start..]).map_err(|_| INVALID)?;
    if written == length { Ok(()) } else { Err(INVALID) }
}
