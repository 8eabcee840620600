//! Atoms to the parts of the layout: which tokens touch, which make one word, and where a list begins.

use crate::print::layout::{Part, Word};
use crate::syntax::dsl::Token;

use super::atom::Atom;

/// How an atom follows the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// A line may end between them.
    Break,
    /// With a blank, in one word.
    Blank,
    /// Without a blank.
    Touch,
}

/// One word of some atoms, unless comments part them.
pub(super) fn glued(atoms: &[Atom<'_>]) -> Part {
    part(atoms, atoms.len(), |_, _| None)
}

/// What begins with so many atoms that are not broken, and goes on with a list: lines may end behind its commas. Where that
/// is not so, `rule` says how the second of two atoms follows the first.
pub(super) fn part(atoms: &[Atom<'_>], lead: usize, rule: impl Fn(&Atom<'_>, &Atom<'_>) -> Option<Joint>) -> Part {
    let opens = lead < atoms.len() && lead > 0 && atoms[lead - 1].token == Token::LeftBracket;
    let mut words = Words::default();
    let mut depth = 0_usize;
    for (index, atom) in atoms.iter().enumerate() {
        let joint = match index.checked_sub(1).map(|before| &atoms[before]) {
            None => Joint::Break,
            Some(_) if index == lead && (!opens || words.list.len() == 1) => Joint::Break,
            Some(before) => match rule(before, atom) {
                Some(joint) => joint,
                None if before.comma && index > lead => Joint::Break,
                None => joint(before, atom),
            },
        };
        match atom.token {
            Token::GroupOpen | Token::LeftParenthesis => depth += 1,
            Token::GroupClose | Token::RightParenthesis => depth = depth.saturating_sub(1),
            _ => {}
        }
        words.push(atom, joint, depth > 0);
    }
    let mut list = words.list.into_iter();
    let first = list.next().unwrap_or_default();
    let words: Vec<Word> = list.collect();
    // A comment in the lead has broken it already: then the bracket stands among the words.
    Part { opens: opens && first.text.ends_with('[') && !words.is_empty(), lead: first, words }
}

/// What begins with so many atoms, and goes on with a list that may stand in brackets; one of several entries is broken
/// behind the bracket.
pub(super) fn list(atoms: &[Atom<'_>], lead: usize) -> Part {
    let behind = atoms.get(lead..).unwrap_or_default();
    let is_long = matches!(behind, [open, inner @ ..]
        if open.token == Token::LeftBracket && inner.iter().any(|atom| atom.comma));
    part(atoms, lead + usize::from(is_long), |_, _| None)
}

/// A clause, with the words before it. A list in brackets is broken behind the bracket; one without, of the members of a
/// group, before its first entry; what has no list is one word.
pub(super) fn clause(atoms: &[Atom<'_>]) -> Part {
    let value = atoms.iter().enumerate().find_map(|(index, atom)| match atom.token {
        Token::Equal | Token::NotEqual | Token::EqualIgnoreCase | Token::NotEqualIgnoreCase => Some(index + 1),
        Token::Less | Token::LessEqual | Token::Greater | Token::GreaterEqual => Some(index + 1),
        Token::In | Token::Like => Some(index + 1),
        Token::Is => Some(index + 2),
        _ => None,
    });
    let value = value.filter(|&value| value < atoms.len()).unwrap_or(atoms.len());
    let lead = match &atoms[value..] {
        [open, first, ..] if open.token == Token::LeftBracket && first.token != Token::RightBracket => value + 1,
        rest if rest.iter().any(|atom| atom.comma) => value,
        _ => atoms.len(),
    };
    part(atoms, lead, |_, _| None)
}

/// Whether two atoms touch where nothing says that a line may end between them.
fn joint(before: &Atom<'_>, atom: &Atom<'_>) -> Joint {
    let opens = matches!(before.token, Token::LeftParenthesis | Token::LeftBracket | Token::GroupOpen);
    let closes = matches!(atom.token, Token::RightParenthesis | Token::RightBracket | Token::GroupClose);
    let continues = matches!(atom.token, Token::GroupOpen | Token::Tail(_) | Token::Question);
    let is_call = atom.token == Token::LeftParenthesis
        && match before.token {
            // `json (x)` is a call of that name, `json(x)` is not.
            Token::Bare(text) => text != "json",
            Token::At(_) | Token::Json => true,
            _ => false,
        };
    let is_empty = before.token == Token::LeftBrace && atom.token == Token::RightBrace;
    match () {
        () if before.comma => Joint::Blank,
        () if opens || closes || continues || is_call || is_empty => Joint::Touch,
        () => Joint::Blank,
    }
}

/// The braces of an empty block.
pub(super) fn braces(before: &Atom<'_>, atom: &Atom<'_>) -> Option<Joint> {
    (before.token == Token::LeftBrace && atom.token == Token::RightBrace).then_some(Joint::Blank)
}

/// A part without the comments before it, which are written already.
pub(super) fn headless(mut part: Part) -> Part {
    part.lead.before.clear();
    part
}

#[derive(Default)]
struct Words {
    list: Vec<Word>,
}

impl Words {
    /// Adds an atom; `is_inside` tells whether its comma, if any, stands within a group or a call.
    fn push(&mut self, atom: &Atom<'_>, joint: Joint, is_inside: bool) {
        let comma = if atom.comma { "," } else { "" };
        let last = self.list.last_mut().filter(|last| last.after.is_none() && atom.before.is_empty());
        let after = atom.after.map(str::to_owned);
        let keeps = atom.comma && is_inside;
        match last {
            Some(last) if joint != Joint::Break => {
                last.text.push_str(if joint == Joint::Blank { " " } else { "" });
                last.text.push_str(atom.text);
                last.text.push_str(comma);
                (last.after, last.keeps) = (after, keeps);
            }
            _ => {
                let before = atom.before.iter().map(|note| note.text.to_owned()).collect();
                self.list.push(Word { before, text: format!("{}{comma}", atom.text), after, keeps });
            }
        }
    }
}
