//! The pages about the language: their examples denote the JSON beside them, and their grammar has every token.

use bumpalo::Bump;
use dictum_compiler::diagnostic::{Diagnostic, Diagnostics};
use dictum_compiler::expand::policies_of;
use dictum_compiler::format::{WIDTH, format};
use dictum_compiler::limits;
use dictum_compiler::print::{self, Shape, Spacing};
use dictum_compiler::read::Reader;
use dictum_compiler::source::{Notation, SourceId, Sources};
use dictum_compiler::syntax::dsl::{KEYWORDS, STRING_TYPES};
use dictum_compiler::{resolve_library, resolve_tree, testing};
use serde_json::{Value, json};

const REFERENCE: &str = include_str!("../../docs/language.md");
const FROM_JSON: &str = include_str!("../../docs/iam-to-dictum.md");
const README: &str = include_str!("../../README.md");
const GRAMMAR: &str = include_str!("../src/syntax/dsl.lalrpop");

/// What stands behind the fence of a block, and the block.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("\n```") {
        let (info, text) = rest[at + 4..].split_once('\n').expect("a fence ends its line");
        let end = text.find("\n```").expect("a block is closed");
        found.push((info, &text[..=end]));
        rest = &text[end + 4..];
    }
    found
}

/// The JSON of a file's one policy, exactly; `None` of a library. `files` stand beside it.
fn denoted(text: &str, files: &[(&str, &str)]) -> Option<Value> {
    let mut sources = Sources::new();
    let file = sources.add_file("example.dct", text);
    for (name, text) in files {
        sources.add_file(*name, *text);
    }
    let shared = Bump::new();
    let mut reader = Reader::new(&sources, &shared);
    let mut found = testing::read(&reader.files().tree(file)).1;
    let documents = policies_of(&sources, file, "example", None);
    let json = match &documents[..] {
        [] => {
            found.extend(resolve_library(&mut reader, &sources, file));
            None
        }
        [document] => {
            let arena = Bump::new();
            let (tree, diagnostics) = reader.read(document, &arena);
            found.extend(resolve_tree(tree.as_ref(), diagnostics, &sources, document).1);
            let json = tree.and_then(|tree| print::json(&tree, Shape::Exact, Spacing::Pretty));
            json.map(|json| serde_json::from_str(&json).expect("what is printed is JSON"))
        }
        _ => panic!("an example holds one policy:\n{text}"),
    };
    found.retain(Diagnostic::is_error);
    assert!(found.is_empty(), "{}\n{text}", Diagnostics(found).render(&sources));
    json
}

/// A block of JSON as the document that it stands for: statements have a policy around them, which has its Version.
fn document(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    match value {
        Value::Array(statements) => json!({"Version": "2012-10-17", "Statement": statements}),
        value if value.get("Effect").is_some() => json!({"Version": "2012-10-17", "Statement": [value]}),
        value => value,
    }
}

/// A lone statement in brackets: what a policy in the language denotes, unless it says otherwise.
fn in_brackets(mut document: Value) -> Value {
    if document["Statement"].is_object() {
        document["Statement"] = json!([document["Statement"]]);
    }
    document
}

fn assert_denotes(example: &str, files: &[(&str, &str)], json: &str) {
    let denoted = denoted(example, files).unwrap_or_else(|| panic!("no policy:\n{example}"));
    let wanted = document(json);
    assert!(denoted == wanted || denoted == in_brackets(wanted.clone()), "{denoted:#}\nis not\n{wanted:#}\n{example}");
}

#[test]
fn the_reference_denotes_its_json() {
    let blocks = blocks(REFERENCE);
    let mut files = Vec::new();
    let mut pairs = 0;
    for (at, (info, text)) in blocks.iter().enumerate() {
        match info.split_once(' ') {
            Some(("dct", name)) => {
                assert_eq!(denoted(text, &files), None);
                files.push((name, *text));
            }
            None if *info == "dct" => match blocks.get(at + 1) {
                Some(("json", json)) => {
                    assert_denotes(text, &files, json);
                    pairs += 1;
                }
                _ => _ = denoted(text, &files),
            },
            _ => {}
        }
    }
    assert!(pairs >= 12, "{pairs} pairs");
}

