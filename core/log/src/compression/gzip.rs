//! gzip (RFC 1952): a header, deflate by `miniz_oxide`, and a trailer with CRC-32 and length.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::CompressionError;
use crate::ids::Compression;

/// Magic, deflate, no flags, no time, no extra flags, unknown system: what Java writes.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The default of `compression.gzip.level`.
const LEVEL: u8 = 6;
const INVALID: CompressionError = CompressionError::Invalid(Compression::Gzip);
/// Bytes decompressed at a time, so that memory grows with what there is.
const STEP: usize = 16 * 1024;

pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    out.extend_from_slice(&compress_to_vec(bytes, LEVEL));
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

/// CRC-32 (IEEE), four bits at a time: gzip alone needs it, so its table is small.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = [
        0x0000_0000,
        0x1db7_1064,
        0x3b6e_20c8,
        0x26d9_30ac,
        0x76dc_4190,
        0x6b6b_51f4,
        0x4db2_6158,
        0x5005_713c,
        0xedb8_8320,
        0xf00f_9344,
        0xd6d6_a3e8,
        0xcb61_b38c,
        0x9b64_c2b0,
        0x86d3_d2d4,
        0xa00a_e278,
        0xbdbd_f21c,
    ];
    let half = |crc: u32, nibble: u8| TABLE[((crc as u8 ^ nibble) & 15) as usize] ^ (crc >> 4);
    !bytes.iter().fold(!0, |crc, &byte| half(half(crc, byte), byte >> 4))
}

#[cfg(test)]
mod tests {
    #[test]
    fn crc_is_the_usual_one() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
    }
}
