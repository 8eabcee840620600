//! Texts of the Dictum language with anything done to them: a policy or an error, never neither, and every place in the file.

use std::fs;

use bumpalo::Bump;
use dictum_compiler::expand::policies_of;
use dictum_compiler::read::Reader;
use dictum_compiler::source::Sources;
use dictum_compiler::syntax::dsl::KEYWORDS;
use dictum_compiler::{resolve_library, resolve_tree, testing};
use proptest::prelude::*;

/// The mistakes of the gallery, each a text to make others of.
fn texts() -> Vec<Vec<u8>> {
    let folder =
        fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../cli/tests/gallery")).expect("the gallery is there");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("it can be read").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "dct"));
    paths.sort();
    assert!(paths.len() > 100);
    let read = |path| fs::read(path).expect("it can be read");
    paths.iter().map(read).filter(|text| text.len() < 2_000).collect()
}

fn assert_told(text: &[u8]) {
    let mut sources = Sources::new();
    let file = sources.add_file("p.dct", text);
    let shared = Bump::new();
    let mut reader = Reader::new(&sources, &shared);
    let mut found = testing::read(&reader.files().tree(file)).1;
    found.extend(resolve_library(&mut reader, &sources, file));
    for document in policies_of(&sources, file, "p", None) {
        let arena = Bump::new();
        let mut reader = Reader::new(&sources, &shared);
        let (tree, diagnostics) = reader.read(&document, &arena);
        let (policy, diagnostics) = resolve_tree(tree.as_ref(), diagnostics, &sources, &document);
        let has_error = diagnostics.iter().any(|diagnostic| diagnostic.is_error());
        assert_eq!(policy.is_none(), has_error, "{}", String::from_utf8_lossy(text));
        found.extend(diagnostics);
    }
    for diagnostic in found {
        let place = diagnostic.span;
        assert!(place.start <= place.end && place.end as usize <= text.len(), "{diagnostic} {place:?}");
        diagnostic.render(&sources);
    }
}

/// What a fault may have been told as, or as the consequence of: without the faults a text is a policy.
#[test]
fn what_is_left_out_never_hides_the_only_error() {
    for text in [
        "test \"a\" {\n  as anonymous\n  do s3:Get on *\n  expect allow\n",
        "policy a {\n  let x = s3:Get\n  allow x on *\n}\npolicy b {\n  allow x on *\n}\n",
        "let any = s3:Get\nallow any on *\n",
        "test x {\n  expect allow\n}\n}\n",
        "/*/x\nallow s3:Get on *\n",
        "allow s3:Get on * if\n",
        "use \"c.dct\"\nallow c.x on *\n",
    ] {
        assert_told(text.as_bytes());
        let arena = Bump::new();
        let (_, errors) = dictum_compiler::syntax::dsl::parse(text.as_bytes(), Default::default(), &arena);
        let mut sources = Sources::new();
        let file = sources.add_file("p.dct", text);
        let shared = Bump::new();
        let mut reader = Reader::new(&sources, &shared);
        assert!(!errors.is_empty() || reader.files().has_errors(file), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_policy_or_an_error(
        index in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..KEYWORDS.len() + 40, 0usize..12), 1..6),
    ) {
        const SIGNS: [&str; 40] = [
            "{", "}", "[", "]", "(", ")", ",", "=", "==", "!=", "~=", "<", ">", "\"", "'", "“", "”", "#", "##", "//", "/*", "*/", "@",
            "?", ":", "${", "${a:b}", "*", " ", "\n", "\\", "\u{0}", "é", "$", ";", "&&", "!", "-5", "arn\"", "json(true)",
        ];
        let texts = texts();
        let mut bytes = index.get(&texts).clone();
        for (at, with, cut) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            let word = KEYWORDS.get(with).map_or_else(|| SIGNS[with - KEYWORDS.len()].to_owned(), |word| format!(" {word} "));
            bytes.splice(at..end, word.into_bytes());
        }
        assert_told(&bytes);
    }
}
