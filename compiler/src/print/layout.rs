//! Where lines end: the one place that knows how a page is filled, shared by whoever writes the Dictum language.
//!
//! A statement is a few parts, each a lead and a run of words; a word is never broken. What fits on one line stands on one
//! line. Else each part has a line of its own, and one that is still too long is filled, which costs the fewest lines:
//!
//! ```text
//! @Sid allow connect:{CreateUser,          lead `@Sid allow`, words `connect:{CreateUser,` `TagResource}`
//!     TagResource}
//!   on *                                   a part
//!   if aws:RequestTag/Department == "Test" clauses: together on a line where they fit, else a line each
//!     and all aws:TagKeys in [             a list that does not fit is broken behind its bracket
//!       "Department", "CostCenter"]
//! ```
//!
//! Comments can stand before and behind every word, and force the line to end.

/// Most characters of a line, as far as words allow, where nobody asks for another width.
pub const WIDTH: usize = 100;
/// Of that width so much is for a line with several clauses: they are easier told apart on lines of their own.
const CONJUNCTION_PERCENT: usize = 80;
/// Blanks before the parts of a statement, and before what stands in a block.
pub const INDENT: usize = 2;

/// A text that is never broken, and the comments that keep it company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Comments on lines of their own before it.
    pub before: Vec<String>,
    /// Itself, with the comma or bracket that touches it.
    pub text: String,
    /// A comment behind it, to the end of its line.
    pub after: Option<String>,
    /// Whether it belongs together with the next word, as in a brace group: such a run begins a new line where that saves it
    /// from being broken.
    pub keeps: bool,
}

impl Word {
    fn is_alone(&self) -> bool {
        self.before.is_empty() && self.after.is_none()
    }
}

impl From<String> for Word {
    fn from(text: String) -> Word {
        Word { text, ..Word::default() }
    }
}

/// A lead and what stands behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What it begins with; never empty.
    pub lead: Word,
    /// The rest.
    pub words: Vec<Word>,
    /// Whether the lead ends with an opening bracket: the first word touches it, and where the part is broken the line
    /// ends behind it.
    pub opens: bool,
}

impl Part {
    /// A part that is one text.
    pub fn of(text: impl Into<String>) -> Part {
        Part { lead: Word::from(text.into()), ..Part::default() }
    }

    /// On one line, and the comment at its end; `None` where another comment ends a line before.
    fn line(&self) -> Option<(String, Option<&str>)> {
        let (last, others) = self.words.split_last().map_or((&self.lead, None), |(last, rest)| (last, Some(rest)));
        let others = others.into_iter().flat_map(|rest| std::iter::once(&self.lead).chain(rest));
        if !last.before.is_empty() || !{ others }.all(Word::is_alone) {
            return None;
        }
        let mut line = self.lead.text.clone();
        for (index, word) in self.words.iter().enumerate() {
            line.push_str(if index == 0 && self.opens { "" } else { " " });
            line.push_str(&word.text);
        }
        Some((line, last.after.as_deref()))
    }
}

/// A statement, or whatever has the form of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Lines of their own before it: doc comments, metadata.
    pub lines: Vec<String>,
    /// Its parts; the first stands at the margin. Never empty.
    pub parts: Vec<Part>,
    /// The conjunction, each clause with its `if` or `and`; empty where there is none.
    pub clauses: Vec<Part>,
}

/// Writes a statement and a line end, `margin` blanks from the left. O(its text).
pub fn statement(statement: &Statement, margin: usize, width: usize, out: &mut String) {
    for line in &statement.lines {
        push_line(margin, line, out);
    }
    let all = statement.parts.iter().chain(&statement.clauses);
    if one_line(all, margin, clauses_width(statement.clauses.len(), width), out) {
        return;
    }
    let inner = margin + INDENT;
    for (index, part) in statement.parts.iter().enumerate() {
        fill(part, if index == 0 { margin } else { inner }, inner + INDENT, width, out);
    }
    conjunction(&statement.clauses, inner, inner + INDENT, width, out);
}

