//! The codecs of record batches. Each is a feature of this crate; without it, its batches keep their bytes but cannot be
//! read or built.

#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "snappy")]
mod snappy;
#[cfg(feature = "zstd")]
mod zstd;

use std::fmt;

use crate::ids::Compression;

/// What the records of one batch may decompress to. Kafka reads them as a stream and knows no such limit; here a few
/// hostile bytes must not take the memory of the page.
pub const MAX_DECOMPRESSED_BYTES: usize = 64 << 20;

/// Why bytes could not be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionError {
    /// They are not what the codec writes.
    Invalid(Compression),
    /// They decompress to more than the limit.
    TooLarge { limit: usize },
    /// The codec was left out of this build.
    Unsupported(Compression),
}

/// Compresses bytes; the same bytes give the same result on every machine.
///
/// # Panics
/// If the codec was left out of this build.
pub fn compress(codec: Compression, bytes: &[u8]) -> Vec<u8> {
    compress_at(codec, None, bytes)
}

/// As [`compress`], gzip at a level from 1, the quickest, to 9, the smallest, if one is given. The other
/// codecs have one level here.
pub(crate) fn compress_at(codec: Compression, gzip_level: Option<u8>, bytes: &[u8]) -> Vec<u8> {
    match codec {
        Compression::None => bytes.to_vec(),
        #[cfg(feature = "gzip")]
        Compression::Gzip => gzip::compress(bytes, gzip_level),
        #[cfg(feature = "snappy")]
        Compression::Snappy => snappy::compress(bytes),
        #[cfg(feature = "lz4")]
        Compression::Lz4 => lz4::compress(bytes),
        #[cfg(feature = "zstd")]
        Compression::Zstd => zstd::compress(bytes),
        #[allow(unreachable_patterns)]
        codec => panic!("{codec} was left out of this build"),
    }
}

/// Decompresses bytes, to at most `limit`.
pub fn decompress(
    codec: Compression,
    bytes: &[u8],
    limit: usize,
) -> Result<Vec<u8>, CompressionError> {
    match codec {
        Compression::None if bytes.len() > limit => Err(CompressionError::TooLarge { limit }),
        Compression::None => Ok(bytes.to_vec()),
        #[cfg(feature = "gzip")]
        Compression::Gzip => gzip::decompress(bytes, limit),
        #[cfg(feature = "snappy")]
        Compression::Snappy => snappy::decompress(bytes, limit),
        #[cfg(feature = "lz4")]
        Compression::Lz4 => lz4::decompress(bytes, limit),
        #[cfg(feature = "zstd")]
        Compression::Zstd => zstd::decompress(bytes, limit),
        #[allow(unreachable_patterns)]
        codec => Err(CompressionError::Unsupported(codec)),
    }
}

impl fmt::Display for CompressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(codec) => write!(f, "the records are not valid {codec}"),
            Self::TooLarge { limit } => {
                write!(f, "the records decompress to more than {limit} bytes")
            }
            Self::Unsupported(codec) => write!(f, "{codec} was left out of this build"),
        }
    }
}

impl std::error::Error for CompressionError {}

/// Reads a stream to its end, unless that lies beyond the limit.
#[cfg(any(feature = "lz4", feature = "zstd"))]
fn read_to_limit(
    stream: impl std::io::Read,
    codec: Compression,
    limit: usize,
) -> Result<Vec<u8>, CompressionError> {
    use std::io::Read;

    let mut out = Vec::new();
    stream
        .take(limit as u64 + 1)
        .read_to_end(&mut out)
        .map_err(|_| CompressionError::Invalid(codec))?;
    if out.len() > limit { Err(CompressionError::TooLarge { limit }) } else { Ok(out) }
}
