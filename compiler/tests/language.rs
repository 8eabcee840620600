//! The Dictum language against the JSON that it denotes: dsl.md by its examples, and what every form comes to.

use dictum_compiler::expand::policies_of;
use dictum_compiler::policy::Policy;
use dictum_compiler::source::{Document, PolicyType, Sources};
use dictum_compiler::{Diagnostics, resolve_document};

/// The policies of a file; what is wrong with it as rendered text.
fn read(sources: &Sources, documents: &[Document]) -> Result<Vec<Policy>, String> {
    let mut found = Vec::new();
    let mut policies = Vec::new();
    for document in documents {
        let (policy, diagnostics) = resolve_document(sources, document);
        policies.extend(policy);
        found.extend(diagnostics.into_iter().filter(|diagnostic| diagnostic.is_error()));
    }
    if found.is_empty() { Ok(policies) } else { Err(Diagnostics(found).render(sources)) }
}

fn dictum(text: &str, policy_type: Option<PolicyType>) -> Result<Vec<Policy>, String> {
    let mut sources = Sources::new();
    let file = sources.add_file("p.dct", text);
    let documents = policies_of(&sources, file, "p", policy_type);
    read(&sources, &documents)
}

fn json(text: &str, policy_type: PolicyType) -> Policy {
    let mut sources = Sources::new();
    let file = sources.add_file("p.json", text);
    let document = Document { name: "p".to_owned(), policy_type, source: file, range: sources.whole(file) };
    read(&sources, &[document]).unwrap_or_else(|errors| panic!("{errors}\n{text}")).remove(0)
}

/// A policy without its places.
fn shape(policy: &Policy) -> String {
    let text = format!("{policy:#?}");
    let mut out = String::new();
    let mut skip = 0;
    for line in text.lines() {
        if line.trim_start().starts_with("place: Place {") {
            skip = 5;
        }
        if skip > 0 {
            skip -= 1;
            continue;
        }
        out += line.trim_start();
        out.push('\n');
    }
    out
}

fn assert_denotes(text: &str, statements: &str, policy_type: PolicyType) {
    let document = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statements}}}");
    let policies = dictum(text, Some(policy_type)).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert_eq!(policies.len(), 1, "{text}");
    assert_eq!(shape(&policies[0]), shape(&json(&document, policy_type)), "{text}");
}

/// dsl.md, "A statement".
#[test]
fn the_six_examples_denote_their_json() {
    let examples = include_str!("language/six.dct");
    let documents = include_str!("language/six.json");
    let documents: Vec<&str> = documents.lines().collect();
    let examples: Vec<&str> = examples.split("\n# ---\n").collect();
    assert_eq!((examples.len(), documents.len()), (6, 6));
    for (example, statements) in examples.iter().zip(&documents) {
        let policy_type = if statements.contains("Principal\":{") { PolicyType::Trust } else { PolicyType::Identity };
        assert_denotes(example, statements, policy_type);
    }
}

/// The codes of what is wrong with a text.
fn codes(text: &str) -> Vec<String> {
    let errors = dictum(text, None).err().unwrap_or_default();
    let lines = errors.lines().filter_map(|line| line.strip_prefix("error[")?.split_once(']'));
    lines.map(|(code, _)| code.to_owned()).collect()
}

/// LIM-1: nothing that is too long or too much is left out in silence, whichever way it is written.
#[test]
fn limits_hold_for_what_names_and_groups_make() {
    let long = "a".repeat(8_193);
    let half = "a".repeat(4_097);
    for text in [
        format!("allow s3:{long} on *"),
        format!("allow \"s3:{long}\" on *"),
        format!("allow s3:{half}{{{half}, b}} on *"),
        format!("allow s3:* on * if a:b == \"{long}\""),
        format!("allow s3:* on * if \"a:{long}\" == \"c\""),
        format!("allow s3:* on * if a:b in [{}]", vec!["\"c\""; 65_537].join(", ")),
        format!("let l = {}\nallow l, l on *", vec!["s3:Get*"; 40_000].join(", ")),
        format!("allow s3:{{{}}}{{{}}} on *", vec!["a"; 101].join(","), vec!["b"; 100].join(",")),
        format!("allow s3:{}{{{}}} on *", "a".repeat(1_500), vec!["b"; 60_000].join(",")),
        "allow s3:* on *\n".repeat(65_537),
    ] {
        assert_eq!(codes(&text), ["E-LIMIT"], "{}", &text[..60]);
    }
    assert_eq!(codes(&format!("allow s3:{{{}}} on *", vec!["b"; 60_000].join(","))), [""; 0]);
}

