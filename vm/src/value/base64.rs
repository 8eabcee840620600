//! Base64 of BinaryEquals (CND-49): validity only.
//!
//! Strict base64 (RFC 4648, section 4, padded, unused bits zero) is a bijection between bytes and valid texts. So two
//! valid texts are equal exactly where their bytes are, and nothing ever needs decoding: BinaryEquals is equality of
//! texts, both of them valid.

/// Whether a text is strict base64. The empty text is (no bytes).
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return false;
    }
    // The last character before padding holds 4 or 2 bits that belong to no byte.
    let (digits, unused_bits) = match bytes {
        [digits @ .., b'=', b'='] => (digits, 0b1111),
        [digits @ .., b'='] => (digits, 0b11),
        digits => (digits, 0),
    };
    let last = digits.last().and_then(|&byte| value(byte)).unwrap_or(0);
    digits.iter().all(|&byte| value(byte).is_some()) && last & unused_bits == 0
}

/// The six bits a character stands for.
fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// CND-49.
    #[test]
    fn valid_texts() {
        for text in ["", "QmluYXJ5", "qmluyxj5", "QQ==", "QUI=", "////", "++++", "AAA=", "AA==", "AAAAQQ=="] {
            assert!(is_valid(text), "{text}");
        }
    }

    /// CND-49: no missing or stray padding, blanks, other alphabets or non-zero unused bits.
    #[test]
    fn malformed_texts() {
        for text in [
            "Binary",
            "A",
            "QQ",
            "QQ=",
            "QUI",
            "QR==",
            "QUJ=",
            "====",
            "A===",
            "=",
            "==",
            "QQ==QQ==",
            "Q=Q=",
            "Q Q=",
            " QQ==",
            "QQ==\n",
            "QQ=\n",
            "-___",
            "QmluYXJ5=",
            "QmluYXJ5====",
            "QQQé",
            "\u{ff21}A==",
            "===A",
            "QQ=A",
        ] {
            assert!(!is_valid(text), "{text:?}");
        }
    }

    /// The plain reading of RFC 4648, to compare with.
    fn encode(bytes: &[u8]) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let group =
                chunk.iter().chain([0, 0].iter()).take(3).fold(0, |group, &byte| group << 8 | usize::from(byte));
            for i in 0..4 {
                let digit = ALPHABET[group >> (18 - 6 * i) & 63];
                text.push(if i <= chunk.len() { char::from(digit) } else { '=' });
            }
        }
        text
    }

    /// The bijection: of all texts of one group, exactly the encodings of one, two and three bytes are valid.
    #[test]
    fn valid_texts_and_bytes_are_one_to_one() {
        let mut texts = BTreeMap::new();
        for a in 0..=255 {
            texts.insert(encode(&[a]), 1);
            for b in 0..=255 {
                texts.insert(encode(&[a, b]), 2);
            }
        }
        assert_eq!(texts.len(), 256 + 65_536);
        assert!(texts.keys().all(|text| is_valid(text)));

        let alphabet: Vec<u8> = (0..128).filter(|&b| value(b).is_some()).collect();
        assert_eq!(alphabet.len(), 64);
        let mut valid = 0;
        for &a in &alphabet {
            for &b in &alphabet {
                let text: String = [a, b, b'=', b'='].map(char::from).into_iter().collect();
                valid += usize::from(is_valid(&text));
                for &c in &alphabet {
                    let text: String = [a, b, c, b'='].map(char::from).into_iter().collect();
                    valid += usize::from(is_valid(&text));
                }
            }
        }
        assert_eq!(valid, texts.len());
    }
}