/// Writes clauses: on one line, or else the first at `margin` and the others at `inner`.
pub fn conjunction(clauses: &[Part], margin: usize, inner: usize, width: usize, out: &mut String) {
    let Some((first, rest)) = clauses.split_first() else { return };
    if !one_line(clauses, margin, clauses_width(clauses.len(), width), out) {
        // Deeper than the other clauses, where there are any.
        let deeper = INDENT + if rest.is_empty() { margin } else { inner };
        fill(first, margin, deeper, width, out);
        rest.iter().for_each(|clause| fill(clause, inner, deeper, width, out));
    }
}

/// The width of a line with so many clauses.
fn clauses_width(count: usize, width: usize) -> usize {
    if count > 1 { width * CONJUNCTION_PERCENT / 100 } else { width }
}

/// Writes parts on one line, if they fit; tells whether they do.
pub fn one_line<'p>(parts: impl IntoIterator<Item = &'p Part>, margin: usize, width: usize, out: &mut String) -> bool {
    let mut whole = String::new();
    let mut comment = None;
    for part in parts {
        let Some((line, end)) = part.line().filter(|_| comment.is_none()) else { return false };
        whole.push_str(if whole.is_empty() { "" } else { " " });
        whole.push_str(&line);
        comment = end;
        if !fits(margin, width, &whole) {
            return false;
        }
    }
    if let Some(comment) = comment {
        whole.push(' ');
        whole.push_str(comment);
    }
    push_line(margin, &whole, out);
    true
}

/// Writes a part and a line end: the first line at `margin`, the others at `inner`, as many words on each as it holds.
pub fn fill(part: &Part, margin: usize, inner: usize, width: usize, out: &mut String) {
    for comment in &part.lead.before {
        push_line(margin, comment, out);
    }
    let is_broken = part.line().is_none_or(|(line, _)| !fits(margin, width, &line));
    let mut line = Line::new(margin, width, out);
    line.push(&part.lead.text);
    // `is_open` tells whether another word may stand on the line, `touches` whether it does so without a blank.
    let mut is_open = !(part.opens && is_broken);
    let mut touches = part.opens;
    if let Some(comment) = &part.lead.after {
        line.comment(comment);
        is_open = false;
    }
    for (index, word) in part.words.iter().enumerate() {
        for comment in &word.before {
            line.end(inner);
            line.push(comment);
            is_open = false;
        }
        let blank = if touches { "" } else { " " };
        if is_open && !line.should_end(inner, blank.len(), run_at(&part.words, index)) {
            line.push(blank);
        } else {
            // A bracket stands alone only where a comment came before it.
            let closes = word.text.starts_with(['}', ']', ')']) || word.text == "{";
            line.end(if closes { margin } else { inner });
        }
        line.push(&word.text);
        (is_open, touches) = (true, false);
        if let Some(comment) = &word.after {
            line.comment(comment);
            is_open = false;
        }
    }
    out.push('\n');
}

/// The run that begins with a word; inside a run it is the word alone, for a run that was begun goes on.
fn run_at(words: &[Word], index: usize) -> &[Word] {
    let rest = &words[index..];
    if index > 0 && words[index - 1].keeps {
        return &rest[..1];
    }
    let last = rest.iter().position(|word| !word.keeps);
    &rest[..last.map_or(rest.len(), |last| last + 1)]
}

/// The line that is being written.
struct Line<'o> {
    out: &'o mut String,
    width: usize,
    used: usize,
}

