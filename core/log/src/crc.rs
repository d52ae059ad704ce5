//! Cyclic checksums of 32 bits, eight bytes at a time.

use std::sync::OnceLock;

/// A checksum by its polynomial, reflected.
pub(crate) struct Crc<const POLYNOMIAL: u32> {
    /// The remainders of each byte, also with up to seven zero bytes after it. Computed when first
    /// needed: as part of the program it would be eight KiB that do not compress.
    remainders: OnceLock<[[u32; 256]; 8]>,
}

impl<const POLYNOMIAL: u32> Crc<POLYNOMIAL> {
    pub(crate) const fn new() -> Self {
        Self { remainders: OnceLock::new() }
    }

    /// The checksum of `bytes`.
    pub(crate) fn of(&self, bytes: &[u8]) -> u32 {
        let tables = self.remainders.get_or_init(|| remainders(POLYNOMIAL));
        let (eights, rest) = bytes.as_chunks::<8>();
        let crc = eights.iter().fold(!0, |crc: u32, eight| {
            let [a, b, c, d] = crc.to_le_bytes();
            let [e, f, g, h, i, j, k, l] = *eight;
            let mixed = [e ^ a, f ^ b, g ^ c, h ^ d, i, j, k, l];
            let remainders = mixed.iter().zip(tables.iter().rev());
            remainders.fold(0, |crc, (&byte, table)| crc ^ table[usize::from(byte)])
        });
        !rest.iter().fold(crc, |crc, &byte| tables[0][usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
    }
}

fn remainders(polynomial: u32) -> [[u32; 256]; 8] {
    let bit = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ polynomial } else { crc >> 1 };
    let remainders = std::array::from_fn(|byte| (0..8).fold(byte as u32, bit));
    let mut tables = [remainders; 8];
    for zeros in 1..8 {
        let with_zero = |before: u32| remainders[usize::from(before as u8)] ^ (before >> 8);
        tables[zeros] = tables[zeros - 1].map(with_zero);
    }
    tables
}
