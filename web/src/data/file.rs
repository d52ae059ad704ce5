//! A file of records that the reader has brought, and what is in it.

use std::sync::Arc;

use highwater_shell::data_file::{self, FileProblem, Preview};
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::sample;

/// A longer file stands in the script by its hash only.
const MOST_INLINE: usize = 1 << 20;

/// A file of records.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// What commands call it.
    pub name: String,
    /// What is in it.
    pub bytes: Arc<Vec<u8>>,
    /// Its SHA-256, if it is to stand in the script by that.
    pub sha256: Option<[u8; 32]>,
    /// What can be read of it.
    pub preview: Result<Preview, FileProblem>,
}

impl DataFile {
    /// The sample.
    pub async fn sample() -> Result<Self, String> {
        Ok(Self::new(sample::NAME.to_owned(), sample::fetch().await?, Some(sample::SHA256)))
    }

    /// A file that was opened or dropped.
    pub async fn read(file: web_sys::File) -> Result<Self, String> {
        let name = file_name(&file.name());
        let unreadable = || t!("data.could-not-be", name = file.name());
        if file.size() > data_file::MOST_BYTES as f64 {
            let bytes = file.size() as usize;
            let preview = Err(FileProblem::TooLong { bytes });
            return Ok(Self { name, bytes: Arc::default(), sha256: None, preview });
        }
        let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| unreadable())?;
        let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
        let sha256 = if bytes.len() > MOST_INLINE { digest(&bytes).await } else { None };
        Ok(Self::new(name, bytes, sha256))
    }

    fn new(name: String, bytes: Vec<u8>, sha256: Option<[u8; 32]>) -> Self {
        let preview = data_file::fields(&bytes, &name);
        Self { name, bytes: Arc::new(bytes), sha256, preview }
    }
}

/// The name without blanks and quotes, so that a command line can name it as it is.
fn file_name(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_alphanumeric() || "._-".contains(letter) { letter } else { '_' }
    };
    let name: String = name.chars().map(plain).collect();
    // A leading dash would be read as an option.
    name.trim_start_matches('-').to_owned()
}

/// SHA-256, where the browser offers it: it does not over an insecure connection.
async fn digest(bytes: &[u8]) -> Option<[u8; 32]> {
    let crypto = window().crypto().ok()?;
    let subtle = js_sys::Reflect::get(&crypto, &"subtle".into()).ok()?;
    let subtle: web_sys::SubtleCrypto = subtle.dyn_into().ok()?;
    let array = js_sys::Uint8Array::from(bytes);
    let promise = subtle.digest_with_str_and_buffer_source("SHA-256", &array).ok()?;
    let digest = js_sys::Uint8Array::new(&JsFuture::from(promise).await.ok()?).to_vec();
    digest.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_can_stand_in_a_command_line() {
        assert_eq!(file_name("my orders (1).csv"), "my_orders__1_.csv");
        assert_eq!(file_name("--rate.json"), "rate.json");
    }
}