/// A broken part is told once: it is not also an empty list, or a principal that is none.
#[test]
fn what_is_told_is_not_told_again() {
    for (text, expected) in [
        ("allow reads on *", "E-NAME"),
        ("allow s3:Get* from awss(111111111111)", "E-PRINCIPAL"),
        ("allow s3:{Get*} on *", "E-SYNTAX"),
        ("allow s3:Get* on * if a:b == c", "E-NAME"),
        ("allow s3:Get* on * if a:b like 10", "E-OPERATOR"),
        ("let a = a\nallow a, a on * if a:b in a", "E-NAME"),
        ("cond c = a:b == \"x\" and a:b == \"y\"\nallow s3:* on * if c\nallow s3:* on * if c", "E-DUPKEY"),
    ] {
        assert_eq!(codes(text), [expected], "{text}");
    }
}

/// A policy of a file, and what is wrong with it, its file and what it imports, as codes.
fn codes_of(files: &[(&str, &str)], policy: &str) -> Vec<&'static str> {
    let mut sources = Sources::new();
    let ids: Vec<_> = files.iter().map(|(name, text)| sources.add_file(*name, *text)).collect();
    let documents = policies_of(&sources, ids[0], "p", None);
    let document = documents.iter().find(|document| document.name == policy).expect("a policy of that name");
    let (found, diagnostics) = resolve_document(&sources, document);
    let codes: Vec<_> = diagnostics.iter().filter(|it| it.is_error()).map(|it| it.code.name()).collect();
    assert_eq!(found.is_none(), !codes.is_empty());
    codes
}

/// What stands in a block by mistake is no part of the language, nor is a policy without it the one that was meant.
#[test]
fn a_policy_beside_a_faulty_block_does_not_compile() {
    let text = "policy one { let admin = iam:* }\npolicy two { deny admin, s3:* on * }";
    assert_eq!(codes_of(&[("p.dct", text)], "two"), ["E-SYNTAX"]);
}

