//! Names of texts and results by their content, where chance and malice are both kept from making two things meet.
//!
//! The machine's own hash ([`dictum_vm::hash`]) is no such thing: whoever writes policies could aim at it.

use std::fmt;

/// The BLAKE3 digest of something. Who has two things of one digest has broken BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of a text as a whole.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Parts the digests of a [`Digester`] from those of texts: no text has one of them, whatever is written into it.
const KEY: &[u8; 32] = b"dictum: parts and what they are.";

/// Makes the digest of several parts. Each is marked with its kind, and texts with their lengths, so that other parts make
/// another digest even where their bytes in one row are the same.
#[derive(Clone, Debug)]
pub struct Digester(blake3::Hasher);

impl Default for Digester {
    fn default() -> Digester {
        Digester::new()
    }
}

impl Digester {
    /// No parts.
    pub fn new() -> Digester {
        Digester(blake3::Hasher::new_keyed(KEY))
    }

    /// A text.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Digester {
        self.marked(0, &(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// A number.
    pub fn number(&mut self, number: u64) -> &mut Digester {
        self.marked(1, &number.to_le_bytes())
    }

    /// Something that is known by its digest.
    pub fn digest(&mut self, digest: Digest) -> &mut Digester {
        self.marked(2, &digest.0)
    }

    /// The digest of the parts so far.
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }

    fn marked(&mut self, kind: u8, bytes: &[u8]) -> &mut Digester {
        self.0.update(&[kind]).update(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of these texts.
    fn of_texts(texts: &[&str]) -> Digest {
        let mut digester = Digester::new();
        texts.iter().for_each(|text| _ = digester.bytes(text.as_bytes()));
        digester.finish()
    }

    #[test]
    fn a_text_has_the_digest_that_the_world_knows() {
        let of_nothing = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        assert_eq!(Digest::of(b"").to_string(), of_nothing);
        assert_eq!(format!("{:?}", Digest::of(b"")), of_nothing);
        assert_ne!(Digest::of(b"a"), Digest::of(b"b"));
    }

    #[test]
    fn parts_are_no_text_in_a_row() {
        let texts: [&[&str]; 6] = [&[], &[""], &["", ""], &["ab", "c"], &["a", "bc"], &["abc"]];
        let mut digests: Vec<Digest> = texts.map(of_texts).into();
        let letters = u64::from_le_bytes(*b"abcdefgh");
        digests.push(Digester::new().number(letters).finish());
        digests.push(of_texts(&["abcdefgh"]));
        digests.push(Digester::new().digest(Digest([b'a'; 32])).finish());
        digests.push(of_texts(&["a".repeat(32).as_str()]));
        // What the parts are fed as is no text of the same digest either.
        digests.push(Digest::of(b""));
        digests.push(Digest::of(&[&[1][..], b"abcdefgh"].concat()));
        let count = digests.len();
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), count);
    }

    #[test]
    fn equal_parts_make_equal_digests() {
        assert_eq!(of_texts(&["a", "b"]), of_texts(&["a", "b"]));
        let mut digester = Digester::default();
        let first = digester.number(1).finish();
        assert_ne!(digester.number(2).finish(), first);
        assert_eq!(digester.finish(), Digester::new().number(1).number(2).finish());
    }
}
