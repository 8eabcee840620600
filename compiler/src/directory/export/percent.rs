//! Percent-encoding (RFC 3986), in which the API gives documents.

/// The text of a document that stands in a string: as it is where it begins as a document does, with a brace, which the
/// encoding never leaves; else decoded. `None` for a `%` without two hexadecimal digits behind it.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.trim_start().starts_with('{') {
        return Some(text.into());
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            _ => byte,
        };
        decoded.push(byte);
    }
    Some(decoded)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_and_plain() {
        let decoded = |text| decode(text).map(|text| String::from_utf8(text).unwrap());
        assert_eq!(decoded("%7B%22A%22%3A%20%22s3%3A%2A+%C3%A9%22%7D").unwrap(), "{\"A\": \"s3:*+é\"}");
        assert_eq!(decoded(" {\"A\": \"%41\"}").unwrap(), " {\"A\": \"%41\"}");
        assert_eq!(decoded("").unwrap(), "");
        for text in ["%", "%4", "%4g", "a%é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
