//! EVL-52: what a decision rests on besides its deciding statements, and which layers stood in the way.

use bumpalo::Bump;
use dictum_corpus::answer::Decision;
use dictum_corpus::decide::policy_set;
use dictum_corpus::reader::Run;
use dictum_corpus::reference;
use dictum_corpus::request;

const ALLOW: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const OTHER: &str = r#"{"Effect":"Allow","Action":"x:y","Resource":"*"}"#;
const DENY: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;

/// `member=statement` or, for a level, `member/statement`; the statement is `allow`, `other`, `deny`, `none`, or for a
/// resource policy an `AWS` entry.
fn outcome(principal: &str, action: &str, resource: &str, policies: &str) -> (Decision, String, String) {
    let statement = |text: &str, member: &str| match text {
        "allow" if member == "rcp" => r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#.to_owned(),
        "allow" => ALLOW.to_owned(),
        "other" => OTHER.to_owned(),
        "deny" => DENY.to_owned(),
        "none" => String::new(),
        entry => format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{entry}"}},"Action":"*","Resource":"*"}}"#),
    };
    let member = |text: &str| {
        let (member, statements) = text.split_once('=').unwrap();
        let entry = |text: &str| {
            let (name, statement) = (text.replace(['/', ':'], "-"), statement(text, member));
            format!(r#"[{{"name":"{name}","policy":{{"Version":"2012-10-17","Statement":[{statement}]}}}}]"#)
        };
        let levels: Vec<String> = statements.split('|').map(entry).collect();
        let value = if member.ends_with("cp") { format!("[{}]", levels.join(",")) } else { levels.concat() };
        format!("\"{member}\":{value}")
    };
    let members: Vec<String> = policies.split_whitespace().map(member).collect();
    let line = format!(
        r#"{{"id":"x","policies":{{{}}},"request":{{"principal":"{principal}","action":"{action}","resource":"{resource}"}}}}"#,
        members.join(",")
    );
    let case = Run::default().lines(line.as_bytes(), None).next().unwrap().unwrap();
    let arena = Bump::new();
    let set = policy_set(&case.policies, &arena);
    let outcome = reference::decide(&set, &request::parse(&case.request).unwrap()).unwrap();
    let layer = |id: &dictum_corpus::answer::StatementId| set.documents[id.policy as usize].layer.to_string();
    let supporting: Vec<String> = outcome.supporting.iter().map(layer).collect();
    let blocking: Vec<String> = outcome.blocking.iter().map(|layer| layer.to_string()).collect();
    (outcome.decision, supporting.join(" "), blocking.join(" "))
}

const ANA: &str = "arn:aws:iam::111111111111:user/ana";
const OPS: &str = "arn:aws:iam::111111111111:role/ops";
const FEDERATED: &str = "arn:aws:sts::111111111111:federated-user/bob";
const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:q";
const FOREIGN: &str = "arn:aws:sqs:us-east-1:222222222222:q";
const CHINESE: &str = "arn:aws-cn:sqs:cn-north-1:111111111111:q";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/k";

#[test]
fn blocking_and_supporting_layers() {
    use Decision::*;
    let (any, decrypt) = ("sqs:SendMessage", "kms:Decrypt");
    for (principal, action, resource, policies, decision, supporting, blocking) in [
        (ANA, any, QUEUE, "", ImplicitDeny, "", "identity"),
        (ANA, any, QUEUE, "identity=allow boundary=allow scp=allow|allow", Allow, "boundary scp[0] scp[1]", ""),
        (ANA, any, QUEUE, "identity=other boundary=other session=allow", ImplicitDeny, "session", "identity boundary"),
        (ANA, any, QUEUE, "identity=allow scp=allow|other rcp=allow", ImplicitDeny, "scp[0] rcp[0]", "scp[1]"),
        (ANA, any, QUEUE, "scp=none|none rcp=none", ImplicitDeny, "", "identity scp[0] scp[1] rcp[0]"),
        (ANA, any, QUEUE, "identity=deny scp=none boundary=allow", ExplicitDeny, "", ""),
        (ANA, any, FOREIGN, "identity=allow", ImplicitDeny, "", "resource"),
        (ANA, any, FOREIGN, "resource=111111111111", ImplicitDeny, "", "identity"),
        (ANA, any, CHINESE, "identity=allow", ImplicitDeny, "", ""),
        (ANA, decrypt, KEY, "identity=allow", ImplicitDeny, "", "resource"),
        (ANA, decrypt, KEY, "resource=111111111111", ImplicitDeny, "", "identity"),
        (OPS, any, QUEUE, "resource=arn:aws:iam::111111111111:role/ops boundary=other", ImplicitDeny, "", "boundary"),
        (FEDERATED, any, QUEUE, "identity=allow", ImplicitDeny, "", "session"),
        (ANA, any, QUEUE, "resource=arn:aws:iam::111111111111:user/ana boundary=none", Allow, "", ""),
    ] {
        let got = outcome(principal, action, resource, policies);
        assert_eq!(got, (decision, supporting.to_owned(), blocking.to_owned()), "{principal} {resource} {policies}");
    }
}
