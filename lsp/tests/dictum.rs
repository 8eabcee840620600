//! Hovers, completions and names in `.dct` files.

mod common;

use common::{completions, cursor, first, hover, page};
use dictum_lsp::{fixes, navigate, outline, reformat, report};
use lsp_types::Location;

const COMMON: &str =
    "## All that reads.\nlet reads = s3:{Get*, List*}\ncond mfa = aws:MultiFactorAuthPresent == true\n";

const FILE: &str = r#"use "common.dct" as common
let nets = 10.0.0.0/8, 2001:db8::/32
cond office = aws:SourceIp in nets and common.mfa

## Everyone may read their own home.
@owner("team-data")
@ReadHome allow common.reads, kms:Decrypt
  on arn:aws:s3:::acme-home/${aws:username}/*
  if office and aws:PrincipalTag/team? == "blue"

@NoDelete deny s3:{Delete*, Put*}
  on arn:aws:s3:::acme-home/*
  if aws:RequestedRegion not in ["eu-central-1", "eu-west-1"]

test "ana reads" {
  as arn:aws:iam::123456789012:user/ana
  do s3:GetObject on arn:aws:s3:::acme-home/ana/x
  with aws:SourceIp = "10.1.2.3", aws:MultiFactorAuthPresent = true, aws:PrincipalTag/team = "blue"
  expect allow by ReadHome
}
"#;

/// The file with the cursor behind the first such text.
fn at(text: &str) -> String {
    assert!(FILE.contains(text), "{text}");
    FILE.replacen(text, &format!("{text}|"), 1)
}

#[test]
fn a_good_file_has_nothing_to_tell() {
    let page = page("home.dct", FILE, &[("common.dct", COMMON)]);
    let errors: Vec<_> = page.diagnostics.iter().filter(|it| it.is_error()).map(ToString::to_string).collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn what_the_cursor_is_on_is_explained() {
    let places = [
        "@Read",
        "kms:Dec",
        "s3:{Del",
        "acme-home/${aws",
        "if off",
        "common.rea",
        "let ne",
        "aws:PrincipalTag/te",
        "? =",
        "aws:RequestedRegion not",
        "deny",
        "do s3:Get",
        "by Read",
    ];
    let told = places.iter().map(|place| {
        let (page, offset) = cursor("home.dct", &at(place), &[("common.dct", COMMON)]);
        format!("==== {place}\n{}", common::hover_at(&page, offset))
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn a_statement_is_told_however_broken_the_rest_is() {
    let told =
        hover("x.dct", "let a = = 3\nallo s3:*\n@R|ead allow s3:GetObject on * if aws:SecureTransport == true\nif if");
    assert_eq!(told, "Allows `s3:GetObject` on any resource, when `aws:SecureTransport` is `true`.");
}

#[test]
fn completions_fit_their_place() {
    let places = [
        ("an empty file", "|", 4),
        ("an item", "let a = s3:*\nal|", 3),
        ("behind a Sid", "@Read |", 2),
        ("a service", "allow |", 2),
        ("an action", "allow kms:De|", 2),
        ("a group", "allow kms:{Encrypt, De|}", 2),
        ("a clause", "allow kms:* |", 4),
        ("a resource", "allow s3:GetObject on |", 2),
        ("a name for a resource", "let homes = arn:aws:s3:::a\nallow s3:GetObject on |", 1),
        ("a principal", "allow s3:* from |", 5),
        ("in a principal", "allow s3:* from aws(|)", 2),
        ("a key", "cond mfa = aws:MultiFactorAuthPresent == true\nallow s3:ListBucket on * if |", 4),
        ("a key of a name's actions", "let lists = s3:ListBucket\nallow lists on * if s3:pre|", 2),
        ("a comparison of a number", "allow s3:* on * if aws:MultiFactorAuthAge |", 3),
        ("a comparison of an address", "allow s3:* on * if aws:SourceIp |", 3),
        ("an operator", "allow s3:* on * if aws:SourceIp is |", 2),
        ("a value", "allow s3:* on * if aws:SecureTransport == |", 3),
        ("a text", "allow s3:* on * if aws:username == \"|\"", 2),
        ("a variable", "allow s3:* on arn:aws:s3:::home/${aws:user|}/*", 1),
        ("a type", "policy P type=|", 3),
        ("a line of a test", "test \"t\" { |", 7),
        ("a decision", "test \"t\" { expect |", 2),
        ("a name in a test", "@A allow s3:* on *\ntest \"t\" { expect allow by |", 1),
    ];
    let shown = places.map(|(what, text, count)| format!("{what}:\n{}", first("x.dct", text, count)));
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn names_of_imports_are_offered() {
    let (page, offset) = cursor("home.dct", "use \"common.dct\" as common\nallow |", &[("common.dct", COMMON)]);
    let catalogue = dictum_catalogue::Catalogue::builtin();
    let list = dictum_lsp::complete::complete(&page, offset, true, catalogue).unwrap();
    assert!(list.items.iter().any(|item| item.label == "common.reads"));
    assert!(!completions("x.dct", "# allow |").iter().any(|item| item.label == "s3:"));
}

fn shown(location: &Location) -> String {
    let (file, start) = (location.uri.as_str().rsplit('/').next().unwrap(), location.range.start);
    format!("{file}:{}:{}", start.line + 1, start.character + 1)
}

#[test]
fn names_lead_to_their_definitions() {
    for (place, expected) in [
        ("in net", "home.dct:2:5"),
        ("if offi", "home.dct:3:6"),
        ("allow common.rea", "common.dct:2:5"),
        ("allow comm", "home.dct:1:21"),
        ("and common.mf", "common.dct:3:6"),
        ("use \"comm", "common.dct:1:1"),
        ("by ReadH", "home.dct:7:2"),
        ("kms:Decr", "nowhere"),
    ] {
        let (page, offset) = cursor("home.dct", &at(place), &[("common.dct", COMMON)]);
        let found = navigate::definition(&page, offset).as_ref().map_or("nowhere".to_owned(), shown);
        assert_eq!(found, expected, "{place}");
    }
}

#[test]
fn names_are_changed_in_every_open_document() {
    let (own, offset) = cursor("common.dct", &COMMON.replacen("let rea", "let rea|", 1), &[]);
    let user = page("home.dct", FILE, &[("common.dct", COMMON)]);
    let found = navigate::references(&own, offset, &[&own, &user], true);
    assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), ["common.dct:2:5", "home.dct:7:24"]);
    let edits = navigate::rename(&own, offset, "reading", &[&own, &user]).unwrap();
    assert!(edits.iter().all(|(_, edit)| edit.new_text == "reading") && edits.len() == 2);
    for name in ["", "a b", "allow", "a.b", "s3:*", "7"] {
        assert!(navigate::rename(&own, offset, name, &[&own]).is_err(), "{name}");
    }
    assert!(navigate::rename(&own, 0, "x", &[&own]).is_err());
    // A name that the file has already, whatever of the same kind it is of.
    let taken = navigate::rename(&own, offset, "mfa", &[&own, &user]);
    assert_eq!(taken.unwrap_err(), "`mfa` is taken in `common.dct`");
    let (user, offset) = cursor("home.dct", &at("allow common.rea"), &[("common.dct", COMMON)]);
    assert!(navigate::rename(&user, offset, "mfa", &[&own, &user]).is_err(), "by way of a use");
    assert!(navigate::rename(&user, offset, "reading", &[&user]).is_err(), "without the file that defines it");
    assert_eq!(navigate::rename(&user, offset, "nets", &[&own, &user]).unwrap().len(), 2, "taken elsewhere only");
}

#[test]
fn an_error_of_an_import_is_told_at_the_import() {
    let page = page("home.dct", FILE, &[("common.dct", "let reads = \ncond mfa = aws:x == true")]);
    let found = report::diagnostics(&page);
    let told = found.iter().find(|it| it.message.starts_with("`common.dct` has an error")).expect("a diagnostic");
    assert_eq!((told.range.start.line, told.range.start.character), (0, 4));
    let related = told.related_information.as_ref().unwrap();
    assert!(related[0].location.uri.as_str().ends_with("/common.dct"));
}

#[test]
fn a_library_and_its_tests_are_checked() {
    for (text, code) in [
        ("let a = b", "E-NAME"),
        ("cond a = a", "E-NAME"),
        ("use \"none.dct\" as n", "E-IMPORT"),
        ("let x = s3:*\ntest \"t\" { expect perhaps }", "E-TEST"),
        ("alow s3:* on *", "E-SYNTAX"),
        ("allow s3:* on * if aws:SourceIp equals \"x\"", "E-SYNTAX"),
    ] {
        let page = page("lib.dct", text, &[]);
        let codes: Vec<_> = page.diagnostics.iter().map(|it| it.code.name()).collect();
        assert!(codes.contains(&code), "{text}: {codes:?}");
    }
}

#[test]
fn symbols_and_folds_are_those_of_the_items() {
    let page = page("home.dct", FILE, &[("common.dct", COMMON)]);
    let symbols = outline::symbols(&page);
    let names: Vec<_> =
        symbols.iter().map(|it| format!("{} {}", it.name, it.detail.clone().unwrap_or_default())).collect();
    let folds: Vec<_> = outline::folds(&page).iter().map(|it| format!("{}-{}", it.start_line, it.end_line)).collect();
    insta::assert_snapshot!(format!("{}\n{}", names.join("\n"), folds.join(" ")));
}

#[test]
fn formatting_is_one_small_change() {
    let (page, _) = cursor("x.dct", "# kept\nallow   s3:Get* on *\n|", &[]);
    let edits = reformat::reformat(&page).unwrap();
    assert_eq!(edits.len(), 1);
    assert_eq!((edits[0].range.start.line, edits[0].range.end.line), (1, 1));
    let formed = page_of("# kept\nallow s3:Get* on *\n");
    assert_eq!(reformat::reformat(&formed), Some(Vec::new()));
    assert_eq!(reformat::reformat(&page_of("allow allow")), None);
}

fn page_of(text: &str) -> dictum_lsp::page::Page {
    page("x.dct", text, &[])
}

#[test]
fn a_policy_becomes_json() {
    let page = page("home.dct", FILE, &[("common.dct", COMMON)]);
    let texts = fixes::converted(&page).unwrap();
    let [(name, json)] = &texts[..] else { panic!("{texts:?}") };
    assert_eq!(name, "home");
    assert!(json.contains("\"Sid\": \"ReadHome\"") && json.contains("\"s3:Get*\""), "{json}");
    assert_eq!(fixes::converted(&page_of("allow s3:* on")), None);
    assert_eq!(fixes::converted(&page_of("let a = s3:*")), None, "a library");
}

#[test]
fn several_policies_become_several_files_and_one_again() {
    let blocks = page_of("policy A { allow s3:Get* on * }\n\npolicy B type=scp { deny s3:Put* on * }\n");
    let texts = fixes::converted(&blocks).unwrap();
    assert_eq!(texts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    let set = format!(
        r#"{{"identity": [{{"name": "A", "policy": {}}}], "scp": [[{{"name": "B", "policy": {}}}]]}}"#,
        texts[0].1, texts[1].1
    );
    let set = page("set.json", &set, &[]);
    let texts = fixes::converted(&set).unwrap();
    assert_eq!(
        texts,
        [(
            "set".to_owned(),
            "policy A {\n  allow s3:Get* on *\n}\n\npolicy B type=scp {\n  deny s3:Put* on *\n}\n".to_owned()
        )]
    );
}

#[test]
fn findings_can_be_accepted_with_a_reason() {
    let page = page_of("@Tag allow s3:* on * if all aws:TagKeys in [\"a\"]\n");
    let actions = fixes::quick_fixes(&page, &(0..60));
    let accept = actions.iter().find(|action| action.title.starts_with("Accept L-")).expect("a finding");
    let edit = accept.edit.as_ref().unwrap().changes.as_ref().unwrap().values().next().unwrap();
    assert!(edit[0].new_text.starts_with("# dictum: allow L-") && edit[0].new_text.ends_with("reason=\"\"\n"));
    assert_eq!(edit[0].range.start.line, 0);
    // Nothing is accepted until somebody has written why.
    let accepted = page_of(&format!("{}{}", edit[0].new_text, page.text.as_str()));
    assert!(accepted.diagnostics.iter().any(|it| it.code.name() == "L-ALLOW-REASON"));
    let codes = |page: &dictum_lsp::page::Page| page.diagnostics.len();
    assert_eq!(codes(&accepted), codes(&page) + 1);
}

/// What the first quick fix makes of a file.
fn mended(text: &str) -> String {
    let page = page_of(text);
    let actions = fixes::quick_fixes(&page, &(0..text.len()));
    let fix = actions.iter().find(|action| !action.title.starts_with("Accept"));
    let Some(edit) = fix.and_then(|fix| fix.edit.as_ref()) else { return text.to_owned() };
    let edit = &edit.changes.as_ref().unwrap().values().next().unwrap()[0];
    let mut mended = text.to_owned();
    mended.replace_range(page.text.bytes(edit.range), &edit.new_text);
    mended
}

#[test]
fn a_member_of_a_group_is_mended_by_its_part() {
    for (text, expected) in [
        ("allow s3:{GetObjects, PutObject} on *\n", "allow s3:{GetObject, PutObject} on *\n"),
        ("allow sqs:{Recieve*, SendMessage} on *\n", "allow sqs:{Receive*, SendMessage} on *\n"),
        (
            "let all_reads = s3:{GetObjects, PutObject}\nallow all_reads on *\n",
            "let all_reads = s3:{GetObject, PutObject}\nallow all_reads on *\n",
        ),
        ("allow s3:GetObjects on *\n", "allow s3:GetObject on *\n"),
        ("allow sqs:Recieve* on *\n", "allow sqs:Receive* on *\n"),
        // The name of the service stands before the brace, and that of the region too.
        ("allow dynamo:{GetItem, PutItem} on *\n", "allow dynamo:{GetItem, PutItem} on *\n"),
        (
            "allow sqs:SendMessage on arn:aws:sqs:eu-wset-1:123456789012:{orders, bills}\n",
            "allow sqs:SendMessage on arn:aws:sqs:eu-wset-1:123456789012:{orders, bills}\n",
        ),
    ] {
        assert_eq!(mended(text), expected);
    }
}
