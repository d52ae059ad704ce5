//! Lines and columns of places in a file.

/// Turns places in bytes into lines and columns. It is quick for places that are asked for in their order.
pub(super) struct Places<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    column: u32,
}

impl<'a> Places<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1, column: 1 }
    }

    /// The line and column, from 1, of the byte at `at`; a column is a character, and a byte that is no UTF-8 is one too.
    pub(super) fn of(&mut self, at: usize) -> (u32, u32) {
        let at = at.min(self.bytes.len());
        if at < self.at {
            *self = Self::new(self.bytes);
        }
        for byte in &self.bytes[self.at..at] {
            if *byte == b'\n' {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else if byte & 0b1100_0000 != 0b1000_0000 {
                // The other bytes continue a character.
                self.column = self.column.saturating_add(1);
            }
        }
        self.at = at;
        (self.line, self.column)
    }
}
