//! Glob programs: patterns with literal text, wildcards and policy variables, matched against a whole text.
//!
//! Four places of a policy use them (semantics.md 3): resource entries, `StringLike`, the `Arn*` operators, and action
//! names. Which star may cross a colon was settled when the pattern was read; here a pattern is a run of pieces.
//!
//! ```text
//! word 0   form:4 | flags:4 | number of words:24
//! word 1   bytes of literal text, the least that a match can have
//! then     the pieces, each `tag:4 | operand:28`:
//!          Text      operand: bytes; the bytes follow, filled up with zeros to a word
//!          Variable  operand: 1 if its value may hold no colon; slot of the key, string id of the default + 1 or 0
//! ```
//!
//! The form says how to match, from the cheapest on. INVARIANT: every form takes time at most proportional to the
//! pattern's length times the text's (GLB-6).
//!
//! - `Any`, `Exact`, `Prefix`: one comparison.
//! - `Greedy`: up to the first `Run` there is one way to match; behind it each chunk between `Run`s goes to its leftmost
//!   place. That is right as long as every chunk takes a fixed number of characters.
//! - `Sets`: two sorts of star in one pattern. The set of all reachable positions, piece by piece; returning only to the
//!   last star would be wrong.

use alloc::vec::Vec;

use crate::words::{Strings, Words};

/// One piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// These bytes.
    Text(&'a [u8]),
    /// One character (GLB-4).
    One,
    /// One character but `:` (RES-5).
    OneNotColon,
    /// Any run of characters.
    Run,
    /// Any run of characters but `:` (RES-5).
    RunNotColon,
    /// `OneNotColon` while fewer than five colons stand before it, `One` afterwards (CND-61).
    ArnOne,
    /// `RunNotColon` while fewer than five colons stand before it, `Run` afterwards (CND-61).
    ArnRun,
    /// The value of a context key, literally (VAR-7, VAR-8).
    Variable {
        /// Slot of the key; [`NO_SLOT`] for a key that no request can carry (VAR-3).
        slot: u32,
        /// String id of the default.
        default: Option<u32>,
        /// A value with a `:` is unresolved (VAR-5).
        colon_free: bool,
    },
}

/// The slot of a variable whose key has no colon: it counts as absent (VAR-3).
pub const NO_SLOT: u32 = u32::MAX;

/// What a variable's key has in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable<'x> {
    /// The key is absent (CND-12 included).
    Absent,
    /// The key is multivalued (VAR-10).
    Many,
    /// The text of a single value.
    Text(&'x str),
}

/// Where variables get their values.
pub trait Variables<'x> {
    /// What the key of a slot has in the request.
    fn variable(&mut self, slot: u32) -> Variable<'x>;
}

/// For patterns without variables.
pub struct NoVariables;

