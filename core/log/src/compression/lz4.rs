//! LZ4 in its frame format, as Kafka's clients write it.

use lz4_flex::block::compress_into;
use lz4_flex::block::get_maximum_output_size;
use lz4_flex::frame::FrameDecoder;

use super::{CompressionError, read_to_limit};
use crate::ids::Compression;

/// Magic; version 1, independent blocks, no checksums; blocks of at most 64 KiB; and the checksum of these two bytes.
const HEADER: [u8; 7] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
/// The length field of a block that is stored as it is.
const STORED: u32 = 1 << 31;
/// From 64 KiB on, `lz4_flex` picks its hash by the width of a pointer, and the bytes would differ between machines; so
/// blocks are half that.
const BLOCK: usize = 32 * 1024;

pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    let mut packed = vec![0; get_maximum_output_size(BLOCK)];
    for block in bytes.chunks(BLOCK) {
        let length =
            compress_into(block, &mut packed).expect("the output has room for the worst case");
        if length < block.len() {
            out.extend_from_slice(&(length as u32).to_le_bytes());
            out.extend_from_slice(&packed[..length]);
        } else {
            out.extend_from_slice(&(block.len() as u32 | STORED).to_le_bytes());
            out.extend_from_slice(block);
        }
    }
    out.extend_from_slice(&[0; 4]);
    out
}

pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
    read_to_limit(FrameDecoder::new(bytes), Compression::Lz4, limit)
}
