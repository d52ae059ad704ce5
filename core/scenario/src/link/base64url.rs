//! Base64 in one line, with the letters that an address may hold, and without padding (RFC 4648, section 5).

use super::LinkError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes as letters.
pub(super) fn print(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| group.get(at).copied().unwrap_or(0));
        let bits = u32::from_be_bytes([0, a, b, c]);
        for place in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

/// The bytes of letters, else which character does not belong there.
pub(super) fn read(text: &str) -> Result<Vec<u8>, LinkError> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for (index, character) in text.chars().enumerate() {
        let place = index + 1;
        bits = bits << 6 | value(character).ok_or(LinkError::Character { place, character })?;
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    // One letter alone holds less than a byte; bits that no byte takes up are zero in what `print` writes.
    let whole = match count {
        0 => return Ok(bytes),
        2 if bits & 0xf == 0 => &((bits >> 4) as u8).to_be_bytes()[..],
        3 if bits & 0x3 == 0 => &((bits >> 2) as u16).to_be_bytes()[..],
        _ => return Err(LinkError::CutOff { characters: text.len() }),
    };
    bytes.extend_from_slice(whole);
    Ok(bytes)
}

fn value(character: char) -> Option<u32> {
    let value = match character {
        'A'..='Z' => character as u32 - 'A' as u32,
        'a'..='z' => character as u32 - 'a' as u32 + 26,
        '0'..='9' => character as u32 - '0' as u32 + 52,
        '-' => 62,
        '_' => 63,
        _ => return None,
    };
    Some(value)
}