impl<'x> Variables<'x> for NoVariables {
    fn variable(&mut self, _: u32) -> Variable<'x> {
        Variable::Absent
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
enum Form {
    Any = 0,
    Exact = 1,
    Prefix = 2,
    Greedy = 3,
    Sets = 4,
}

const HAS_VARIABLE: u32 = 1 << 4;
const IS_ARN: u32 = 1 << 5;
/// Words before the pieces.
const HEAD: usize = 2;
const VARIABLE_TAG: u32 = 7;

/// Appends the program of a pattern. `pieces` are in normal form: no empty text, no two `Run` in a row.
pub fn write(pieces: &[Piece<'_>], out: &mut Vec<u32>) {
    let start = out.len();
    out.extend(head_of(pieces.iter().copied()));
    for piece in pieces {
        match *piece {
            Piece::Text(text) => push_text(text, out),
            Piece::Variable { slot, default, colon_free } => {
                out.extend([VARIABLE_TAG | u32::from(colon_free) << 4, slot, default.map_or(0, |id| id + 1)]);
            }
            Piece::One => out.push(1),
            Piece::OneNotColon => out.push(2),
            Piece::Run => out.push(3),
            Piece::RunNotColon => out.push(4),
            Piece::ArnOne => out.push(5),
            Piece::ArnRun => out.push(6),
        }
    }
    out[start] |= ((out.len() - start) as u32) << 8;
}

/// Gives the slots and strings of a program's variables other numbers, in place: what [`write`] would have written with
/// them. Gives the number of words of the program, which begins with the first one.
pub fn renumber(words: &mut [u32], mut slot: impl FnMut(u32) -> u32, mut string: impl FnMut(u32) -> u32) -> usize {
    let Some(&head) = words.first() else { return 0 };
    let len = (head >> 8) as usize;
    if head & HAS_VARIABLE == 0 {
        return len;
    }
    let mut at = HEAD;
    while at < len {
        match words[at] & 0xF {
            0 => at += 1 + ((words[at] >> 4) as usize).div_ceil(4),
            VARIABLE_TAG => {
                if words[at + 1] != NO_SLOT {
                    words[at + 1] = slot(words[at + 1]);
                }
                if let Some(default) = words[at + 2].checked_sub(1) {
                    words[at + 2] = string(default) + 1;
                }
                at += 3;
            }
            _ => at += 1,
        }
    }
    len
}

/// The first two words of a program, the number of words left out.
fn head_of<'a>(pieces: impl Iterator<Item = Piece<'a>> + Clone) -> [u32; HEAD] {
    let (mut literal, mut flags) = (0, form_of(pieces.clone()) as u32);
    for piece in pieces {
        match piece {
            Piece::Text(text) => literal += text.len() as u32,
            Piece::Variable { .. } => flags |= HAS_VARIABLE,
            Piece::ArnOne | Piece::ArnRun => flags |= IS_ARN,
            _ => {}
        }
    }
    [flags, literal]
}

fn push_text(text: &[u8], out: &mut Vec<u32>) {
    out.push((text.len() as u32) << 4);
    for chunk in text.chunks(4) {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        out.push(u32::from_le_bytes(word));
    }
}

fn form_of<'a>(mut pieces: impl Iterator<Item = Piece<'a>> + Clone) -> Form {
    let mut first = pieces.clone();
    match (first.next(), first.next(), first.next()) {
        (Some(Piece::Run), None, _) => return Form::Any,
        (None | Some(Piece::Text(_)), None, _) => return Form::Exact,
        (Some(Piece::Text(_)), Some(Piece::Run), None) => return Form::Prefix,
        _ => {}
    }
    let mut behind_run = false;
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Run => behind_run = true,
            Piece::ArnOne | Piece::ArnRun => return Form::Sets,
            Piece::RunNotColon => {
                let whole_field =
                    matches!(pieces.clone().next(), Some(Piece::Text(text)) if text.first() == Some(&b':'));
                if behind_run || !whole_field {
                    return Form::Sets;
                }
            }
            _ => {}
        }
    }
    Form::Greedy
}

/// A program in a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Program<'x> {
    words: Words<'x>,
    strings: Strings<'x>,
}

impl<'x> Program<'x> {
    /// The program that begins at a word of a section.
    #[inline]
    pub fn at(section: Words<'x>, index: usize, strings: Strings<'x>) -> Self {
        let len = (section.at(index) >> 8) as usize;
        Program { words: section.slice(index..index + len), strings }
    }

    /// Number of words it takes.
    #[inline]
    pub fn word_count(self) -> usize {
        self.words.len()
    }

    /// Whether it matches everything.
    #[inline]
    pub fn is_any(self) -> bool {
        self.words.at(0) & 0xF == Form::Any as u32
    }

    /// Whether a policy variable is in it.
    #[inline]
    pub fn has_variables(self) -> bool {
        self.words.at(0) & HAS_VARIABLE != 0
    }

