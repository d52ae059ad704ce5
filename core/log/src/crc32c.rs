//! CRC-32C (Castagnoli), the checksum of record batches.

/// The CRC-32C of `bytes`.
///
/// ```
/// assert_eq!(highwater_log::crc32c(b"123456789"), 0xe306_9283);
/// ```
pub fn crc32c(bytes: &[u8]) -> u32 {
    ::crc32c::crc32c(bytes)
}
