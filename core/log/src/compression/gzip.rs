//! gzip (RFC 1952): a header, deflate by `miniz_oxide`, and a trailer with CRC-32 and length.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::CompressionError;
use crate::crc::Crc;
use crate::ids::Compression;

/// Magic, deflate, no flags, no time, no extra flags, unknown system: what Java writes.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The default of `compression.gzip.level`.
const LEVEL: u8 = 6;
const INVALID: CompressionError = CompressionError::Invalid(Compression::Gzip);
/// Bytes decompressed at a time, so that memory grows with what there is.
const STEP: usize = 16 * 1024;

pub(super) fn compress(bytes: &[u8], level: Option<u8>) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    out.extend_from_slice(&compress_to_vec(bytes, level.unwrap_or(LEVEL)));
    out.extend_from_slice(&crc32(bytes).to_le_bytes());
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out
}

pub(super) fn decompress(mut bytes: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
    let mut out = Vec::new();
    // A stream may be several members, one after the other.
    while !bytes.is_empty() {
        bytes = member(bytes, &mut out, limit)?;
    }
    Ok(out)
}

/// Decompresses one member onto `out`; answers what follows it.
fn member<'a>(
    bytes: &'a [u8],
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<&'a [u8], CompressionError> {
    let start = out.len();
    let rest = inflate_onto(skip_header(bytes).ok_or(INVALID)?, out, limit)?;
    let (trailer, rest) = rest.split_at_checked(8).ok_or(INVALID)?;
    let mut expected = crc32(&out[start..]).to_le_bytes().to_vec();
    expected.extend_from_slice(&((out.len() - start) as u32).to_le_bytes());
    if trailer == expected { Ok(rest) } else { Err(INVALID) }
}

fn inflate_onto<'a>(
    mut bytes: &'a [u8],
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<&'a [u8], CompressionError> {
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let mut chunk = vec![0; STEP];
    loop {
        let result = inflate(&mut state, bytes, &mut chunk, MZFlush::None);
        bytes = &bytes[result.bytes_consumed..];
        out.extend_from_slice(&chunk[..result.bytes_written]);
        if out.len() > limit {
            return Err(CompressionError::TooLarge { limit });
        }
        match result.status {
            Ok(MZStatus::StreamEnd) => return Ok(bytes),
            Ok(_) if result.bytes_written > 0 || result.bytes_consumed > 0 => {}
            Err(MZError::Buf) if result.bytes_written > 0 => {}
            _ => return Err(INVALID),
        }
    }
}

/// What follows a member's header, with its optional fields.
fn skip_header(bytes: &[u8]) -> Option<&[u8]> {
    let (header, mut rest) = bytes.split_at_checked(HEADER.len())?;
    if header[..3] != HEADER[..3] {
        return None;
    }
    let flags = header[3];
    if flags & 4 != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // File name and comment, each up to a zero byte.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|&byte| byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

/// CRC-32 (IEEE).
static CRC32: Crc<0xedb8_8320> = Crc::new();

fn crc32(bytes: &[u8]) -> u32 {
    CRC32.of(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn crc_is_the_usual_one() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(super::crc32(b""), 0);
        assert_eq!(super::crc32(b"The quick brown fox jumps over the lazy dog"), 0x414f_a339);
    }
}
