//! What a file server would send.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The size after brotli at its best, which good file servers send.
pub fn brotli(content: &[u8]) -> usize {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut output = Vec::new();
    // Reading from and writing to memory does not fail.
    brotli::BrotliCompress(&mut &content[..], &mut output, &parameters).unwrap_or(content.len())
}

/// The size after gzip at its best, which the simpler ones send.
pub fn gzip(content: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // As above.
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .map_or(content.len(), |output| output.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_compresses() {
        let content = b"high water mark ".repeat(500);
        assert!(brotli(&content) < gzip(&content));
        assert!(gzip(&content) < content.len() / 20);
    }
}