#[test]
fn the_first_page_has_a_policy() {
    let examples: Vec<_> = blocks(README).into_iter().filter(|(info, _)| *info == "dct").collect();
    assert!(!examples.is_empty() && examples.iter().all(|(_, text)| denoted(text, &[]).is_some()));
}

#[test]
fn policies_side_by_side_are_equal() {
    let blocks = blocks(FROM_JSON);
    assert_eq!(blocks.len() % 2, 0);
    let pairs: Vec<_> = blocks.chunks(2).collect();
    assert!(pairs.len() >= 10, "{} pairs", pairs.len());
    for pair in pairs {
        let [("json", json), ("dct", text)] = pair else { panic!("{pair:?}") };
        assert_denotes(text, &[], json);
    }
}

#[test]
fn examples_are_in_canonical_form() {
    for (info, text) in [REFERENCE, FROM_JSON, README].into_iter().flat_map(blocks) {
        if info.split(' ').next() == Some("dct") {
            let formatted = format(Notation::Dictum, text.as_bytes(), SourceId(0), WIDTH);
            assert_eq!(formatted.as_deref(), Ok(text));
        }
    }
}

/// What the page calls a token of the grammar.
fn on_the_page(token: &str) -> String {
    match token {
        "bare" | "member" | "tail" | "numbered" | "string" | "typed" => token.to_uppercase(),
        "at" => "\"@\"".to_owned(),
        "{group" => "\"{\"".to_owned(),
        "group}" => "\"}\"".to_owned(),
        token => format!("\"{token}\""),
    }
}

#[test]
fn the_grammar_of_the_page_has_every_token() {
    let (_, page) = *blocks(REFERENCE).iter().find(|(info, _)| *info == "ebnf").expect("the page has a grammar");
    let tokens = GRAMMAR.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => Token::"));
    let tokens: Vec<&str> = tokens.map(|(name, _)| name).collect();
    assert!(tokens.len() > 50, "{tokens:?}");
    let missing: Vec<_> = tokens.iter().filter(|token| !page.contains(&on_the_page(token))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // And no word that there is not.
    let words = page
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| word.len() > 1 && word.bytes().all(|c| c.is_ascii_lowercase()));
    let unknown: Vec<_> = words.filter(|word| !KEYWORDS.contains(word) && !STRING_TYPES.contains(word)).collect();
    assert_eq!(unknown, ["json"]);
    let mut keywords = KEYWORDS.to_vec();
    keywords.sort_unstable();
    let line = REFERENCE.lines().find(|line| line.starts_with("name of one: `")).expect("the keywords are listed");
    let mut listed: Vec<&str> = line.split('`').nth(1).unwrap_or_default().split(' ').collect();
    listed.sort_unstable();
    assert_eq!(listed, keywords);
}

#[test]
fn the_limits_are_those_of_the_compiler() {
    let limits = [
        limits::DSL_FILE_BYTES_MAX,
        limits::NAMES_MAX,
        limits::GROUP_EXPANSIONS_MAX,
        limits::LIST_ENTRIES_MAX,
        limits::NAMED_ENTRIES_MAX,
        limits::PATTERN_BYTES_MAX,
        limits::PATTERN_STARS_MAX,
        limits::TEXT_BYTES_MAX,
        limits::DSL_ERRORS_MAX,
        limits::NAME_DEPTH_MAX,
        limits::IMPORT_DEPTH_MAX,
    ];
    for limit in limits {
        let digits = limit.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
        assert!(REFERENCE.contains(&groups.join(",")), "{limit}");
    }
    assert_eq!(limits::TEST_BYTES_MAX, 64 << 20);
}
