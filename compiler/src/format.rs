//! Text to the same text in canonical form: the Dictum language, and JSON.
//!
//! There are no options but the width. What comes out means what went in, with the same words in the same order: only white
//! space changes, and the comma behind the last entry of a list goes. Every comment stays beside the token that it stood
//! beside, behind it in its line or before it on lines of its own. At most one blank line is kept between items. Formatting
//! what was formatted changes nothing.
//!
//! ```text
//! text -> tokens and comments -> Atoms -> layout (shared with whoever prints a tree) -> text
//!      -> tree: where items and the lines of tests begin
//! ```

mod atom;
mod part;
mod table;
mod item;
mod json;

use bumpalo::Bump;

use crate::diagnostic::Diagnostic;
use crate::source::{Notation, SourceId};
use crate::syntax::dsl;

pub use crate::print::layout::WIDTH;

/// The canonical form of a text, with lines of at most `width` characters as far as its words allow; for JSON, the width
/// makes no difference. Lines end in LF, the last one too; a text without tokens and comments becomes the empty text.
///
/// O(bytes).
///
/// # Errors
/// The faults of syntax, with places in `source`: what cannot be read is not formatted.
pub fn format(notation: Notation, text: &[u8], source: SourceId, width: usize) -> Result<String, Vec<Diagnostic>> {
    let arena = Bump::new();
    match notation {
        Notation::Json => json::format(text, source, &arena),
        Notation::Dictum => {
            let (file, errors) = dsl::parse(text, source, &arena);
            match std::str::from_utf8(text) {
                Ok(text) if errors.is_empty() => Ok(item::file(&file, text, source, width, &arena)),
                _ => Err(errors),
            }
        }
    }
}

#[cfg(test)]
mod tests;
