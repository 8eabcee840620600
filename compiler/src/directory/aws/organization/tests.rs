//! Organizations of a few files, and every way in which they do not fit together.

use super::*;
use crate::directory::export::told;
use crate::directory::model::{Account, Named};
use crate::source::Span;

const FILES: &[(&str, &str)] = &[
    (
        "org/organization.json",
        r#"{"Organization": {"Id": "o-a1", "Arn": "arn:aws-cn:organizations::999988887777:organization/o-a1",
            "MasterAccountId": "999988887777", "FeatureSet": "ALL", "AvailablePolicyTypes": []}}"#,
    ),
    (
        "org/roots.json",
        r#"{"Roots": [{"Id": "r-1", "Arn": "arn:aws-cn:organizations::999988887777:root/o-a1/r-1", "Name": "Root",
            "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"},
                            {"Type": "RESOURCE_CONTROL_POLICY", "Status": "PENDING_DISABLE"}]}]}"#,
    ),
    (
        "org/accounts.json",
        r#"{"Accounts": [{"Id": "111122223333", "Status": "ACTIVE"}, {"Id": "999988887777", "Status": "ACTIVE"}]}"#,
    ),
    (
        "org/children/r-1.json",
        r#"{"Children": [{"Id": "ou-1", "Type": "ORGANIZATIONAL_UNIT"}, {"Id": "999988887777", "Type": "ACCOUNT"}]}"#,
    ),
    (
        "org/children/ou-1.json",
        r#"{"OrganizationalUnits": [], "Accounts": [{"Id": "111122223333",
            "Arn": "arn:aws-cn:organizations::999988887777:account/o-a1/111122223333"}]}"#,
    ),
    (
        "org/policies/p-1.json",
        r#"{"Policy": {"PolicySummary": {"Id": "p-1", "Name": "NoIam", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false,
            "Arn": "arn:aws-cn:organizations::999988887777:policy/o-a1/service_control_policy/p-1"},
            "Content": "{\"Statement\": []}"}}"#,
    ),
    ("org/targets/p-1.json", r#"{"Targets": [{"TargetId": "ou-1", "Type": "ORGANIZATIONAL_UNIT", "Name": "x"}]}"#),
    (
        "org/policies/p-2.json",
        r#"{"Policy": {"PolicySummary": {"Id": "p-2", "Name": "Perimeter", "Type": "RESOURCE_CONTROL_POLICY"},
            "Content": {"Statement": []}}}"#,
    ),
    ("org/targets/p-2.json", r#"{"Targets": [{"TargetId": "111122223333", "Type": "ACCOUNT"}]}"#),
    (
        "org/policies/p-3.json",
        r#"{"Policy": {"PolicySummary": {"Id": "p-3", "Name": "Tags", "Type": "TAG_POLICY"}, "Content": "{}"}}"#,
    ),
    ("org/targets/p-3.json", r#"{"Targets": [{"TargetId": "r-1", "Type": "ROOT"}]}"#),
    (
        "org/targets/p-FullAWSAccess.json",
        r#"{"Targets": [{"TargetId": "r-1", "Type": "ROOT"}, {"TargetId": "999988887777", "Type": "ACCOUNT"}]}"#,
    ),
];

/// Reads the files of above, without some of them and with others.
fn read(without: &[&str], with: &[(&str, &str)]) -> (Sources, Directory, String) {
    let mut sources = Sources::new();
    let own = FILES.iter().filter(|(path, _)| !without.contains(path) && with.iter().all(|(other, _)| other != path));
    let files: Vec<SourceId> = own.chain(with).map(|(path, text)| sources.add_file(*path, *text)).collect();
    let mut directory = Directory::default();
    let mut found = Vec::new();
    organization(&mut sources, &files, &mut directory, &mut found);
    let told = told(&sources, &found);
    (sources, directory, told)
}

fn texts(names: &[Named]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}

#[test]
fn answers_make_an_organization() {
    let (sources, directory, told) = read(&[], &[]);
    assert_eq!(told, "");
    let organization = directory.organization.unwrap();
    assert_eq!(
        (organization.id.text.as_str(), organization.management_account.text.as_str()),
        ("o-a1", "999988887777")
    );
    assert_eq!((organization.has_scps, organization.has_rcps), (true, false));
    let nodes: Vec<_> = organization
        .nodes
        .iter()
        .map(|it| {
            (it.id.text.as_str(), it.parent.as_ref().map(|it| it.text.as_str()), texts(&it.scps), texts(&it.rcps))
        })
        .collect();
    assert_eq!(nodes, [("r-1", None, vec!["p-FullAWSAccess"], vec![]), ("ou-1", Some("r-1"), vec!["p-1"], vec![])]);
    let account = |account: &Account| {
        let parent = account.parent.as_ref().map(|it| it.text.clone());
        format!(
            "{} {} {parent:?} {:?} {:?}",
            account.number.text,
            account.partition,
            texts(&account.scps),
            texts(&account.rcps)
        )
    };
    insta::assert_snapshot!(directory.accounts.iter().map(account).collect::<Vec<_>>().join("\n"), @r#"
    999988887777 aws-cn Some("r-1") ["p-FullAWSAccess"] []
    111122223333 aws-cn Some("ou-1") [] ["p-2"]
    "#);
    let guardrails: Vec<_> = organization
        .guardrails
        .iter()
        .map(|it| {
            let document = &directory.documents[it.document.0 as usize];
            let text = String::from_utf8_lossy(sources.text(document)).into_owned();
            let file = sources.file(document.source).name.as_str();
            (it.name.text.as_str(), it.id.as_ref().unwrap().text.as_str(), document.policy_type, file, text)
        })
        .collect();
    let text = r#"{"Statement": []}"#.to_owned();
    let expected = [
        ("NoIam", "p-1", PolicyType::Scp, "org/policies/p-1.json:3 NoIam", text.clone()),
        ("Perimeter", "p-2", PolicyType::Rcp, "org/policies/p-2.json", text),
    ];
    assert_eq!(guardrails, expected);
    assert_eq!(organization.nodes[1].id.span, Span { source: SourceId(3), start: 21, end: 27 });
}

#[test]
fn arns_and_paths_stand_in_for_absent_answers() {
    let (_, directory, told) = read(&["org/organization.json", "org/roots.json", "org/accounts.json"], &[]);
    assert_eq!(told, "");
    let organization = directory.organization.unwrap();
    assert_eq!(
        (organization.id.text.as_str(), organization.management_account.text.as_str()),
        ("o-a1", "999988887777")
    );
    assert_eq!((organization.has_scps, organization.has_rcps), (true, true));
    assert_eq!((organization.nodes[0].id.text.as_str(), organization.nodes[0].parent.as_ref()), ("r-1", None));
    assert_eq!(directory.accounts[1].partition, "aws-cn");
}

#[test]
fn the_vendors_guardrails_need_no_file() {
    let full = r#"{"Policy": {"PolicySummary": {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "AwsManaged": true,
        "Arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY"},
        "Content": "{}"}}"#;
    let (_, directory, told) = read(
        &["org/targets/p-FullAWSAccess.json", "org/policies/p-2.json", "org/targets/p-2.json", "org/roots.json"],
        &[
            ("org/policies/p-FullAWSAccess.json", full),
            (
                "org/targets/p-RCPFullAWSAccess.json",
                r#"{"Targets": [{"TargetId": "ou-1", "Type": "ORGANIZATIONAL_UNIT"}]}"#,
            ),
        ],
    );
    assert_eq!(told, "");
    let organization = directory.organization.unwrap();
    assert!(organization.has_scps && organization.has_rcps);
    assert_eq!(organization.guardrails.len(), 1);
    assert_eq!(texts(&organization.nodes[1].rcps), ["p-RCPFullAWSAccess"]);
}