    /// How it is matched, for listings.
    pub fn form_name(self) -> &'static str {
        match self.words.at(0) & 0xF {
            0 => "any",
            1 => "exact",
            2 => "prefix",
            3 => "greedy",
            _ => "sets",
        }
    }

    /// Its pieces in order.
    #[inline]
    pub fn pieces(self) -> Pieces<'x> {
        Pieces { words: self.words, at: HEAD }
    }

    /// Whether every variable has a value for this request (VAR-9 to VAR-11).
    pub fn resolves(self, variables: &mut impl Variables<'x>) -> bool {
        self.pieces().all(|piece| !matches!(piece, Piece::Variable { .. }) || self.value(piece, variables).is_some())
    }

    /// Whether the whole text matches; a pattern with an unresolved variable matches nothing.
    #[inline]
    pub fn matches(self, text: &[u8], variables: &mut impl Variables<'x>) -> bool {
        let form = self.words.at(0) & 0xF;
        let literal = self.words.at(1) as usize;
        if form == Form::Any as u32 {
            return true;
        }
        if text.len() < literal {
            return false;
        }
        if form <= Form::Prefix as u32 {
            // One piece of text, or none.
            let wanted = self.words.bytes_at(HEAD + 1, literal);
            return if form == Form::Prefix as u32 { text.starts_with(wanted) } else { text == wanted };
        }
        if form == Form::Greedy as u32 {
            return self.greedy(text, variables);
        }
        if text.len() < 5 * 64 { self.sets::<5>(text, variables) } else { self.sets::<129>(text, variables) }
    }

    /// The literal bytes a text or variable piece stands for; `None` for an unresolved variable.
    pub(crate) fn value(self, piece: Piece<'x>, variables: &mut impl Variables<'x>) -> Option<&'x [u8]> {
        match piece {
            Piece::Text(text) => Some(text),
            Piece::Variable { slot, default, colon_free } => {
                let value = match variables.variable(slot) {
                    Variable::Many => return None,
                    Variable::Text(text) if !text.is_empty() => text.as_bytes(),
                    _ => self.strings.get(default?),
                };
                (!(colon_free && value.contains(&b':'))).then_some(value)
            }
            _ => None,
        }
    }

    fn greedy(self, text: &[u8], variables: &mut impl Variables<'x>) -> bool {
        let mut pieces = self.pieces();
        let mut at = 0;
        loop {
            let Some(piece) = pieces.next() else { return at == text.len() };
            match piece {
                Piece::Run => break,
                Piece::RunNotColon => match text[at..].iter().position(|&byte| byte == b':') {
                    Some(skip) => at += skip,
                    None => return false,
                },
                _ => match self.step(piece, text, at, variables) {
                    Some(next) => at = next,
                    None => return false,
                },
            }
        }
        // Behind a `Run`: chunk by chunk, each at its leftmost place; the last one at the end of the text.
        loop {
            let chunk = pieces.chunk();
            let is_last = pieces.next().is_none();
            let found = match chunk.single_text() {
                Some([]) => Some(if is_last { text.len() } else { at }),
                Some(literal) if is_last => (text[at..].ends_with(literal)).then_some(text.len()),
                Some(literal) => find(&text[at..], literal).map(|skip| at + skip + literal.len()),
                None => (at..=text.len()).filter(|&start| is_boundary(text, start)).find_map(|start| {
                    self.chunk_end(chunk, text, start, variables).filter(|&end| !is_last || end == text.len())
                }),
            };
            match found {
                Some(end) if is_last => return end == text.len(),
                Some(end) => at = end,
                None => return false,
            }
        }
    }

    fn chunk_end(
        self,
        chunk: Pieces<'x>,
        text: &[u8],
        start: usize,
        variables: &mut impl Variables<'x>,
    ) -> Option<usize> {
        let mut at = start;
        for piece in chunk {
            at = self.step(piece, text, at, variables)?;
        }
        Some(at)
    }

    /// Where a piece that takes a fixed number of characters ends.
    #[inline]
    fn step(self, piece: Piece<'x>, text: &[u8], at: usize, variables: &mut impl Variables<'x>) -> Option<usize> {
        match piece {
            Piece::One => next_character(text, at),
            Piece::OneNotColon => next_character(text, at).filter(|_| text[at] != b':'),
            _ => {
                let value = self.value(piece, variables)?;
                text[at..].starts_with(value).then_some(at + value.len())
            }
        }
    }

    fn sets<const N: usize>(self, text: &[u8], variables: &mut impl Variables<'x>) -> bool {
        if text.len() >= N * 64 {
            return false;
        }
        let mut from = Positions::<N>([0; N]);
        from.insert(0);
        let mut colons = 0;
        for piece in self.pieces() {
            let mut to = Positions::<N>([0; N]);
            let inside = colons < 5;
            match piece {
                Piece::Run => from.run(text, false, &mut to),
                Piece::RunNotColon => from.run(text, true, &mut to),
                Piece::ArnRun => from.run(text, inside, &mut to),
                Piece::One => from.one(text, false, &mut to),
                Piece::OneNotColon => from.one(text, true, &mut to),
                Piece::ArnOne => from.one(text, inside, &mut to),
                Piece::Text(_) | Piece::Variable { .. } => {
                    let Some(value) = self.value(piece, variables) else { return false };
                    colons += value.iter().filter(|&&byte| byte == b':').count();
                    for at in from.iter().filter(|&at| text[at..].starts_with(value)) {
                        to.insert(at + value.len());
                    }
                }
            }
            if to.0 == [0; N] {
                return false;
            }
            from = to;
        }
        // A value of an Arn operator that comes out with fewer than six components matches nothing (CND-63).
        from.contains(text.len()) && (self.words.at(0) & IS_ARN == 0 || colons >= 5)
    }
}

