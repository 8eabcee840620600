//! Accounts as they are exported, and every way in which a file is no export.

use super::*;
use crate::directory::export::told;
use crate::directory::model::{DocumentId, Named};

fn read_all(texts: &[&str]) -> (Sources, Directory, String) {
    let mut sources = Sources::new();
    let (mut directory, mut found) = (Directory::default(), Vec::new());
    for (i, text) in texts.iter().enumerate() {
        let file = sources.add_file(format!("{i}.json"), *text);
        account(&mut sources, file, &mut directory, &mut found);
    }
    let told = told(&sources, &found);
    (sources, directory, told)
}

const EXPORT: &str = r#"{
    "UserDetailList": [
        {"UserName": "ana", "Path": "/eng/", "UserId": "AIDA1", "Arn": "arn:aws:iam::111122223333:user/eng/ana",
         "CreateDate": "2026-01-01T00:00:00+00:00", "Later": {"unknown": [1]},
         "UserPolicyList": [
            {"PolicyName": "Own", "PolicyDocument": {"Statement": []}},
            {"PolicyName": "Encoded", "PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}],
         "GroupList": ["Devs"],
         "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
         "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Edge"},
         "Tags": [{"Key": "team", "Value": "blue"}]},
        {"UserName": "bo", "Arn": "arn:aws:iam::111122223333:user/bo", "UserPolicyList": null}],
    "GroupDetailList": [
        {"GroupName": "Devs", "Path": "/", "GroupId": "AGPA1", "Arn": "arn:aws:iam::111122223333:group/Devs",
         "GroupPolicyList": [{"PolicyName": "G", "PolicyDocument": {}}], "AttachedManagedPolicies": []}],
    "RoleDetailList": [
        {"RoleName": "ops", "Path": "/", "RoleId": "AROA1", "Arn": "arn:aws:iam::111122223333:role/ops",
         "AssumeRolePolicyDocument": {"Statement": 7}, "RolePolicyList": [], "RoleLastUsed": {},
         "InstanceProfileList": [{"InstanceProfileName": "box", "Arn": "arn:aws:iam::111122223333:instance-profile/box",
            "Roles": [{"RoleName": "ops", "Arn": "arn:aws:iam::111122223333:role/ops"}]}],
         "AttachedManagedPolicies": [], "Tags": []}],
    "Policies": [
        {"PolicyName": "Edge", "Arn": "arn:aws:iam::111122223333:policy/Edge", "DefaultVersionId": "v2", "PolicyVersionList": [
            {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"v": 2}},
            {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"v": 1}}]},
        {"PolicyName": "ReadOnlyAccess", "Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "PolicyVersionList": [
            {"VersionId": "v3", "IsDefaultVersion": true, "Document": {"v": 3}}]}],
    "IsTruncated": false
}
"#;

fn document(sources: &Sources, directory: &Directory, id: DocumentId) -> String {
    let document = &directory.documents[id.0 as usize];
    let text = String::from_utf8_lossy(sources.text(document));
    format!("{} {} {} {text}", document.name, document.policy_type.name(), sources.file(document.source).name)
}

fn texts(names: &[Named]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}

