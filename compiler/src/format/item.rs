//! Files, blocks and items as lines.

use bumpalo::Bump;

use crate::print::layout::{self, INDENT, Part, Statement};
use crate::source::{SourceId, Span};
use crate::syntax::dsl::Token;
use crate::syntax::dsl::tree::{File, Item, ItemKind};

use super::atom::{Atom, Note, atoms};
use super::part::{Joint, braces, clause, glued, headless, list, part};
use super::table::Table;

/// Formats a file, given its tree.
pub(super) fn file(file: &File<'_>, text: &str, source: SourceId, width: usize, arena: &Bump) -> String {
    let atoms = atoms(text, source, arena);
    let mut writer = Writer { atoms: &atoms.list, width, out: String::with_capacity(text.len()), is_first: true };
    if let Some(line) = file.policy_type {
        let atoms = writer.take(line.span.end);
        writer.begin(atoms, 0);
        writer.fill(glued(atoms), 0);
    }
    writer.items(file.items, 0);
    writer.notes(&atoms.end, 0);
    writer.out
}

/// What has been written, and the atoms that are still to be.
struct Writer<'t, 'a> {
    atoms: &'t [Atom<'a>],
    width: usize,
    out: String,
    /// Whether nothing has been written yet of the file or of the block, so that no blank line is due.
    is_first: bool,
}