/// A set of positions in a text, `0..=len`.
struct Positions<const N: usize>([u64; N]);

impl<const N: usize> Positions<N> {
    fn insert(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn contains(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(i, &word)| {
            let mut rest = word;
            core::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then_some(i * 64 + bit)
            })
        })
    }

    fn one(&self, text: &[u8], not_colon: bool, to: &mut Self) {
        for at in self.iter() {
            if let Some(next) = next_character(text, at).filter(|_| !not_colon || text[at] != b':') {
                to.insert(next);
            }
        }
    }

    fn run(&self, text: &[u8], not_colon: bool, to: &mut Self) {
        let mut running = false;
        for at in 0..=text.len() {
            running |= self.contains(at);
            if running && is_boundary(text, at) {
                to.insert(at);
            }
            running &= !(not_colon && text.get(at) == Some(&b':'));
        }
    }
}

fn is_boundary(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| byte & 0xC0 != 0x80)
}

fn next_character(text: &[u8], at: usize) -> Option<usize> {
    text.get(at)?;
    let mut next = at + 1;
    while !is_boundary(text, next) {
        next += 1;
    }
    Some(next)
}

/// The leftmost place of a non-empty text in another. PERF: comparing at each place of the first byte wins on ARNs;
/// once that has cost more than a few passes, the standard library's two-way search takes over and keeps it linear.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let (&first, rest) = wanted.split_first()?;
    let mut work = 4 * (text.len() + wanted.len());
    let mut at = 0;
    while let Some(skip) = text.get(at..)?.iter().position(|&byte| byte == first) {
        at += skip;
        let behind = &text[at + 1..];
        let same = behind.iter().zip(rest).take_while(|(a, b)| a == b).count();
        if same == rest.len() {
            return Some(at);
        }
        work = work.saturating_sub(skip + same + 1);
        if work == 0 {
            let (text, wanted) = (core::str::from_utf8(&text[at..]).ok()?, core::str::from_utf8(wanted).ok()?);
            return text.find(wanted).map(|skip| at + skip);
        }
        at += 1;
    }
    None
}

