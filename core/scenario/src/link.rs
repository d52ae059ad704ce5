//! A scenario as it is handed to somebody else: with the moment and the view, as a word that fits into a link, or as a
//! file (see [`Shared::print_file`]).
//!
//! A link's word is base64url of these bytes:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the version of the format, [`VERSION`] |
//! | 4 | CRC-32C over the version and all that follows, big-endian |
//! | 1 to 5 | how many bytes follow, as an unsigned varint |
//! | the rest | the content, deflated |
//!
//! The first three stay what they are in every version to come, so that a link of a newer one can be told from a damaged
//! one, and one that was cut off from both. The content is the moment in microseconds (a signed varint), the length of the
//! view in bytes (an unsigned one), the view, and the script.

mod base64url;
mod error;
mod file;
#[cfg(test)]
mod tests;

pub use error::LinkError;
pub use file::{FileMark, OpenedFile};

use highwater_cluster::time::Time;
use highwater_log::crc32c;
use highwater_log::varint::{
    read_unsigned_varint, read_varlong, write_unsigned_varint, write_varlong,
};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::script::{Document, Micros};

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u8 = 1;

/// The longest view, in bytes.
pub const MOST_VIEW_BYTES: usize = 4 * 1024;

/// The longest word that is read, in characters: one of a script that is as long as may be and does not compress.
pub const MOST_CHARACTERS: usize = 24 * 1024 * 1024;

/// The most bytes that a link's content may be, once it is inflated.
const MOST_CONTENT_BYTES: usize = Document::MOST_BYTES + MOST_VIEW_BYTES + 16;

/// The best that deflate can do: a link is written once, and sent often.
const LEVEL: u8 = 9;

/// A scenario as it is handed to somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// The whole script, also the lines of it that could not be read.
    pub script: String,
    /// The instant that is to be shown.
    pub moment: Time,
    /// What the page is to show of it, in the page's own words: see [`view_parts`].
    pub view: String,
}

impl Shared {
    /// The word for a link: letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// [`LinkError::TooLong`] if it could not be read back.
    pub fn to_word(&self) -> Result<String, LinkError> {
        let fits = self.script.len() <= Document::MOST_BYTES && self.view.len() <= MOST_VIEW_BYTES;
        let moment = i64::try_from(self.moment.0).ok().filter(|_| fits);
        let moment = moment.filter(|_| self.moment.0 <= Micros::LATEST.0);
        let moment = moment.ok_or(LinkError::TooLong)?;
        let mut content = Vec::with_capacity(self.script.len() + self.view.len() + 16);
        write_varlong(&mut content, moment);
        write_unsigned_varint(&mut content, self.view.len() as u32);
        content.extend_from_slice(self.view.as_bytes());
        content.extend_from_slice(self.script.as_bytes());
        let word = word_of(&content);
        if word.len() <= MOST_CHARACTERS { Ok(word) } else { Err(LinkError::TooLong) }
    }

    /// Reads the word of a link. Blanks around it are passed over.
    ///
    /// # Errors
    /// What is wrong with it; nothing of it is to be trusted then.
    pub fn from_word(word: &str) -> Result<Self, LinkError> {
        Self::from_content(&content_of(word, MOST_CONTENT_BYTES)?)
    }

    fn from_content(mut content: &[u8]) -> Result<Self, LinkError> {
        let rest = &mut content;
        let moment = read_varlong(rest).and_then(|moment| u64::try_from(moment).ok());
        let moment = moment.filter(|moment| *moment <= Micros::LATEST.0);
        let moment = moment.ok_or(LinkError::Content("its moment"))?;
        let length = read_unsigned_varint(rest).map(|length| length as usize);
        let length = length.filter(|length| *length <= MOST_VIEW_BYTES);
        let parts = length.and_then(|length| rest.split_at_checked(length));
        let (view, script) = parts.ok_or(LinkError::Content("its view"))?;
        if script.len() > Document::MOST_BYTES {
            return Err(LinkError::TooLong);
        }
        let view = std::str::from_utf8(view).map_err(|_| LinkError::Content("its view"))?;
        let script = std::str::from_utf8(script).map_err(|_| LinkError::Content("its script"))?;
        Ok(Self { script: script.to_owned(), moment: Time(moment), view: view.to_owned() })
    }
}

/// The parts of a view: `name=value`, one after the other with `&` between. What is no such part is passed over: an older
/// page may not know what a newer one shows.
pub fn view_parts(view: &str) -> impl Iterator<Item = (&str, &str)> {
    view.split('&').filter_map(|part| part.split_once('='))
}

/// Any content as the word of a link.
pub fn word_of(content: &[u8]) -> String {
    base64url::print(&seal(VERSION, &compress_to_vec(content, LEVEL)))
}

/// The content of a link's word, of so many bytes at the most. Blanks around the word are passed over.
///
/// # Errors
/// What is wrong with it.
pub fn content_of(word: &str, most_bytes: usize) -> Result<Vec<u8>, LinkError> {
    let word = word.trim();
    if word.is_empty() {
        return Err(LinkError::Empty);
    }
    if word.len() > MOST_CHARACTERS {
        return Err(LinkError::TooLong);
    }
    let bytes = base64url::read(word)?;
    let body = unseal(&bytes, word.len())?;
    decompress_to_vec_with_limit(body, most_bytes).map_err(|error| match error.status {
        miniz_oxide::inflate::TINFLStatus::HasMoreOutput => LinkError::TooLong,
        _ => LinkError::Content("what is compressed in it"),
    })
}

/// Puts version, checksum and length before a content that is compressed already.
pub fn seal(version: u8, body: &[u8]) -> Vec<u8> {
    let mut summed = vec![version];
    write_unsigned_varint(&mut summed, body.len() as u32);
    summed.extend_from_slice(body);
    let mut bytes = vec![version];
    bytes.extend_from_slice(&crc32c(&summed).to_be_bytes());
    bytes.extend_from_slice(&summed[1..]);
    bytes
}

/// The compressed content. `characters` is the length of the word, to be told when it is not whole.
fn unseal(bytes: &[u8], characters: usize) -> Result<&[u8], LinkError> {
    let cut_off = LinkError::CutOff { characters };
    let (head, mut body) = bytes.split_at_checked(5).ok_or(cut_off.clone())?;
    let version = head[0];
    let mut summed = vec![version];
    summed.extend_from_slice(body);
    let is_whole = crc32c(&summed).to_be_bytes() == head[1..];
    if is_whole && version != VERSION {
        return Err(LinkError::OtherVersion(version));
    }
    let length = read_unsigned_varint(&mut body).ok_or(cut_off.clone())? as usize;
    match body.len() {
        _ if is_whole && body.len() == length => Ok(body),
        has if has < length && version == VERSION => Err(cut_off),
        _ => Err(LinkError::Damaged),
    }
}