#[test]
fn absent_answers_are_told() {
    let (_, directory, told) = read(
        &["org/children/ou-1.json", "org/policies/p-1.json", "org/targets/p-2.json"],
        &[
            ("org/children/ou-9.json", r#"{"Children": []}"#),
            ("org/targets/p-3.json", r#"{"Targets": [{"TargetId": "ou-8", "Type": "ORGANIZATIONAL_UNIT"}]}"#),
            ("org/targets/p-FullAWSAccess.json", r#"{"Targets": [{"TargetId": "222233334444", "Type": "ACCOUNT"}]}"#),
        ],
    );
    insta::assert_snapshot!(told);
    assert!(directory.organization.is_some());

    insta::assert_snapshot!(read(&["org/roots.json", "org/children/r-1.json"], &[]).2);
    let mut sources = Sources::new();
    let file = sources.add_file("accounts.json", r#"{"Accounts": []}"#);
    let mut found = Vec::new();
    organization(&mut sources, &[file], &mut Directory::default(), &mut found);
    organization(&mut sources, &[], &mut Directory::default(), &mut found);
    insta::assert_snapshot!(self::told(&sources, &found), @"accounts.json:1:1 error[D-EXPORT]: no answer tells which organization this is; `organization.json` is wanted, what `aws organizations describe-organization` prints");
}

#[test]
fn answers_of_another_shape_are_told() {
    let summary = r#"{"Policy": {"PolicySummary": {"Id": "p-9", "Name": "x", "Type": "SERVICE_CONTROL_POLICY",
        "Arn": "arn:aws:organizations::999988887777:policy/o-b2/service_control_policy/p-9"}, "Content": 1}}"#;
    let told = read(
        &[],
        &[
            ("org/notes.json", "{}"),
            ("org/roots.json", r#"{"Roots": [{"Id": "r-1", "Arn": "x", "PolicyTypes": [{"Type": "TAG_POLICY"}]}]}"#),
            ("org/accounts.json", r#"{"Accounts": [{"Name": "x"}], "NextToken": "abc"}"#),
            (
                "org/children/ou-1.json",
                r#"{"Children": [{"Id": "999988887777", "Type": "ACCOUNT"}, {"Id": "x", "Type": "OU"}]}"#,
            ),
            ("org/children/ou-2.json", "{}"),
            ("org/policies/p-4.json", summary),
            ("org/policies/p-5.json", "{\"Policy\": {}}"),
            ("org/policies/p-6.json", "{}"),
            ("org/targets/p-2.json", "{}"),
        ],
    );
    insta::assert_snapshot!(told.2);
}

#[test]
fn an_answer_that_cannot_be_read_has_no_echo() {
    let (_, directory, told) = read(&["org/children/ou-1.json"], &[("org/targets/p-3.json", "{\"Targets\": [")]);
    assert!(told.starts_with("org/targets/p-3.json:1:13 error[D-EXPORT]: the export is cut off here"), "{told}");
    assert_eq!((told.lines().count(), directory.organization.is_none()), (1, true));
}

#[test]
fn there_is_one_organization() {
    let mut sources = Sources::new();
    let files: Vec<SourceId> = FILES.iter().map(|(path, text)| sources.add_file(*path, *text)).collect();
    let mut directory = Directory::default();
    let mut found = Vec::new();
    organization(&mut sources, &files, &mut directory, &mut found);
    organization(&mut sources, &files, &mut directory, &mut found);
    assert_eq!(told(&sources, &found), "org/organization.json:1:40 error[D-TWICE]: a second organization");
}
