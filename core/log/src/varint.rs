//! The variable-length integers of records: seven bits a byte, least significant first, zig-zag for signed ones.

/// Appends an unsigned 32-bit number: 1 to 5 bytes.
pub fn write_unsigned_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed 32-bit number in zig-zag order: 1 to 5 bytes.
pub fn write_varint(out: &mut Vec<u8>, value: i32) {
    write_unsigned_varint(out, (value << 1) as u32 ^ (value >> 31) as u32);
}

/// Appends a signed 64-bit number in zig-zag order: 1 to 10 bytes.
pub fn write_varlong(out: &mut Vec<u8>, value: i64) {
    let mut rest = (value << 1) as u64 ^ (value >> 63) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// How many bytes [`write_varint`] appends.
pub fn size_of_varint(value: i32) -> usize {
    size_of_varlong(i64::from(value))
}

/// How many bytes [`write_varlong`] appends.
pub fn size_of_varlong(value: i64) -> usize {
    let zigzag = (value << 1) as u64 ^ (value >> 63) as u64;
    let bits = 64 - zigzag.leading_zeros() as usize;
    bits.max(1).div_ceil(7)
}

/// Takes an unsigned 32-bit number off the front of `input`; `None` if it is cut short or longer than 5 bytes.
pub fn read_unsigned_varint(input: &mut &[u8]) -> Option<u32> {
    let (mut value, mut shift) = (0u32, 0);
    while shift <= 28 {
        let byte = take_byte(input)?;
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
    }
    None
}

/// Takes a signed 32-bit number off the front of `input`; `None` if it is cut short or longer than 5 bytes.
pub fn read_varint(input: &mut &[u8]) -> Option<i32> {
    let zigzag = read_unsigned_varint(input)?;
    Some((zigzag >> 1) as i32 ^ -((zigzag & 1) as i32))
}

/// Takes a signed 64-bit number off the front of `input`; `None` if it is cut short or longer than 10 bytes.
pub fn read_varlong(input: &mut &[u8]) -> Option<i64> {
    let (mut zigzag, mut shift) = (0u64, 0);
    while shift <= 63 {
        let byte = take_byte(input)?;
        zigzag |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
        }
        shift += 7;
    }
    None
}

fn take_byte(input: &mut &[u8]) -> Option<u8> {
    let (&byte, rest) = input.split_first()?;
    *input = rest;
    Some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_is_written() {
        for value in [0, -1, 1, 63, 64, -64, -65, i64::from(i32::MAX), i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            write_varlong(&mut out, value);
            assert_eq!(out.len(), size_of_varlong(value), "{value}");
            assert_eq!(read_varlong(&mut out.as_slice()), Some(value));
        }
    }

    #[test]
    fn numbers_that_are_too_long_are_refused() {
        assert_eq!(read_unsigned_varint(&mut [0xff; 6].as_slice()), None);
        assert_eq!(read_varlong(&mut [0xff; 11].as_slice()), None);
        assert_eq!(read_varint(&mut [0x80].as_slice()), None);
    }
}
