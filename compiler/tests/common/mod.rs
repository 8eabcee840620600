//! The data beside the repository.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::Read;
use std::path::Path;

/// The text of a data file; `None`, with a word about it, where there is none.
pub fn data(name: &str) -> Option<String> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: no {}", path.display());
        return None;
    };
    let mut text = String::new();
    if name.ends_with(".gz") {
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("the file is whole");
    } else {
        text = String::from_utf8(bytes).expect("the file is text");
    }
    Some(text)
}

/// A line of a file of policies.
#[derive(serde::Deserialize)]
pub struct Line<'a> {
    /// The document, where it is JSON.
    #[serde(borrow)]
    pub document: Option<&'a serde_json::value::RawValue>,
    /// Its text, where it is none.
    pub raw: Option<String>,
}