/// The pieces of a program, or of a chunk of it.
#[derive(Clone, Copy)]
pub struct Pieces<'x> {
    words: Words<'x>,
    at: usize,
}

impl<'x> Pieces<'x> {
    /// Takes the pieces up to the next `Run` or the end.
    fn chunk(&mut self) -> Pieces<'x> {
        let start = self.at;
        loop {
            let before = self.at;
            match self.next() {
                Some(Piece::Run) | None => {
                    self.at = before;
                    return Pieces { words: self.words.slice(0..before), at: start };
                }
                Some(_) => {}
            }
        }
    }

    /// The text of a chunk that is nothing else.
    fn single_text(mut self) -> Option<&'x [u8]> {
        match (self.next(), self.next()) {
            (None, _) => Some(&[]),
            (Some(Piece::Text(text)), None) => Some(text),
            _ => None,
        }
    }
}

impl<'x> Iterator for Pieces<'x> {
    type Item = Piece<'x>;

    #[inline]
    fn next(&mut self) -> Option<Piece<'x>> {
        if self.at >= self.words.len() {
            return None;
        }
        let word = self.words.at(self.at);
        self.at += 1;
        Some(match word & 0xF {
            0 => {
                let len = (word >> 4) as usize;
                let text = self.words.bytes_at(self.at, len);
                self.at += len.div_ceil(4);
                Piece::Text(text)
            }
            1 => Piece::One,
            2 => Piece::OneNotColon,
            3 => Piece::Run,
            4 => Piece::RunNotColon,
            5 => Piece::ArnOne,
            6 => Piece::ArnRun,
            _ => {
                let (slot, default) = (self.words.at(self.at), self.words.at(self.at + 1).checked_sub(1));
                self.at += 2;
                Piece::Variable { slot, default, colon_free: word >> 4 & 1 == 1 }
            }
        })
    }
}

/// The programs of an instruction, one behind the other.
#[derive(Clone, Copy)]
pub(crate) struct Programs<'x> {
    words: Words<'x>,
    at: usize,
    strings: Strings<'x>,
}

impl<'x> Programs<'x> {
    pub fn new(words: Words<'x>, at: usize, strings: Strings<'x>) -> Self {
        Programs { words, at, strings }
    }
}

impl<'x> Iterator for Programs<'x> {
    type Item = Program<'x>;

    #[inline]
    fn next(&mut self) -> Option<Program<'x>> {
        if self.at >= self.words.len() {
            return None;
        }
        let program = Program::at(self.words, self.at, self.strings);
        self.at += program.word_count().max(1);
        Some(program)
    }
}

/// Whether the words begin with a well-formed program whose slots and strings exist; gives its length in words.
pub fn verify(words: Words<'_>, slot_count: u32, strings: Strings<'_>) -> Option<usize> {
    let head = words.at(0);
    let len = (head >> 8) as usize;
    if len < HEAD || len > words.len() {
        return None;
    }
    let program = Program { words: words.slice(0..len), strings };
    let mut at = HEAD;
    while at < len {
        let word = words.at(at);
        at += match word & 0xF {
            0 => {
                let bytes = (word >> 4) as usize;
                if bytes == 0 || bytes.div_ceil(4) > len - at - 1 {
                    return None;
                }
                core::str::from_utf8(words.bytes_at(at + 1, bytes)).ok()?;
                1 + bytes.div_ceil(4)
            }
            1..=6 if word >> 4 == 0 => 1,
            7 if word >> 5 == 0 && at + 3 <= len => {
                let (slot, default) = (words.at(at + 1), words.at(at + 2));
                if (slot >= slot_count && slot != NO_SLOT) || default as usize > strings.count() {
                    return None;
                }
                3
            }
            _ => return None,
        };
    }
    // What the form, the flags and the literal length say must be what the pieces say.
    let [flags, literal] = head_of(program.pieces());
    (head & 0xFF == flags && words.at(1) == literal).then_some(len)
}

#[cfg(test)]
mod tests;
