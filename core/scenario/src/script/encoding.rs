//! Bytes as text: hexadecimal, and base64 in lines.

/// How many characters a line of base64 has, the last one aside. It is fixed, so that a script that is read and printed
/// keeps its line numbers.
pub(super) const BASE64_LINE: usize = 76;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Two small hexadecimal digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of an even number of hexadecimal digits, else the place of the first character that is wrong.
pub(super) fn unhex(text: &str) -> Result<Vec<u8>, usize> {
    let digit = |c: char| c.to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (at, c) in text.char_indices() {
        let value = digit(c).ok_or(at)?;
        match high.take() {
            None => high = Some(value),
            Some(high) => bytes.push(high << 4 | value),
        }
    }
    match high {
        Some(_) => Err(text.len()),
        None => Ok(bytes),
    }
}

/// Base64 with padding, in lines of [`BASE64_LINE`] characters, each with its line end.
pub(super) fn print_base64(bytes: &[u8], out: &mut String) {
    for line in bytes.chunks(BASE64_LINE / 4 * 3) {
        for group in line.chunks(3) {
            let [a, b, c] = [0, 1, 2].map(|at| group.get(at).copied().unwrap_or(0));
            let bits = u32::from_be_bytes([0, a, b, c]);
            for place in 0..4_usize {
                if place <= group.len() {
                    let index = (bits >> (18 - 6 * place)) & 63;
                    out.push(char::from(ALPHABET[index as usize]));
                } else {
                    out.push('=');
                }
            }
        }
        out.push('\n');
    }
}

/// Adds the bytes of one line of base64, else says which character (counted from 0) is wrong.
///
/// `last` is whether it is the last line: only there may the line be shorter, and end with padding.
pub(super) fn read_base64(line: &str, last: bool, bytes: &mut Vec<u8>) -> Result<(), usize> {
    let length = line.chars().count();
    if length != BASE64_LINE
        && (!last || length == 0 || length > BASE64_LINE || !length.is_multiple_of(4))
    {
        return Err(length.min(BASE64_LINE));
    }
    let padding = match line {
        _ if !last => 0,
        _ if line.ends_with("==") => 2,
        _ if line.ends_with('=') => 1,
        _ => 0,
    };
    let mut bits = 0_u32;
    for (at, c) in line.chars().enumerate() {
        let value = if at >= length - padding { 0 } else { value(c).ok_or(at)? };
        bits = bits << 6 | value;
        if at % 4 == 3 {
            let [_, a, b, c] = bits.to_be_bytes();
            let kept = if at + 1 == length { 3 - padding } else { 3 };
            bytes.extend_from_slice(&[a, b, c][..kept]);
            // Bits under the padding must be zero, or two texts would stand for the same bytes.
            if [a, b, c][kept..].iter().any(|byte| *byte != 0) {
                return Err(at - padding);
            }
            bits = 0;
        }
    }
    Ok(())
}

fn value(c: char) -> Option<u32> {
    let place = ALPHABET.iter().position(|known| char::from(*known) == c)?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{hex, print_base64, read_base64, unhex};

    fn read(text: &str) -> Result<Vec<u8>, usize> {
        let mut bytes = Vec::new();
        let count = text.lines().count();
        for (index, line) in text.lines().enumerate() {
            read_base64(line, index + 1 == count, &mut bytes)?;
        }
        Ok(bytes)
    }

    #[test]
    fn base64_is_the_usual_one() {
        assert_eq!(read("aGVsbG8="), Ok(b"hello".to_vec()));
        assert_eq!(read("aA=="), Ok(b"h".to_vec()));
        assert_eq!(read("aGVs"), Ok(b"hel".to_vec()));
        assert_eq!(read("aGVsbG9="), Err(6), "bits under the padding");
        assert_eq!(read("aGV"), Err(3));
        assert_eq!(read("a=Vs"), Err(1));
        assert_eq!(read("===="), Err(0));
        assert_eq!(read("aGVs\naGVs"), Err(4), "a short line before the last");
    }

    #[test]
    fn hex_is_even_and_of_either_case() {
        assert_eq!(unhex("00Ff"), Ok(vec![0, 255]));
        assert_eq!(unhex("00f"), Err(3));
        assert_eq!(unhex("0g"), Err(1));
    }

    proptest! {
        #[test]
        fn bytes_read_back(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(unhex(&hex(&bytes)), Ok(bytes.clone()));
            let mut text = String::new();
            print_base64(&bytes, &mut text);
            prop_assert_eq!(read(&text), Ok(bytes));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[A-Za-z0-9+/=é\n]{0,200}") {
            let _ = read(&text);
            let _ = unhex(&text);
        }
    }
}
