//! CRC-32C (Castagnoli), the checksum of record batches.

#[cfg(any(target_arch = "wasm32", test))]
use crate::crc::Crc;

#[cfg(any(target_arch = "wasm32", test))]
static CASTAGNOLI: Crc<0x82f6_3b78> = Crc::new();

/// The CRC-32C of `bytes`.
///
/// ```
/// assert_eq!(highwater_log::crc32c(b"123456789"), 0xe306_9283);
/// ```
#[cfg(not(target_arch = "wasm32"))]
pub fn crc32c(bytes: &[u8]) -> u32 {
    ::crc32c::crc32c(bytes)
}

/// The CRC-32C of `bytes`. There is no instruction for it here, and the tables of the library would be a
/// twentieth of the download.
#[cfg(target_arch = "wasm32")]
pub fn crc32c(bytes: &[u8]) -> u32 {
    CASTAGNOLI.of(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_give_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(super::CASTAGNOLI.of(&bytes), super::crc32c(&bytes));
        }
    }
}
