//! An ARN as a policy writes it: its fields, each with its place.

use dictum_compiler::source::Span;
use dictum_compiler::syntax::ast::Text;

/// The names of the fields, in order (RES-1).
pub const FIELDS: [&str; 6] = ["arn", "partition", "service", "region", "account", "resource"];

/// A text with colons between its fields, wildcards and variables included. One may have fewer than six (RES-8).
#[derive(Clone, Copy, Debug)]
pub struct Arn<'a> {
    /// The whole.
    pub text: Text<'a>,
    /// Where each field begins and ends.
    bounds: [(usize, usize); 6],
    count: usize,
}

impl<'a> Arn<'a> {
    /// The fields of a text; `None` unless it begins with `arn:`. A colon within `${…}` splits nothing (VAR-5).
    pub fn new(text: Text<'a>) -> Option<Arn<'a>> {
        text.text.starts_with("arn:").then_some(())?;
        let (mut bounds, mut count, mut start, mut is_inside) = ([(0, 0); 6], 0, 0, false);
        for (at, byte) in text.text.bytes().enumerate() {
            match byte {
                b'{' if text.text[..at].ends_with('$') => is_inside = true,
                b'}' => is_inside = false,
                b':' if !is_inside && count < 5 => {
                    bounds[count] = (start, at);
                    (count, start) = (count + 1, at + 1);
                }
                _ => {}
            }
        }
        bounds[count] = (start, text.text.len());
        Some(Arn { text, bounds, count: count + 1 })
    }

    /// How many of the six fields it has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The field of a number, from 0; empty where it is not there.
    pub fn field(&self, number: usize) -> &'a str {
        let (start, end) = self.bounds[number];
        if number < self.count { &self.text.text[start..end] } else { "" }
    }

    /// Where a field stands.
    pub fn span(&self, number: usize) -> Span {
        let (start, end) = self.bounds[number];
        if number < self.count { self.text.part(start, end) } else { self.text.span }
    }

    /// The partition.
    pub fn partition(&self) -> &'a str {
        self.field(1)
    }

    /// The service.
    pub fn service(&self) -> &'a str {
        self.field(2)
    }

    /// The region.
    pub fn region(&self) -> &'a str {
        self.field(3)
    }

    /// The account.
    pub fn account(&self) -> &'a str {
        self.field(4)
    }

    /// All behind the fifth colon.
    pub fn resource(&self) -> &'a str {
        self.field(5)
    }
}

/// Whether a text has a wildcard or a variable, and so is no one text.
pub fn is_open(text: &str) -> bool {
    text.contains(['*', '?']) || text.contains("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(text: &str) -> Option<Arn<'_>> {
        let span = Span { end: text.len() as u32 + 2, ..Span::default() };
        Arn::new(Text { span, text })
    }

    #[test]
    fn fields_are_split_at_the_first_five_colons() {
        let whole = arn("arn:aws:logs:eu-west-1:1:log-group:a:*").unwrap();
        assert_eq!((whole.count(), whole.service(), whole.resource()), (6, "logs", "log-group:a:*"));
        assert_eq!(whole.span(2), Span { start: 9, end: 13, ..Span::default() });
        let variable = arn("arn:*:kms:*:${aws:PrincipalAccount}:key/*").unwrap();
        assert_eq!((variable.account(), variable.resource()), ("${aws:PrincipalAccount}", "key/*"));
        let short = arn("arn:aws:s3").unwrap();
        assert_eq!((short.count(), short.service(), short.region()), (3, "s3", ""));
        assert!(arn("*").is_none());
    }
}
