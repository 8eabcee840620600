//! The compact form, compressed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::error::CatalogueError;

/// Compresses the text of a compact catalogue. The same text gives the same bytes.
pub fn pack(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

/// The text of a compact catalogue.
///
/// # Errors
/// Where the bytes are not compressed text, are more than [`CatalogueError::LIMIT`] unpacked, or go on behind it.
pub fn unpack(bytes: &[u8]) -> Result<String, CatalogueError> {
    let mut text = Vec::new();
    let mut decoder = ZlibDecoder::new(bytes).take(CatalogueError::LIMIT + 1);
    decoder.read_to_end(&mut text).map_err(|_| CatalogueError::Packed)?;
    if text.len() as u64 > CatalogueError::LIMIT {
        return Err(CatalogueError::Large);
    }
    if decoder.into_inner().total_in() != bytes.len() as u64 {
        return Err(CatalogueError::Packed);
    }
    String::from_utf8(text).map_err(|_| CatalogueError::Encoding)
}