#[test]
fn an_export_fills_a_directory() {
    let (sources, directory, told) = read_all(&[EXPORT]);
    assert_eq!(told, "");
    let text = |id: DocumentId| document(&sources, &directory, id);

    let [ana, bo] = directory.users.as_slice() else { panic!("{directory:?}") };
    assert_eq!(ana.arn.text, "arn:aws:iam::111122223333:user/eng/ana");
    let shown = &EXPORT[ana.arn.span.start as usize..ana.arn.span.end as usize];
    assert_eq!(shown, r#""arn:aws:iam::111122223333:user/eng/ana""#);
    assert_eq!(ana.unique_id.as_ref().unwrap().text, "AIDA1");
    assert_eq!((ana.tags[0].0.text.as_str(), ana.tags[0].1.as_str()), ("team", "blue"));
    assert_eq!(
        (texts(&ana.groups), texts(&ana.boundaries)),
        (vec!["Devs"], vec!["arn:aws:iam::111122223333:policy/Edge"])
    );
    assert_eq!(texts(&ana.policies.attached), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!(text(ana.policies.inline[0]), r#"Own identity 0.json {"Statement": []}"#);
    assert_eq!(text(ana.policies.inline[1]), r#"Encoded identity 0.json:7 Encoded {"Statement":[]}"#);
    assert_eq!((bo.unique_id.as_ref(), bo.policies.inline.len(), bo.tags.len()), (None, 0, 0));

    let ([devs], [ops], [profile]) = (&directory.groups[..], &directory.roles[..], &directory.profiles[..]) else {
        panic!("{directory:?}")
    };
    assert_eq!((devs.arn.text.as_str(), devs.policies.inline.len()), ("arn:aws:iam::111122223333:group/Devs", 1));
    assert_eq!(text(ops.trust.unwrap()), r#"ops trust 0.json {"Statement": 7}"#);
    assert_eq!(profile.arn.text, "arn:aws:iam::111122223333:instance-profile/box");
    assert_eq!(texts(&profile.roles), ["ops"]);

    let [edge, read_only] = directory.managed.as_slice() else { panic!("{directory:?}") };
    assert_eq!((edge.version, text(edge.document)), (Some(2), r#"Edge identity 0.json {"v": 2}"#.to_owned()));
    assert_eq!(text(read_only.document), r#"ReadOnlyAccess identity 0.json {"v": 3}"#);

    let [account] = directory.accounts.as_slice() else { panic!("{directory:?}") };
    assert_eq!((account.number.text.as_str(), account.partition.as_str()), ("111122223333", "aws"));
}

#[test]
fn files_of_one_account_follow_one_another() {
    let vendor = |version: &str| {
        format!(
            r#"{{"Policies": [{{"Arn": "arn:aws:iam::aws:policy/A", "PolicyVersionList": [
                {{"VersionId": "{version}", "IsDefaultVersion": true, "Document": "{{\"is\": \"{version}\"}}"}}]}}]}}"#
        )
    };
    let group = r#"{"GroupDetailList": [{"GroupName": "g", "Arn": "arn:aws:iam::111122223333:group/g"}]}"#;
    let (sources, directory, told) = read_all(&[&vendor("v9"), group, &vendor("v10"), group, &vendor("v2")]);
    assert_eq!(told, "");
    assert_eq!((directory.accounts.len(), directory.groups.len(), directory.managed.len()), (1, 2, 1));
    assert_eq!(document(&sources, &directory, directory.managed[0].document), r#"A identity 2.json:2 A {"is": "v10"}"#);
    assert_eq!(directory.documents.len(), 1);
}

#[test]
fn what_is_no_export_is_told() {
    let truncated = r#"{"UserDetailList": [], "IsTruncated": true, "Marker": "abc"}"#;
    insta::assert_snapshot!(read_all(&["{}", "[]", truncated, &EXPORT[..700], "{\"RoleDetailList\": [],}"]).2);
}

/// Wherever an export is cut off, that is all that is told.
#[test]
fn every_cut_is_told() {
    for end in 0..EXPORT.trim_end().len() {
        let told = read_all(&[&EXPORT[..end]]).2;
        assert!(
            told.contains("error[D-EXPORT]: the export is cut off here") && told.lines().count() == 1,
            "{end}: {told}"
        );
    }
}

#[test]
fn wrong_entities_are_told() {
    let text = r#"{"UserDetailList": [
        {"UserName": "a", "Arn": "arn:aws:iam::111122223333:user/a", "GroupList": "Devs", "Tags": [{"Key": "k"}]},
        {"UserName": 1, "Arn": "arn:aws:iam::111122223333:user/a"},
        {"UserName": "b", "Path": "/x/", "Arn": "arn:aws:iam::111122223333:user/y/b"},
        {"UserName": "c", "Arn": "arn:aws:iam::111122223333:user/C"},
        {"UserName": "d", "Arn": "arn:aws:iam::222233334444:user/d"},
        {"UserName": "e", "Arn": "arn:aws:iam::111122223333:role/e"},
        {"UserName": "f", "Arn": "e", "UserName": "g"},
        {"Arn": "arn:aws:iam::111122223333:user/h"},
        {"UserName": "i", "Arn": "arn:aws:iam::111122223333:user/i", "UserPolicyList": [{"PolicyName": "p"}, {"PolicyDocument": {}},
            {"PolicyName": "q", "PolicyDocument": []}], "AttachedManagedPolicies": [{"PolicyName": "r"}],
            "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
      "RoleDetailList": [{"RoleName": "r", "Arn": "arn:aws:iam::111122223333:role/r", "InstanceProfileList": [{}, {"Arn": "x"}]}],
      "GroupDetailList": {},
      "Policies": [
        {"Arn": "arn:aws:iam::111122223333:policy/p", "DefaultVersionId": "v3", "PolicyVersionList": [{"VersionId": "v1", "Document": {}}]},
        {"Arn": "arn:aws:iam::111122223333:policy/p", "DefaultVersionId": "v3", "PolicyVersionList": [
            {"VersionId": "v3", "Document": {}}, {"VersionId": "v1", "IsDefaultVersion": true}]},
        {"Arn": "arn:aws:iam::111122223333:policy/p", "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true}]},
        {"Arn": "policy/p"}, {}]}"#;
    insta::assert_snapshot!(read_all(&[text]).2);
}

#[test]
fn an_account_is_in_one_partition() {
    let group = r#"{"GroupDetailList": [{"GroupName": "g", "Arn": "arn:aws:iam::111122223333:group/g"}]}"#;
    let told = read_all(&[group, &group.replace("arn:aws:", "arn:aws-cn:")]).2;
    assert_eq!(told, "1.json:1:48 error[D-EXPORT]: account `111122223333` is in partition `aws-cn` here");
}
