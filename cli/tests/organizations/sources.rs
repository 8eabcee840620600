//! The sources that the tests of organizations begin with, and how they are compiled and asked.

use serde_json::{Value, json};

use crate::common::{Folder, Ran};

pub const ACCOUNT: &str = "accounts/222222222222";

pub const ALLOW: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}"#;

pub const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}}"#;

/// A whole tree: what is wrong in a test is written over it.
pub const TREE: &[(&str, &str)] = &[
    ("dictum.toml", "version = 1\n"),
    (
        "org.toml",
        "id = \"o-a1b2c3d4e5\"\nmanagement-account = \"111111111111\"\npolicy-types = [\"scp\"]\n\n\
         [units.r-ab12]\nscp = [\"FullAWSAccess\"]\n\n\
         [units.ou-ab12-11111111]\nparent = \"r-ab12\"\nscp = [\"FullAWSAccess\", \"Cap\"]\n",
    ),
    ("scp/Cap.dct", "deny iam:* on *\n"),
    ("accounts/111111111111/account.toml", "unit = \"r-ab12\"\n"),
    ("accounts/222222222222/account.toml", "unit = \"ou-ab12-11111111\"\nscp = [\"FullAWSAccess\"]\n"),
    (
        "accounts/222222222222/users/ana.toml",
        "id = \"AIDACKCEVSQ6C2EXAMPLE\"\ngroups = [\"support\"]\nboundary = \"Edge\"\n",
    ),
    ("accounts/222222222222/groups/support.toml", "policies = [\"Read\"]\n"),
    ("accounts/222222222222/roles/desk.toml", "boundary = \"Edge\"\n"),
    ("accounts/222222222222/roles/desk.trust.json", TRUST),
    ("accounts/222222222222/policies/Edge.json", ALLOW),
    ("accounts/222222222222/policies/Read.json", ALLOW),
    ("accounts/222222222222/resources.toml", "[\"arn:aws:sqs:eu-west-1:222222222222:calls\"]\npolicy = \"Calls\"\n"),
    (
        "accounts/222222222222/resources/Calls.json",
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue", "Resource": "*"}}"#,
    ),
    ("accounts/222222222222/providers.toml", "saml = [\"corp\"]\n"),
];

/// A folder with these files below `org`; `@` is the account's folder.
pub fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (path, text) in files {
        folder.write(&format!("org/{}", path.replace('@', ACCOUNT)), text);
    }
    folder
}

/// The tree with some files in place of its own and beside them.
pub fn tree(changed: &[(&str, &str)]) -> Folder {
    let folder = folder(TREE);
    for (path, text) in changed {
        folder.write(&format!("org/{}", path.replace('@', ACCOUNT)), text);
    }
    folder
}

pub fn compiled(folder: &Folder, path: &str) -> Ran {
    folder.run(&["compile", path, "-o", "org.dctb"])
}

pub fn ask(folder: &Folder, line: &str) -> Ran {
    folder.run(&line.split(' ').collect::<Vec<_>>())
}

/// What is told of each of these sources, which are all refused and of which nothing is written.
pub fn refused(sources: &[(&str, Folder)]) -> String {
    let mut out = String::new();
    for (name, folder) in sources {
        let path = if folder.path().join("org").exists() { "org" } else { "export.json" };
        let ran = compiled(folder, path);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {ran:?}");
        assert!(!folder.path().join("org.dctb").exists(), "{name}");
        out += &format!("==== {name}\n{}\n", ran.err);
    }
    out
}

