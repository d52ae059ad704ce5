//! The bytes that the encoders write are part of what a scenario replays to, so they are held here: the same on 32 and
//! 64 bit, and in every version until it is meant to change.

use highwater_log::{Compression, compress, crc32c, decompress};

/// Bytes with repeats near and far, over several blocks of each codec.
fn sample() -> Vec<u8> {
    let mut state = 1u32;
    let mut bytes = Vec::new();
    while bytes.len() < 200_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word = format!("order-{} shipped to {}; ", state >> 20, state >> 29);
        bytes.extend_from_slice(word.as_bytes());
    }
    bytes
}

#[test]
fn encoders_write_the_same_bytes_everywhere() {
    let bytes = sample();
    let got = Compression::ALL.map(|codec| {
        let packed = compress(codec, &bytes);
        assert_eq!(decompress(codec, &packed, bytes.len()).as_deref(), Ok(&bytes[..]), "{codec}");
        (codec.name(), packed.len(), crc32c(&packed))
    });
    assert_eq!(got, EXPECTED);
}

/// Name, length and CRC-32C of what each codec makes of the sample.
const EXPECTED: [(&str, usize, u32); 5] = [
    ("none", 200_003, 0x7171_cc80),
    ("gzip", 25_015, 0xc4cd_c75c),
    ("snappy", 52_895, 0xd792_619c),
    ("lz4", 56_430, 0x9a8d_f7e5),
    ("zstd", 39_008, 0xdab4_f1f0),
];

#[test]
fn a_bomb_is_refused() {
    let zeros = vec![0; 4 << 20];
    for codec in Compression::ALL.into_iter().skip(1) {
        let packed = compress(codec, &zeros);
        assert!(packed.len() < 1 << 18, "{codec}");
        assert!(decompress(codec, &packed, 1 << 20).is_err(), "{codec}");
    }
}
