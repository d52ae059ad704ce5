//! How far a JSON value reaches, found by its brackets alone.

/// The end of the value that starts at `start`, judged by brackets and quotes; else how far was looked.
///
/// A string ends at the latest where its line does, as JSON has no line ends in strings: a missing quote then spoils a
/// line, not the rest of the file. A value without brackets ends before the next comma, bracket or white space. A valid
/// value is always found; what is found need not be valid.
pub(super) fn extent(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut open = Vec::new();
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => {
                // ASCII has each closing bracket two after its opening one.
                open.push(byte + 2);
                at += 1;
            }
            b'}' | b']' => {
                if open.pop() != Some(*byte) {
                    return Err(at);
                }
                at += 1;
            }
            _ if open.is_empty() => at = plain_end(bytes, at),
            _ => at += 1,
        }
        if open.is_empty() {
            return Ok(at);
        }
    }
    Err(at)
}

/// The start of the next object that begins a line after `start`: at the indentation of the object that starts at
/// `start`, if that begins its line too.
pub(super) fn next_object(bytes: &[u8], start: usize) -> Option<usize> {
    let before = &bytes[..start];
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let indent = &before[line..];
    let begins = indent.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    let mut at = start;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == b'\n')? + 1;
        let blanks = bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let same = !begins || &bytes[at..at + blanks] == indent;
        if same && bytes.get(at + blanks) == Some(&b'{') {
            return Some(at + blanks);
        }
    }
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' if bytes.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    at
}

fn plain_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| {
        matches!(byte, b',' | b'[' | b']' | b'{' | b'}' | b'"') || byte.is_ascii_whitespace()
    };
    let length = bytes[start..].iter().position(ends);
    // At least one byte, so that whoever reads gets on.
    length.map_or(bytes.len(), |length| start + length.max(1))
}
