//! Where lines end: the one place that knows the width of a page, shared by whoever writes the Dictum language.
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

/// Most characters of a line, as far as words allow.
pub const WIDTH: usize = 100;
/// Most characters of a line with several clauses: they are easier told apart on lines of their own.
pub const CONJUNCTION_WIDTH: usize = 80;
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
    /// What it begins with; may be empty.
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

    /// On one line; `None` where a comment ends a line.
    fn flat(&self) -> Option<String> {
        if !self.lead.is_alone() || !self.words.iter().all(Word::is_alone) {
            return None;
        }
        let mut line = self.lead.text.clone();
        for (index, word) in self.words.iter().enumerate() {
            let touches = line.is_empty() || index == 0 && self.opens;
            line.push_str(if touches { "" } else { " " });
            line.push_str(&word.text);
        }
        Some(line)
    }
}

/// A statement, or whatever has the form of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Lines of their own before it: doc comments, metadata.
    pub lines: Vec<String>,
    /// Its parts; the first stands at the margin. Never empty.
    pub parts: Vec<Part>,
    /// The conjunction behind `if`; empty where there is none.
    pub clauses: Vec<Part>,
}

/// Writes a statement and a line end, `margin` blanks from the left. O(its text).
pub fn statement(statement: &Statement, margin: usize, out: &mut String) {
    for line in &statement.lines {
        push_line(margin, line, out);
    }
    let flat_clauses = conjunction(&statement.clauses);
    let parts = statement.parts.iter().map(Part::flat);
    let all = parts.chain(flat_clauses.clone()).collect::<Option<Vec<_>>>().map(|parts| parts.join(" "));
    let is_good = |line: &String| match statement.clauses.len() {
        0 | 1 => fits(margin, line),
        _ => is_short(margin, line),
    };
    if let Some(line) = all.filter(is_good) {
        return push_line(margin, &line, out);
    }
    let inner = margin + INDENT;
    for (index, part) in statement.parts.iter().enumerate() {
        fill("", part, if index == 0 { margin } else { inner }, inner + INDENT, out);
    }
    match flat_clauses {
        None => {}
        Some(Some(line)) if statement.clauses.len() == 1 && fits(inner, &line) || is_short(inner, &line) => {
            push_line(inner, &line, out);
        }
        Some(_) => {
            let (first, rest) = statement.clauses.split_first().expect("there are clauses");
            // Deeper than `and`, where there is one.
            let deeper = inner + if rest.is_empty() { INDENT } else { 2 * INDENT };
            fill("if ", first, inner, deeper, out);
            rest.iter().for_each(|clause| fill("and ", clause, inner + INDENT, deeper, out));
        }
    }
}

/// The clauses on one line, with their `if`: `None` where there are none, `Some(None)` where a comment ends a line.
fn conjunction(clauses: &[Part]) -> Option<Option<String>> {
    let flat = || clauses.iter().map(Part::flat).collect::<Option<Vec<_>>>();
    (!clauses.is_empty()).then(|| flat().map(|clauses| format!("if {}", clauses.join(" and "))))
}

/// Writes a part and a line end: the first line at `margin`, the others at `inner`, as many words on each as it holds.
pub fn fill(prefix: &str, part: &Part, margin: usize, inner: usize, out: &mut String) {
    for comment in &part.lead.before {
        push_line(margin, comment, out);
    }
    let is_broken = part.flat().is_none_or(|line| !fits(margin + prefix.len(), &line));
    let mut line = Line::new(margin, out);
    line.push(prefix);
    line.push(&part.lead.text);
    // `is_open` tells whether another word may stand on the line, `touches` whether it does so without a blank.
    let mut is_open = !(part.opens && is_broken);
    let mut touches = part.lead.text.is_empty() || part.opens;
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
            line.end(inner);
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

/// The run that begins with a word. Inside a run that is the word alone, for a run that was begun goes on.
fn run_at(words: &[Word], index: usize) -> &[Word] {
    let is_inside = index > 0 && words[index - 1].keeps;
    let last = if is_inside { Some(index) } else { (index..words.len()).find(|&index| !words[index].keeps) };
    &words[index..last.map_or(words.len(), |last| last + 1)]
}

/// The line that is being written.
struct Line<'o> {
    out: &'o mut String,
    width: usize,
    is_blank: bool,
}

impl<'o> Line<'o> {
    fn new(margin: usize, out: &'o mut String) -> Line<'o> {
        out.extend(std::iter::repeat_n(' ', margin));
        Line { out, width: margin, is_blank: true }
    }

    /// Whether the words that are to stand together are better off on another line, that begins at `margin`.
    fn should_end(&self, margin: usize, blank: usize, words: &[Word]) -> bool {
        let widths = words.iter().map(|word| word.text.chars().count());
        // A long run is broken somewhere in any case: no need to look at all of it.
        let (mut run, mut first) = (0, None);
        for width in widths.take(WIDTH) {
            run += width + usize::from(first.is_some());
            first.get_or_insert(width);
        }
        let (first, room) = (first.unwrap_or(0), WIDTH.saturating_sub(self.width + blank));
        let would_help = self.width > margin;
        match () {
            () if self.is_blank || run <= room => false,
            () if margin + run <= WIDTH => would_help,
            () => first > room && would_help,
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.width += text.chars().count();
        self.is_blank &= text.is_empty();
    }

    fn comment(&mut self, comment: &str) {
        let blank = if self.is_blank { "" } else { " " };
        self.push(blank);
        self.push(comment);
    }

    fn end(&mut self, margin: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', margin));
        (self.width, self.is_blank) = (margin, true);
    }
}

fn fits(margin: usize, line: &str) -> bool {
    margin + line.chars().count() <= WIDTH
}

fn is_short(margin: usize, line: &str) -> bool {
    margin + line.chars().count() <= CONJUNCTION_WIDTH
}

fn push_line(margin: usize, line: &str, out: &mut String) {
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
        statement(it, margin, &mut out);
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
