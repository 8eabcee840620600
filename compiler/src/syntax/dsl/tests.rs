use bumpalo::Bump;

use super::*;

/// The faults of a text, a line each.
fn faults(text: &str) -> Vec<String> {
    let arena = Bump::new();
    let (_, errors) = parse(text.as_bytes(), SourceId(0), &arena);
    errors.iter().map(|error| format!("{}..{} {error}", error.span.start, error.span.end)).collect()
}

/// One parse finds every fault: each statement is picked up again.
#[test]
fn statements_are_picked_up_one_by_one() {
    let text =
        "allow s3:{Get* on *\n@x deny * on * if a:b = \"c\"\nlet = 3\nallow s3:Get iam:Get on *\nallow s3:Get on *";
    insta::assert_snapshot!(faults(text).join("\n"));
    let arena = Bump::new();
    let (file, _) = parse(text.as_bytes(), SourceId(0), &arena);
    assert!(file.items.iter().any(|item| item.span.end as usize == text.len()), "{file:#?}");
}

#[test]
fn doc_comments_go_with_their_item() {
    let text = "## a\n# b\n## c\nallow s3:Get on * # d\n## e\npolicy p {\n ## f\n deny * on *\n}";
    let arena = Bump::new();
    let (file, errors) = parse(text.as_bytes(), SourceId(0), &arena);
    assert_eq!(errors, []);
    let lines = |item: &Item<'_>| item.doc.iter().map(|line| line.text.to_owned()).collect::<Vec<_>>().join(" ");
    let ItemKind::Policy(block) = file.items[1].kind else { panic!("{file:#?}") };
    assert_eq!([lines(&file.items[0]), lines(&file.items[1]), lines(&block.items[0])], ["a c", "e", "f"]);
    assert_eq!(file.comments.len(), 6);
}