/// An export of an account: a user in a group, a role, two managed policies.
pub fn export() -> Value {
    let arn = |rest: &str| format!("arn:aws:iam::222222222222:{rest}");
    let document = |action: &str| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let managed = |arn: &str, name: &str, action: &str| {
        json!({"PolicyName": name, "Arn": arn, "DefaultVersionId": "v2", "PolicyVersionList": [
            {"VersionId": "v2", "IsDefaultVersion": true, "Document": document(action)},
            {"VersionId": "v1", "IsDefaultVersion": false, "Document": document("*")},
        ]})
    };
    json!({
        "UserDetailList": [{
            "UserName": "ana", "Path": "/", "UserId": "AIDACKCEVSQ6C2EXAMPLE", "Arn": arn("user/ana"),
            "GroupList": ["support"], "AttachedManagedPolicies": [], "Tags": [{"Key": "team", "Value": "blue"}],
        }],
        "GroupDetailList": [{
            "GroupName": "support", "Path": "/", "Arn": arn("group/support"), "GroupPolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": "Read", "PolicyArn": arn("policy/Read")}],
        }],
        "RoleDetailList": [{
            "RoleName": "desk", "Path": "/calls/", "Arn": arn("role/calls/desk"),
            "AssumeRolePolicyDocument": serde_json::from_str::<Value>(TRUST).unwrap(),
            "RolePolicyList": [{"PolicyName": "Send", "PolicyDocument": document("sqs:SendMessage")}],
            "AttachedManagedPolicies": [{"PolicyName": "View", "PolicyArn": "arn:aws:iam::aws:policy/View"}],
        }],
        "Policies": [
            managed(&arn("policy/Read"), "Read", "sqs:ReceiveMessage"),
            managed("arn:aws:iam::aws:policy/View", "View", "sqs:List*"),
        ],
    })
}

pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

/// A folder with an export that somebody changed.
pub fn changed(change: impl FnOnce(&mut Value)) -> Folder {
    let mut value = export();
    change(&mut value);
    let folder = Folder::new();
    folder.write("export.json", pretty(&value));
    folder
}

/// A document as the API gives it: percent-encoded, all but letters and digits.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Path and text of each file that a page shows between fences.
pub fn page(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut files = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        if let Some((_, path)) = info.split_once(' ') {
            files.push((path.to_owned(), body));
        }
    }
    files
}

/// The tree that `docs/organization.md` shows, compiled.
pub fn example() -> Folder {
    let files = page("organization.md");
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    let ran = compiled(&folder, "org");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(ran.err.contains("\norg.dctb: "), "{}", ran.err);
    folder
}

pub fn line(id: &str, principal: Value, action: &str, resource: &str, session: Option<Value>) -> String {
    let mut request = json!({"principal": principal, "action": action, "resource": resource,
        "context": {"aws:RequestedRegion": "eu-west-1"}});
    if let Some(session) = session {
        request["session"] = session;
    }
    json!({"id": id, "request": request}).to_string() + "\n"
}

/// Exports of an account, the answers about its organization, and a map of resources.
pub fn exports() -> Vec<(&'static str, String)> {
    let policy = json!({"Policy": {"PolicySummary": {"Id": "p-1", "Name": "NoIam", "Type": "SERVICE_CONTROL_POLICY",
            "Arn": "arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/service_control_policy/p-1"},
        "Content": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Deny\", \"Action\": \"iam:*\", \"Resource\": \"*\"}}"}});
    let root = json!({"Roots": [{"Id": "r-1", "Arn": "arn:aws:organizations::111111111111:root/o-a1b2c3d4e5/r-1",
        "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}]});
    let targets = json!({"Targets": [{"TargetId": "r-1", "Type": "ROOT"}, {"TargetId": "ou-1", "Type": "ORGANIZATIONAL_UNIT"},
        {"TargetId": "222222222222", "Type": "ACCOUNT"}]});
    let resources = json!({"arn:aws:sqs:eu-west-1:222222222222:ana-1": {"Version": "2012-10-17", "Statement":
        {"Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue", "Resource": "*"}}});
    vec![
        ("accounts/222222222222.json", pretty(&export())),
        ("resources.json", pretty(&resources)),
        ("organization/roots.json", pretty(&root)),
        (
            "organization/children/r-1.json",
            pretty(&json!({"Children": [{"Id": "ou-1", "Type": "ORGANIZATIONAL_UNIT"},
            {"Id": "111111111111", "Type": "ACCOUNT"}]})),
        ),
        ("organization/children/ou-1.json", pretty(&json!({"Children": [{"Id": "222222222222", "Type": "ACCOUNT"}]}))),
        ("organization/policies/p-1.json", pretty(&policy)),
        (
            "organization/targets/p-1.json",
            pretty(&json!({"Targets": [{"TargetId": "ou-1", "Type": "ORGANIZATIONAL_UNIT"}]})),
        ),
        ("organization/targets/p-FullAWSAccess.json", pretty(&targets)),
    ]
}

pub fn written(files: &[(&str, String)]) -> Folder {
    folder(&files.iter().map(|(path, text)| (*path, text.as_str())).collect::<Vec<_>>())
}

pub const QUEUE: &str = "arn:aws:sqs:eu-west-1:222222222222:ana-1";
