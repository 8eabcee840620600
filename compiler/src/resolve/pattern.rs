//! Parts of a text to the pieces of a pattern: how wildcards are read where (RES-5, RES-6, CND-60), and the normal form.

use super::variable::Part;
use crate::pattern::{Pattern, PatternKind, Piece};

/// A pattern of conditions: `Plain`, `Like` or `Arn`. `text` is what the parts were made of.
pub(super) fn condition(text: &str, parts: &[Part<'_>], kind: PatternKind) -> Pattern {
    let pieces = match kind {
        PatternKind::Arn if text == "*" => vec![Piece::Run],
        PatternKind::Arn if parts.iter().any(|part| matches!(part, Part::Variable { .. })) => {
            glob(parts, kind, |_| Piece::ArnOne, |_| Piece::ArnRun)
        }
        // CND-60: in the first five components neither wildcard matches a colon, in the sixth both do.
        PatternKind::Arn => glob(
            parts,
            kind,
            |at| if at.colons < 5 { Piece::OneNotColon } else { Piece::One },
            |at| if at.colons < 5 { Piece::RunNotColon } else { Piece::Run },
        ),
        PatternKind::Like => glob(parts, kind, |_| Piece::One, |_| Piece::Run),
        PatternKind::Plain | PatternKind::Resource => plain(parts),
    };
    Pattern { text: text.to_owned(), kind, pieces }
}

/// A resource entry that is not `*`; the parts are padded already (RES-8).
pub(super) fn resource(text: &str, parts: &[Part<'_>]) -> Pattern {
    let pieces = glob(
        parts,
        PatternKind::Resource,
        |at| if at.colons < 5 { Piece::OneNotColon } else { Piece::One },
        // RES-6: the last character of its field may run on past colons.
        |at| if at.colons < 5 && !at.ends_field { Piece::RunNotColon } else { Piece::Run },
    );
    Pattern { text: text.to_owned(), kind: PatternKind::Resource, pieces }
}

/// Where a wildcard stands.
struct At {
    /// Colons of policy text before it.
    colons: usize,
    /// Whether a colon of policy text follows, or nothing. A variable that follows is neither, whatever its value.
    ends_field: bool,
}

/// Pieces of a text without wildcards.
fn plain(parts: &[Part<'_>]) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    for part in parts {
        match *part {
            Part::Text(text) | Part::Character(text) => pieces.text(text),
            Part::Variable { key, default, .. } => pieces.variable(key, default, false),
        }
    }
    pieces.finish()
}

/// Pieces of a text with wildcards, each read as the two functions say.
fn glob(parts: &[Part<'_>], kind: PatternKind, one: impl Fn(At) -> Piece, run: impl Fn(At) -> Piece) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let mut colons = 0;
    for (index, part) in parts.iter().enumerate() {
        match *part {
            Part::Text(text) => {
                let mut rest = text;
                while let Some(found) = rest.find(['*', '?']) {
                    pieces.text(&rest[..found]);
                    colons += count_colons(&rest[..found]);
                    let behind = &rest[found + 1..];
                    let ends_field = match parts.get(index + 1) {
                        _ if !behind.is_empty() => behind.starts_with(':'),
                        Some(Part::Text(next)) => next.starts_with(':'),
                        Some(Part::Character(_) | Part::Variable { .. }) => false,
                        None => true,
                    };
                    let at = At { colons, ends_field };
                    if rest.as_bytes()[found] == b'*' {
                        pieces.run(run(at));
                    } else {
                        pieces.one(one(at));
                    }
                    rest = behind;
                }
                pieces.text(rest);
                colons += count_colons(rest);
            }
            Part::Character(character) => pieces.text(character),
            // VAR-5.
            Part::Variable { key, default, .. } => {
                pieces.variable(key, default, kind == PatternKind::Resource && colons < 5);
            }
        }
    }
    pieces.finish()
}

pub(super) fn count_colons(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b':').count()
}

/// Pieces under construction, in normal form: texts joined, and each group of wildcards as its `One`s and then one `Run`.
/// The `One`s of a group are of one kind, for kinds change at colons only.
///
/// In a group a `Run` swallows a `RunNotColon`: `OneNotColon`s followed by both match what they match followed by `Run`.
#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    run: Option<Piece>,
}

impl Pieces {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.close_group();
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    fn one(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    fn run(&mut self, piece: Piece) {
        if self.run != Some(Piece::Run) {
            self.run = Some(piece);
        }
    }

    fn variable(&mut self, key: &str, default: Option<&str>, colon_free: bool) {
        self.close_group();
        self.pieces.push(Piece::Variable { key: key.to_owned(), default: default.map(str::to_owned), colon_free });
    }

    fn close_group(&mut self) {
        self.pieces.extend(self.run.take());
    }

    fn finish(mut self) -> Vec<Piece> {
        self.close_group();
        self.pieces
    }
}

/// Pieces as the tests write them.
#[cfg(test)]
pub(super) fn listing(pieces: &[Piece]) -> String {
    let show = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::One => "<1>".to_owned(),
        Piece::OneNotColon => "<1!>".to_owned(),
        Piece::Run => "<*>".to_owned(),
        Piece::RunNotColon => "<*!>".to_owned(),
        Piece::ArnOne => "<1a>".to_owned(),
        Piece::ArnRun => "<*a>".to_owned(),
        Piece::Variable { key, default, colon_free } => {
            let default = default.as_ref().map_or(String::new(), |default| format!("|{default}"));
            let bar = if *colon_free && !default.is_empty() { "|" } else { "" };
            format!("<{key}{default}{bar}{}>", if *colon_free { "!" } else { "" })
        }
    };
    pieces.iter().map(show).collect()
}
