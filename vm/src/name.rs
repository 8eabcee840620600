//! What texts of a request must look like, where policies and bundles ask too.

/// Whether a request can ask for this name (REQ-1).
pub fn is_action_name(service: &str, name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_name_byte = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b':' | b'*' | b'?');
    !service.is_empty()
        && service.bytes().all(is_plain)
        && !name.is_empty()
        && (name.bytes().all(is_name_byte)
            || !name.contains(|c: char| matches!(c, ':' | '*' | '?') || c.is_whitespace() || c.is_control()))
}
