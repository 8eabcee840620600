//! Paths of files and the URIs that clients call them by.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

/// The path that a `file:` URI names; `None` for any other URI, such as that of a text without a file.
pub fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // A host may stand before the path; only the empty one and `localhost` are this machine.
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let decoded = decoded(rest.starts_with('/').then_some(rest)?)?;
    // `/c:/x` is the path `c:/x` of a system with drives.
    let has_drive = matches!(decoded.as_bytes(), [b'/', drive, b':', ..] if drive.is_ascii_alphabetic());
    Some(PathBuf::from(if has_drive { &decoded[1..] } else { &decoded }))
}

/// The `file:` URI of an absolute path; `None` where the path is not absolute or not UTF-8.
pub fn of_path(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    let has_drive = matches!(text.as_bytes(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic());
    if !has_drive && !text.starts_with('/') {
        return None;
    }
    Uri::from_str(&format!("file://{}{}", if has_drive { "/" } else { "" }, encoded(&text))).ok()
}

/// A file of this name in the same folder; `None` for what is no name of a file.
pub fn sibling(uri: &Uri, name: &str) -> Option<Uri> {
    if name.contains(['/', '\\', '\0']) || name.starts_with('.') {
        return None;
    }
    let text = uri.as_str();
    let folder = text.rfind('/').map_or(0, |at| at + 1);
    Uri::from_str(&format!("{}{}", &text[..folder], encoded(name))).ok()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, tail) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => (digit(*high)? * 16 + digit(*low)?, tail),
            (b'%', _) => return None,
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    let encode = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_name_each_other() {
        for (text, uri) in [
            ("/a/b.dct", "file:///a/b.dct"),
            ("/a b/é#.json", "file:///a%20b/%C3%A9%23.json"),
            ("c:/x/y.dct", "file:///c:/x/y.dct"),
        ] {
            let made = of_path(Path::new(text)).unwrap();
            assert_eq!(made.as_str(), uri);
            assert_eq!(path(&made).unwrap(), Path::new(text));
        }
        assert_eq!(path(&Uri::from_str("file:///c%3A/x").unwrap()).unwrap(), Path::new("c:/x"));
    }

    #[test]
    fn what_is_no_file_has_no_path() {
        for text in ["untitled:Untitled-1", "file://server/share/x", "file:///a%zz", "file:///%ff"] {
            assert_eq!(Uri::from_str(text).ok().and_then(|uri| path(&uri)), None, "{text}");
        }
        assert_eq!(of_path(Path::new("a/b")), None);
    }

    #[test]
    fn siblings_lie_in_the_same_folder() {
        let uri = Uri::from_str("file:///a.b/c.json").unwrap();
        assert_eq!(sibling(&uri, "d é.dct").unwrap().as_str(), "file:///a.b/d%20%C3%A9.dct");
        for name in ["../x.dct", "a\\b", ".dct"] {
            assert_eq!(sibling(&uri, name), None, "{name}");
        }
    }
}
