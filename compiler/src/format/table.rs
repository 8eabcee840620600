//! The table of a test: its rows under each other, cell under cell where that fits.

use crate::print::layout::{self, INDENT, Part};
use crate::syntax::dsl::Token;

use super::atom::Atom;
use super::part::{braces, glued, headless, part};

/// `for (…) in [ … ] {`.
pub(super) struct Table<'t, 'a> {
    /// Up to the opening bracket.
    head: &'t [Atom<'a>],
    rows: Vec<&'t [Atom<'a>]>,
    /// From the closing bracket on.
    tail: &'t [Atom<'a>],
}

impl<'t, 'a> Table<'t, 'a> {
    /// Takes the atoms from `for` on apart.
    pub(super) fn new(atoms: &'t [Atom<'a>]) -> Table<'t, 'a> {
        let bracket = atoms.iter().position(|atom| atom.token == Token::LeftBracket);
        let (head, mut rest) = atoms.split_at(bracket.map_or(atoms.len(), |bracket| bracket + 1));
        let mut rows = Vec::new();
        while let Some(length) = row_length(rest) {
            let (row, behind) = rest.split_at(length);
            rows.push(row);
            rest = behind;
        }
        Table { head, rows, tail: rest }
    }

    /// As one part.
    pub(super) fn flat(&self, atoms: &[Atom<'_>]) -> Part {
        part(atoms, self.head.len(), braces)
    }

    /// Writes a line for each row.
    pub(super) fn write(&self, margin: usize, width: usize, out: &mut String) {
        let inner = margin + INDENT;
        layout::fill(&glued(self.head), margin, inner, width, out);
        let aligned = self.aligned(width.saturating_sub(inner));
        for (index, row) in self.rows.iter().enumerate() {
            let mut part = glued(row);
            if let Some(lines) = &aligned {
                part.lead.text.clone_from(&lines[index]);
            }
            layout::fill(&part, inner, inner + INDENT, width, out);
        }
        if let Some(close) = self.tail.first() {
            close.before.iter().for_each(|note| layout::push_line(inner, note.text, out));
        }
        layout::fill(&headless(part(self.tail, self.tail.len(), braces)), margin, inner, width, out);
    }

    /// The rows with the cells of a column under each other; `None` where a comment stands in a row, or where a row of the
    /// widest cells would have more than `room` characters.
    fn aligned(&self, room: usize) -> Option<Vec<String>> {
        let rows = self.rows.iter().map(|row| cells(row)).collect::<Option<Vec<_>>>()?;
        let mut widths: Vec<usize> = Vec::new();
        for row in &rows {
            for (column, cell) in row.iter().enumerate() {
                let width = cell.chars().count();
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        let blanks = widths.len().saturating_sub(1);
        if widths.iter().sum::<usize>() + blanks > room {
            return None;
        }
        let line = |row: &Vec<String>| {
            let mut line = String::new();
            for (cell, &width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:width$} "));
            }
            line.truncate(line.trim_end().len());
            line
        };
        Some(rows.iter().map(line).collect())
    }
}

/// The texts of a row's cells, with its parentheses and commas; `None` where a comment parts them.
fn cells(row: &[Atom<'_>]) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (index, atom) in row.iter().enumerate() {
        match atom.token {
            Token::LeftParenthesis | Token::GroupOpen => depth += 1,
            Token::RightParenthesis | Token::GroupClose => depth -= 1,
            _ => {}
        }
        let is_last = index + 1 == row.len();
        if atom.after.is_some() && !is_last || !atom.before.is_empty() && index > 0 {
            return None;
        }
        if is_last || atom.comma && depth == 1 {
            cells.push(glued(&row[start..=index]).lead.text);
            start = index + 1;
        }
    }
    Some(cells)
}

/// The atoms of the row that begins here.
fn row_length(atoms: &[Atom<'_>]) -> Option<usize> {
    let mut depth = 0;
    for (index, atom) in atoms.iter().enumerate() {
        match atom.token {
            Token::LeftParenthesis => depth += 1,
            Token::RightParenthesis => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (index > 0).then_some(index + 1);
        }
    }
    None
}