impl<'t, 'a> Writer<'t, 'a> {
    /// The atoms before a place.
    fn take(&mut self, end: u32) -> &'t [Atom<'a>] {
        let count = self.atoms.partition_point(|atom| atom.span.end <= end);
        let (taken, rest) = self.atoms.split_at(count);
        self.atoms = rest;
        taken
    }

    fn blank_line(&mut self, is_apart: bool) {
        if is_apart && !self.is_first {
            self.out.push('\n');
        }
        self.is_first = false;
    }

    /// Comments on lines of their own between items.
    fn notes(&mut self, notes: &[Note<'_>], margin: usize) {
        for note in notes {
            self.blank_line(note.is_apart);
            layout::push_line(margin, note.text, &mut self.out);
        }
    }

    /// What stands before an item or a line of a test, which begins with the first of these atoms.
    fn begin(&mut self, atoms: &[Atom<'_>], margin: usize) {
        if let Some(first) = atoms.first() {
            self.notes(&first.before, margin);
            self.blank_line(first.is_apart);
        }
    }

    /// The comments before an atom, for a part that begins with it and does not repeat them.
    fn before(&mut self, atom: &Atom<'_>, margin: usize) {
        atom.before.iter().for_each(|note| layout::push_line(margin, note.text, &mut self.out));
    }

    /// A part that begins a line. The comments before it have been written.
    fn fill(&mut self, part: Part, margin: usize) {
        layout::fill(&headless(part), margin, margin + INDENT, self.width, &mut self.out);
    }

    fn items(&mut self, items: &[Item<'_>], margin: usize) {
        for item in items {
            let (atoms, body) = match item.kind {
                ItemKind::Policy(block) => self.head(block.body),
                ItemKind::Test(test) => self.head(test.body),
                _ => (self.take(item.span.end), None),
            };
            self.begin(atoms, margin);
            match item.kind {
                ItemKind::Policy(_) => self.policy(atoms, margin),
                ItemKind::Test(_) => self.test(atoms, margin),
                ItemKind::Statement(_) => self.statement(atoms, margin),
                ItemKind::Cond(_) => self.cond(atoms, margin),
                ItemKind::Let(_) | ItemKind::Use(_) => self.fill(named(atoms), margin),
            }
            if let Some(body) = body {
                self.body(&item.kind, body, margin);
            }
        }
    }

    /// The atoms of a block up to its opening brace, and where its body is; of an empty block all, and nothing.
    fn head(&mut self, body: Span) -> (&'t [Atom<'a>], Option<Span>) {
        let count = self.atoms.partition_point(|atom| atom.span.start <= body.start);
        let is_empty = match &self.atoms[count - 1..] {
            [open, close, ..] => open.after.is_none() && close.before.is_empty() && close.span.end == body.end,
            _ => false,
        };
        if is_empty { (self.take(body.end), None) } else { (self.take(body.start + 1), Some(body)) }
    }

    /// What stands between the braces of a block, and the closing one.
    fn body(&mut self, kind: &ItemKind<'_>, body: Span, margin: usize) {
        self.is_first = true;
        match kind {
            ItemKind::Policy(block) => self.items(block.items, margin + INDENT),
            ItemKind::Test(test) => test.lines.iter().for_each(|line| self.test_line(line.span, margin + INDENT)),
            _ => {}
        }
        if let [close, ..] = self.take(body.end) {
            self.notes(&close.before, margin + INDENT);
            self.is_first = false;
            self.fill(headless(glued(std::slice::from_ref(close))), margin);
        }
    }

    fn cond(&mut self, atoms: &[Atom<'_>], margin: usize) {
        let mut clauses = clauses(atoms);
        clauses[0] = headless(std::mem::take(&mut clauses[0]));
        layout::conjunction(&clauses, margin, margin + INDENT, self.width, &mut self.out);
    }

    fn statement(&mut self, atoms: &[Atom<'_>], margin: usize) {
        let (heads, atoms) = heads(atoms);
        for (index, head) in heads.iter().enumerate() {
            if index > 0 {
                self.before(&head[0], margin);
            }
            self.fill(glued(head), margin);
        }
        if !heads.is_empty() {
            self.before(&atoms[0], margin);
        }
        let mut statement = Statement::default();
        for run in runs(atoms, |token| matches!(token, Token::From | Token::On | Token::If)) {
            if run[0].token == Token::If {
                statement.clauses = clauses(run);
                continue;
            }
            let opening = |atom: &Atom<'_>| matches!(atom.token, Token::Allow | Token::Deny);
            let word = run.iter().position(opening).unwrap_or(0);
            let except = run.iter().position(|atom| atom.token == Token::Except);
            statement.parts.push(list(run, except.unwrap_or(word) + 1));
        }
        statement.parts[0] = headless(std::mem::take(&mut statement.parts[0]));
        layout::statement(&statement, margin, self.width, &mut self.out);
    }

    fn policy(&mut self, head: &[Atom<'_>], margin: usize) {
        let is_assign = |atom: &Atom<'_>| atom.token == Token::Assign;
        let rule = |before: &Atom<'_>, atom: &Atom<'_>| match () {
            () if is_assign(before) || is_assign(atom) => Some(Joint::Touch),
            () => braces(before, atom),
        };
        self.fill(part(head, head.len(), rule), margin);
    }

    fn test(&mut self, head: &[Atom<'_>], margin: usize) {
        let mut parts = Vec::new();
        let mut table = None;
        for run in runs(head, |token| matches!(token, Token::Under | Token::For)) {
            match run[0].token {
                Token::Under => parts.push(part(run, 1, |before, atom| match atom.token {
                    Token::LeftBracket => Some(Joint::Touch),
                    _ => braces(before, atom),
                })),
                Token::For => {
                    let found = Table::new(run);
                    parts.push(found.flat(run));
                    table = Some(found);
                }
                _ => parts.push(part(run, run.len(), braces)),
            }
        }
        parts[0] = headless(std::mem::take(&mut parts[0]));
        if layout::one_line(&parts, margin, self.width, &mut self.out) {
            return;
        }
        parts.truncate(parts.len() - usize::from(table.is_some()));
        for (index, part) in parts.iter().enumerate() {
            let margin = if index == 0 { margin } else { margin + INDENT };
            layout::fill(part, margin, margin + INDENT, self.width, &mut self.out);
        }
        if let Some(table) = table {
            table.write(margin + INDENT, self.width, &mut self.out);
        }
    }

    fn test_line(&mut self, span: Span, margin: usize) {
        let atoms = self.take(span.end);
        self.begin(atoms, margin);
        let begins = |token: Token<'_>| matches!(token, Token::On | Token::Account | Token::By);
        self.fill(part(atoms, 1, |_, atom| begins(atom.token).then_some(Joint::Break)), margin);
    }
}

/// `let NAME = LIST`, and `use`.
fn named(atoms: &[Atom<'_>]) -> Part {
    match atoms.iter().position(|atom| atom.token == Token::Assign) {
        Some(assign) => list(atoms, assign + 1),
        None => glued(atoms),
    }
}

/// A conjunction, each clause with the words before it.
fn clauses(atoms: &[Atom<'_>]) -> Vec<Part> {
    runs(atoms, |token| token == Token::And).into_iter().map(clause).collect()
}

/// Cuts before each token that begins something.
fn runs<'t, 'a>(atoms: &'t [Atom<'a>], begins: impl Fn(Token<'a>) -> bool) -> Vec<&'t [Atom<'a>]> {
    let mut cuts: Vec<usize> = (1..atoms.len()).filter(|&at| begins(atoms[at].token)).collect();
    cuts.insert(0, 0);
    cuts.push(atoms.len());
    cuts.windows(2).map(|cut| &atoms[cut[0]..cut[1]]).collect()
}

/// The Sids and metadata of a statement that stand on lines of their own: all up to the last metadata. And the rest.
fn heads<'t, 'a>(atoms: &'t [Atom<'a>]) -> (Vec<&'t [Atom<'a>]>, &'t [Atom<'a>]) {
    let mut heads = Vec::new();
    let (mut at, mut own) = (0, 0);
    while matches!(atoms[at].token, Token::At(_)) {
        let rest = &atoms[at..];
        let is_metadata = rest.get(1).is_some_and(|next| next.token == Token::LeftParenthesis);
        let is_close = |atom: &Atom<'_>| atom.token == Token::RightParenthesis;
        let length = if is_metadata { rest.iter().position(is_close).unwrap_or(0) + 1 } else { 1 };
        heads.push(&rest[..length]);
        at += length;
        if is_metadata {
            own = heads.len();
        }
    }
    heads.truncate(own);
    let length = heads.iter().map(|head| head.len()).sum();
    (heads, &atoms[length..])
}
