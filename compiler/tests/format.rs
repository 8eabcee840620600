//! What formatting promises, for random files of the Dictum language and for all policies there are.

use bumpalo::Bump;
use dictum_compiler::format::{WIDTH, format};
use dictum_compiler::print::{self, Shape, Spacing};
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Notation, PolicyType, SourceId, Sources};
use dictum_compiler::syntax::dsl::{self, Token};
use proptest::prelude::*;

mod common;
#[path = "format/soup.rs"]
mod soup;

const SOURCE: SourceId = SourceId(0);

fn formatted(notation: Notation, text: &str, width: usize) -> String {
    format(notation, text.as_bytes(), SOURCE, width).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}

/// The tree of a file without its places.
fn tree(text: &str) -> String {
    let arena = Bump::new();
    let (file, errors) = dsl::parse(text.as_bytes(), SOURCE, &arena);
    assert_eq!(errors, [], "{text}");
    let shown = format!("{file:?}");
    let mut out = String::with_capacity(shown.len());
    let mut rest = shown.as_str();
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('}').expect("a span ends");
        rest = &rest[at + end + 1..];
    }
    out + rest
}

/// Tokens as they are written, but for commas before a closing bracket; each comment stands where it stood, the commas around
/// it aside.
fn words(text: &str) -> Vec<String> {
    let arena = Bump::new();
    let (tokens, comments) = dsl::tokens(text, SOURCE, &arena);
    let mut comments = comments.iter().peekable();
    let mut words: Vec<String> = Vec::new();
    for (index, (span, token)) in tokens.iter().enumerate() {
        while let Some(comment) = comments.next_if(|comment| comment.span.start < span.start) {
            words.push(comment.text.to_owned());
        }
        let is_habit = tokens.get(index + 1).is_some_and(|(_, next)| *next == Token::RightBracket);
        match token {
            Token::Comma if is_habit => {}
            // Directly behind what it stands behind.
            Token::Comma => {
                let last =
                    words.iter().rposition(|word| !word.starts_with('#')).expect("a token stands before a comma");
                words[last].push(',');
            }
            _ => words.push(text[span.start as usize..span.end as usize].to_owned()),
        }
    }
    words.extend(comments.map(|comment| comment.text.to_owned()));
    words
}

/// Whether each comment stands alone on its line.
fn own_lines(text: &str) -> Vec<bool> {
    let arena = Bump::new();
    let (_, comments) = dsl::tokens(text, SOURCE, &arena);
    let before = |start: usize| text[..start].rsplit('\n').next().unwrap_or_default();
    comments.iter().map(|comment| before(comment.span.start as usize).trim().is_empty()).collect()
}

fn holds(text: &str, width: usize) -> Result<(), TestCaseError> {
    let once = formatted(Notation::Dictum, text, width);
    prop_assert_eq!(&formatted(Notation::Dictum, &once, width), &once, "of {}", text);
    prop_assert_eq!(tree(&once), tree(text), "of {}", text);
    prop_assert_eq!(words(&once), words(text), "of {}", text);
    for (before, after) in own_lines(text).into_iter().zip(own_lines(&once)) {
        prop_assert!(!before || after, "a comment has lost its line: {} of {}", once, text);
    }
    prop_assert!(once.is_empty() || once.ends_with('\n'));
    prop_assert!(!once.contains("\n\n\n") && !once.starts_with('\n') && !once.ends_with("\n\n"), "{}", once);
    prop_assert!(once.lines().all(|line| line == line.trim_end()), "{}", once);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn random_files_keep_their_meaning(tape in prop::collection::vec(any::<u16>(), 0..600), width in 20_usize..120) {
        holds(&soup::file(&tape), width)?;
    }
}

proptest! {
    #[test]
    fn random_json_keeps_its_value(tape in prop::collection::vec(any::<u16>(), 0..200)) {
        let text = soup::json(&tape);
        let once = formatted(Notation::Json, &text, 100);
        prop_assert_eq!(&formatted(Notation::Json, &once, 100), &once);
        prop_assert_eq!(without_blanks(&once), without_blanks(&text));
    }
}

/// A JSON text without white space between its tokens.
fn without_blanks(text: &str) -> String {
    let mut out = String::new();
    let (mut in_string, mut escaped) = (false, false);
    for character in text.chars() {
        if in_string || !character.is_whitespace() {
            out.push(character);
        }
        in_string ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
    }
    out
}
/// The policies of the data: a printed one is formatted already, and its JSON keeps its value and the order of its members.
#[test]
fn all_policies_are_formatted() {
    for (name, least) in [("managed-policies.jsonl.gz", 1_500), ("wild-policies.jsonl.gz", 1_000)] {
        let Some(text) = common::data(name) else { return };
        let mut count = 0;
        for line in text.lines() {
            let line: common::Line = serde_json::from_str(line).unwrap();
            if let Some(document) = line.document {
                count += policy(document.get());
            }
        }
        assert!(count >= 4 * least, "{name}: {count}");
    }
}

/// How many texts of the language were made of it.
fn policy(text: &str) -> usize {
    let mut count = 0;
    let once = formatted(Notation::Json, text, WIDTH);
    assert_eq!(formatted(Notation::Json, &once, WIDTH), once);
    assert_eq!(without_blanks(&once), without_blanks(text));
    let mut sources = Sources::new();
    let file = sources.add_file("p.json", text);
    sources.add(PolicyType::Identity, "p", file, sources.whole(file));
    let arena = Bump::new();
    let (tree, errors) = Reader::new(&sources, &arena).read(sources.documents().next().unwrap(), &arena);
    let Some(tree) = tree.filter(|_| errors.is_empty()) else { return 0 };
    for shape in [Shape::Normal, Shape::Exact] {
        if let Some(printed) = print::json(&tree, shape, Spacing::Pretty) {
            assert_eq!(formatted(Notation::Json, &printed, WIDTH), format!("{printed}\n"));
        }
        // Not every tree is one of a policy.
        let texts = [print::dsl(&tree, "p", None, shape), print::dsl_in_block(&tree, "a b", None, shape)];
        for printed in texts.iter().flatten() {
            assert_eq!(&formatted(Notation::Dictum, printed, WIDTH), printed, "of {text}");
            count += 1;
        }
    }
    count
}