/// Along each of many ways to one file its faults are the same: they are told once, and soon.
#[test]
fn imports_that_meet_again_are_told_once() {
    let chain = (0..60).map(|at| {
        let next = format!("{}.dct", at + 1);
        (format!("{at}.dct"), format!("use \"{next}\" as a\nuse \"{next}\" as b\nallow s3:* on *\n"))
    });
    let mut files: Vec<(String, String)> = chain.collect();
    files.push(("60.dct".to_owned(), "let x = y".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(codes_of(&files, "p"), ["E-NAME"]);
}

/// What an import leads to is read as the language only if it is of it, and an import is no name by itself.
#[test]
fn imports_are_of_the_language_and_no_names() {
    let json = ("j.json", "{\"Version\": \"2012-10-17\", \"Statement\": []}");
    let text = "use \"j.json\" as j\nallow j.x on *";
    assert_eq!(codes_of(&[("p.dct", text), json], "p"), ["E-IMPORT"]);
    let text = "use \"c.dct\" as common\nallow common on *";
    assert_eq!(codes_of(&[("p.dct", text), ("c.dct", "let x = s3:*")], "p"), ["E-NAME"]);
}

/// A condition is never left out for what stands in it.
#[test]
fn an_empty_list_behind_a_sign_for_one_value_is_told() {
    for sign in ["==", "!=", "<"] {
        assert_eq!(codes(&format!("allow s3:* on * if a:b {sign} []")), ["E-OPERATOR"], "{sign}");
    }
    assert_eq!(codes("let none = []\nallow s3:* on * if a:b == none"), ["E-OPERATOR"]);
    assert_eq!(codes("let none = zz\nallow s3:* on * if a:b == none"), ["E-NAME"]);
    assert_eq!(codes("allow s3:* on * if a:b == zz"), ["E-NAME"]);
}

/// Before `except` stands `*` and no more; behind `is` a bare text is as little a string as elsewhere.
#[test]
fn what_looks_like_the_right_text_is_not_taken_for_it() {
    assert_eq!(codes("deny *{a, b} except iam:Get* on *"), ["E-SYNTAX"]);
    assert_eq!(codes("deny num\"*\" except iam:Get* on *"), ["E-SYNTAX"]);
    assert_eq!(codes("allow s3:* on * if a:b is StringLike foo*"), ["E-VALUE"]);
    assert_eq!(codes("allow s3:* on * if a:b is StringLike ${aws:username}"), ["E-VALUE"]);
    assert_eq!(codes("allow s3:* on * if a:b is NumericEquals [5, num\"+5\", \"6\"]"), [""; 0]);
}

#[test]
fn what_is_a_literal_as_a_value_is_no_name() {
    assert_eq!(codes("let true = \"x\"\nallow s3:* on * if a:b == true"), ["E-NAME"]);
    assert_eq!(codes("cond false = a:b exists\nallow s3:* on * if false"), ["E-NAME"]);
}

/// Typed strings choose operators, and stand where there are none to choose nowhere.
#[test]
fn typed_strings_are_values() {
    assert_eq!(codes("allow bool\"s3:*\" on *"), ["E-ACTION"]);
    assert_eq!(codes("allow json(1) on *"), ["E-ACTION"]);
    assert_eq!(codes("deny * except date\"s3:*\" on *"), ["E-ACTION"]);
    assert_eq!(codes("allow s3:* on date\"*\""), ["E-RESOURCE"]);
    let text = "let home = arn\"arn:aws:s3:::a b\"\nallow s3:* on home if aws:SourceArn == home";
    let json = r#"[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::a b","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::a b"}}}]"#;
    assert_denotes(text, json, PolicyType::Identity);
}

/// Every unknown name is told; for a near one all known names are searched a few times only.
#[test]
fn many_unknown_names_are_told_soon() {
    let lets: String = (0..400).map(|at| format!("let name{at:03} = s3:Get{at}\n")).collect();
    let uses: String = (0..400).map(|at| format!("allow nam{at:03}x on *\n")).collect();
    let errors = dictum(&(lets + &uses), None).expect_err("no name is known");
    assert_eq!((errors.matches("error[E-NAME]").count(), errors.matches("did you mean").count()), (400, 100));
}

/// Among principals a name is a bare word as a whole: not what stands in quotes, nor what a group makes another text of.
#[test]
fn only_a_bare_word_names_principals() {
    for term in ["partners{a, b}", "\"partners\"", "arn\"partners\"", "json(partners)"] {
        let text = format!(
            "let partners = aws(111122223333)\nlet p = service(x.amazonaws.com), {term}\nallow s3:Get* from p on *"
        );
        assert_eq!(codes(&text), ["E-PRINCIPAL"], "{term}");
    }
}

/// What orders the members of JSON names each once, or the document would have one of them twice.
#[test]
fn no_order_names_a_member_twice() {
    assert_eq!(codes("@json(\"Action\", \"Action\", \"Effect\")\nallow s3:Get* on *"), ["E-DUPKEY"]);
    assert_eq!(codes("@json(\"Action\") @json(\"Effect\")\nallow s3:Get* on *"), ["E-DUPKEY"]);
    assert_eq!(codes("policy p order=\"Statement, Statement\" { allow s3:Get* on * }"), ["E-DUPKEY"]);
}

#[test]
fn two_negated_comparisons_are_told_their_list() {
    for (one, other, list) in [
        ("!= \"a\"", "!= \"b\"", "not in […]"),
        ("not like \"a*\"", "not like \"b*\"", "not like […]"),
        ("!~= \"a\"", "!~= \"b\"", "!~= […]"),
        ("is StringNotEqualsIfExists \"a\"", "is StringNotEqualsIfExists \"b\"", "not in […]"),
    ] {
        let errors = dictum(&format!("deny s3:* on * if a:b {one} and a:b {other}"), None).expect_err("it is twice");
        assert!(errors.contains(&format!("write `{list}`: it holds where")), "{errors}");
    }
}

/// Where an editor shows a new line the compiler sees one, or says that it does not.
#[test]
fn no_carriage_return_hides_a_statement() {
    for text in [
        "# a comment\rallow * on *\ndeny s3:Put* on *",
        "@\"Sid\r\" allow s3:Get* on *",
        "allow s3:Get* on * if a:b == \"x\ry\"",
    ] {
        assert_eq!(codes(text), ["E-SYNTAX"], "{text:?}");
    }
    assert_eq!(codes("# a comment\r\nallow s3:Get*\r\n  on *\r\n"), [""; 0]);
    assert_eq!(codes("# a comment\r\nallow s3:Get* on * # the end\r"), [""; 0]);
}

#[test]
fn a_doc_comment_has_a_line_of_its_own() {
    let text = "## of the file\ntype identity ## of the type\n## of the first\nallow s3:Get* on * ## behind it\nallow s3:Put* on *";
    let arena = bumpalo::Bump::new();
    let (tree, errors) = dictum_compiler::syntax::dsl::parse(text.as_bytes(), Default::default(), &arena);
    assert_eq!(errors, []);
    let docs: Vec<Vec<&str>> =
        tree.items.iter().map(|item| item.doc.iter().map(|line| line.text.trim()).collect()).collect();
    assert_eq!(docs, [vec!["of the first"], vec![]]);
}

#[test]
fn a_policy_has_a_name() {
    assert_eq!(codes("policy \"\" { allow s3:Get* on * }"), ["E-NAME"]);
}

/// What nothing uses is held to the same rules, and keeps its file from compiling.
#[test]
fn what_is_not_used_is_checked() {
    for (item, code) in [
        ("cond c = aws:x is StringEqual \"a\"", "E-OPERATOR"),
        ("cond c = aws:* == \"a\"", "E-CONDKEY"),
        ("cond c = aws:x == 1 and aws:x == 2", "E-DUPKEY"),
        ("cond c = aws:SourceIp in [10.0.0.0/33]", "E-VALUE"),
        ("let l = s*:Get", "E-ACTION"),
        ("let p = aws(arn:aws:iam::111111111111:group/g)", "E-PRINCIPAL"),
    ] {
        assert_eq!(codes(&format!("{item}\nallow s3:Get* on *")), [code], "{item}");
        let two = format!("{item}\npolicy a {{ allow s3:Get* on * }}\npolicy b {{ allow s3:Put* on * }}");
        assert_eq!(codes(&two), [code, code], "each policy by itself: {item}");
    }
    assert_eq!(codes("let a = arn:aws:sns\nallow s3:* on * if a:b is StringLike a"), [""; 0]);
    assert_eq!(codes("let p = aws(111111111111)\nlet q = p, service(x.amazonaws.com)\nallow s3:* on *"), [""; 0]);
}

/// LIM-1: what names bring in is bounded over all policies together, and no policy that lacks something is taken for good.
#[test]
fn the_budget_of_names_is_told_for_every_policy_that_it_fails() {
    let entries = vec!["s3:Get*"; 60_000].join(", ");
    let uses = |at: usize| format!("policy p{at} {{ deny l on * }}\n");
    let good = dictum_compiler::limits::NAMED_ENTRIES_MAX / 60_000;
    let blocks: String = (0..good + 3).map(uses).collect();
    let text = format!("let l = {entries}\n{blocks}policy plain {{ deny s3:Put* on * }}");
    let mut sources = Sources::new();
    let file = sources.add_file("p.dct", text);
    let documents = policies_of(&sources, file, "p", None);
    let shared = bumpalo::Bump::new();
    let mut reader = dictum_compiler::read::Reader::new(&sources, &shared);
    for (at, document) in documents.iter().enumerate() {
        let arena = bumpalo::Bump::new();
        let (tree, found) = reader.read(document, &arena);
        let (policy, found) = dictum_compiler::resolve_tree(tree.as_ref(), found, &sources, document);
        let codes: Vec<_> = found.iter().filter(|it| it.is_error()).map(|it| it.code.name()).collect();
        let is_good = at < good || document.name == "plain";
        assert_eq!(
            (policy.is_some(), codes.as_slice()),
            (is_good, if is_good { &[][..] } else { &["E-LIMIT"] }),
            "{at}"
        );
    }
}