impl<'o> Line<'o> {
    fn new(margin: usize, width: usize, out: &'o mut String) -> Line<'o> {
        out.extend(std::iter::repeat_n(' ', margin));
        Line { out, width, used: margin }
    }

    /// Whether the words that are to stand together are better off on another line, that begins at `margin`.
    fn should_end(&self, margin: usize, blank: usize, words: &[Word]) -> bool {
        let widths = words.iter().map(|word| word.text.chars().count());
        // A long run is broken somewhere in any case: no need to look at all of it.
        let (mut run, mut first) = (0, None);
        for width in widths.take(self.width) {
            run += width + usize::from(first.is_some());
            first.get_or_insert(width);
        }
        let (first, room) = (first.unwrap_or(0), self.width.saturating_sub(self.used + blank));
        let would_help = self.used > margin;
        match () {
            () if run <= room => false,
            () if margin + run <= self.width => would_help,
            () => first > room && would_help,
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.used += text.chars().count();
    }

    fn comment(&mut self, comment: &str) {
        self.push(" ");
        self.push(comment);
    }

    fn end(&mut self, margin: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', margin));
        self.used = margin;
    }
}

fn fits(margin: usize, width: usize, line: &str) -> bool {
    margin + line.len() <= width || margin + line.chars().count() <= width
}

/// Writes a line.
pub fn push_line(margin: usize, line: &str, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', margin));
    out.push_str(line);
    out.push('\n');
}

/// Makes some words a run that belongs together.
pub fn kept(mut words: Vec<Word>) -> Vec<Word> {
    let count = words.len().saturating_sub(1);
    words.iter_mut().take(count).for_each(|word| word.keeps = true);
    words
}

/// Puts `if` before the first of some clauses and `and` before the others.
pub fn joined(mut clauses: Vec<Part>) -> Vec<Part> {
    for (index, clause) in clauses.iter_mut().enumerate() {
        clause.lead.text.insert_str(0, if index == 0 { "if " } else { "and " });
    }
    clauses
}

/// Puts a comma behind all but the last of some words.
pub fn with_commas(mut words: Vec<Word>) -> Vec<Word> {
    let count = words.len().saturating_sub(1);
    words.iter_mut().take(count).for_each(|word| word.text.push(','));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[&str]) -> Vec<Word> {
        texts.iter().map(|text| Word::from((*text).to_owned())).collect()
    }

    fn list(lead: &str, count: usize, opens: bool) -> Part {
        let mut words: Vec<Word> = (0..count).map(|i| Word::from(format!("\"value-{i}\""))).collect();
        words = with_commas(words);
        if let Some(last) = words.last_mut().filter(|_| opens) {
            last.text.push(']');
        }
        Part { lead: Word::from(lead.to_owned()), words, opens }
    }

    fn shown(it: &Statement, margin: usize) -> String {
        let mut out = String::new();
        let it = Statement { clauses: joined(it.clauses.clone()), ..it.clone() };
        statement(&it, margin, WIDTH, &mut out);
        out
    }

    #[test]
    fn what_fits_stands_on_one_line() {
        let head = Part { lead: Word::from("allow".to_owned()), words: words(&["s3:*"]), opens: false };
        let clauses = vec![list("a:b in [", 2, true), Part::of("c:d exists")];
        let short = Statement { lines: vec!["## Why.".to_owned()], parts: vec![head, Part::of("on *")], clauses };
        assert_eq!(shown(&short, 0), "## Why.\nallow s3:* on * if a:b in [\"value-0\", \"value-1\"] and c:d exists\n");
    }

    #[test]
    fn what_does_not_fit_is_broken() {
        let head = list("allow", 12, false);
        let clauses = vec![list("a:b in [", 9, true), list("c:d like [", 2, true), Part::of("e:f exists")];
        let long = Statement { lines: vec![], parts: vec![head, Part::of("on *")], clauses };
        insta::assert_snapshot!(shown(&long, 2));
    }

    #[test]
    fn comments_end_lines() {
        let mut head = list("allow", 3, false);
        head.words[1].before = vec!["# before the second".to_owned(), "# and more".to_owned()];
        head.words[1].after = Some("# behind it".to_owned());
        let mut clause = list("a:b in [", 2, true);
        clause.lead.after = Some("# behind the bracket".to_owned());
        clause.words[1].after = Some("# at the end".to_owned());
        let parts = vec![head, Part::of("on *")];
        insta::assert_snapshot!(shown(&Statement { lines: vec![], parts, clauses: vec![clause] }, 0));
    }
}
