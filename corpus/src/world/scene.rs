//! What a random world is about: who asks for what, and the facts that policies can speak of.

use super::dice::Dice;
use super::json::{Json, object, text, texts};

pub(super) const ACCOUNTS: [&str; 3] = ["111111111111", "222222222222", "333333333333"];
const SERVICES: [&str; 2] = ["lambda.amazonaws.com", "s3.amazonaws.com"];

/// How the values of a context key are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    String,
    Number,
    Date,
    Bool,
    Binary,
    Address,
    Arn,
}

/// A context key with its texts.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) key: String,
    pub(super) family: Family,
    pub(super) texts: Vec<String>,
    pub(super) many: bool,
}

/// A requester and the entries of a Principal element that name it.
#[derive(Clone, Debug)]
pub(super) struct Who {
    /// As the request gives it.
    pub(super) principal: Json,
    pub(super) account: Option<String>,
    pub(super) partition: String,
    /// Members and entries that match, the most specific first; none for anonymous.
    pub(super) entries: Vec<(&'static str, String)>,
    /// Whether policies on its own side may stand: not for root and requesters without account (REQ-5).
    pub(super) is_root: bool,
    pub(super) is_federated_user: bool,
    /// Core keys of the requester.
    pub(super) facts: Vec<Fact>,
}

/// A request and its facts.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) who: Who,
    pub(super) action: String,
    pub(super) resources: Vec<String>,
    pub(super) resource_account: Option<String>,
    /// The context as written: key and value.
    pub(super) context: Vec<(String, Json)>,
    /// What conditions and variables can find: context and core keys.
    pub(super) facts: Vec<Fact>,
}

fn fact(key: &str, family: Family, value: &str) -> Fact {
    Fact { key: key.to_owned(), family, texts: vec![value.to_owned()], many: false }
}

/// A scene; every request in it is valid.
pub(super) fn scene(dice: &mut Dice) -> Scene {
    let who = who(dice);
    let (action, resources) = action_and_resources(dice, &who);
    let in_arn = resources[0].split(':').nth(4).filter(|account| account.len() == 12).map(str::to_owned);
    let any = dice.pick(&ACCOUNTS);
    let resource_account = match (in_arn, &who.account) {
        (Some(account), _) => dice.chance(10).then_some(account),
        (None, Some(account)) => dice.weighted(&[(6, None), (3, Some(account.clone())), (2, Some(any.to_owned()))]),
        (None, None) => dice.chance(50).then(|| any.to_owned()),
    };
    let mut facts = who.facts.clone();
    let context = context(dice, &who, &mut facts);
    if let Some(account) = resources[0].split(':').nth(4).filter(|account| account.len() == 12) {
        facts.push(fact("aws:ResourceAccount", Family::String, account));
    }
    Scene { who, action, resources, resource_account, context, facts }
}

fn who(dice: &mut Dice) -> Who {
    let partition = dice.weighted(&[(24, "aws"), (1, "aws-cn")]).to_owned();
    let account = dice.weighted(&[(4, ACCOUNTS[0]), (1, ACCOUNTS[1])]);
    let root = ("AWS", format!("arn:{partition}:iam::{account}:root"));
    let account_entry = ("AWS", account.to_owned());
    let path = dice.weighted(&[(6, ""), (2, "team/"), (1, "a//b/"), (1, "aws-service-role/x.amazonaws.com/")]);
    let name = dice.weighted(&[(5, "ana"), (1, "Ana"), (2, "bob"), (1, "ops"), (1, "x:y")]);
    let iam = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/{path}{name}");
    let own = |principal: Json, entries: Vec<(&'static str, String)>, facts: Vec<Fact>| {
        let mut facts = facts;
        facts.push(fact("aws:PrincipalAccount", Family::String, account));
        Who {
            principal,
            account: Some(account.to_owned()),
            partition: partition.clone(),
            entries: [entries, vec![root.clone(), account_entry.clone()]].concat(),
            is_root: false,
            is_federated_user: false,
            facts,
        }
    };
    let foreign = |principal: Json, entries: Vec<(&'static str, String)>, facts: Vec<Fact>| Who {
        principal,
        account: None,
        partition: partition.clone(),
        entries,
        is_root: false,
        is_federated_user: false,
        facts,
    };
    let arn_fact = |arn: &str| fact("aws:PrincipalArn", Family::Arn, arn);
    match dice.weighted(&[
        (8, 0),
        (3, 1),
        (3, 2),
        (5, 3),
        (5, 4),
        (3, 5),
        (3, 6),
        (3, 7),
        (2, 8),
        (2, 9),
        (2, 10),
        (1, 11),
    ]) {
        0 => {
            let user = iam("user");
            let facts = vec![arn_fact(&user), fact("aws:username", Family::String, name)];
            own(text(&user), vec![("AWS", user.clone())], facts)
        }
        1 => {
            let arn = root.1.clone();
            Who { is_root: true, ..own(text(&arn), vec![], vec![arn_fact(&arn)]) }
        }
        2 => {
            let role = iam("role");
            own(text(&role), vec![("AWS", role.clone())], vec![arn_fact(&role)])
        }
        kind @ (3 | 4) => {
            let session = format!("arn:{partition}:sts::{account}:assumed-role/{name}/s1");
            let role = if kind == 3 { format!("arn:{partition}:iam::{account}:role/{name}") } else { iam("role") };
            let principal = match kind {
                3 => text(&session),
                _ => object([("session", text(&session)), ("role", text(&role))]),
            };
            own(principal, vec![("AWS", session), ("AWS", iam("role"))], vec![arn_fact(&role)])
        }
        kind @ (5 | 6) => {
            let session = format!("arn:{partition}:sts::{account}:federated-user/{name}");
            let user = iam("user");
            let (principal, entries) = match kind {
                5 => (text(&session), vec![("AWS", session.clone())]),
                _ => {
                    let principal = object([("session", text(&session)), ("user", text(&user))]);
                    (principal, vec![("AWS", session.clone()), ("AWS", user)])
                }
            };
            Who { is_federated_user: true, ..own(principal, entries, vec![arn_fact(&session)]) }
        }
        7 => {
            let service = dice.pick(&SERVICES);
            let facts = vec![fact("aws:PrincipalServiceName", Family::String, service)];
            // PRN-16: the second name is its own only where the context says so.
            let entries = vec![("Service", service.to_owned()), ("Service", "x.amazonaws.com".to_owned())];
            foreign(object([("service", text(service))]), entries, facts)
        }
        8 => {
            let provider = dice.pick(&["accounts.google.com", "arn:aws:iam::111111111111:saml-provider/corp"]);
            foreign(object([("federated", text(provider))]), vec![("Federated", provider.to_owned())], vec![])
        }
        9 => foreign(object([("canonical_user", text("79a5"))]), vec![("CanonicalUser", "79a5".to_owned())], vec![]),
        10 => {
            let facts = vec![fact("aws:PrincipalAccount", Family::String, "anonymous")];
            foreign(object([("anonymous", Json::Written("true".to_owned()))]), vec![], facts)
        }
        _ => {
            let arn = "arn:aws:iam::cloudfront:user/Origin Identity E1";
            foreign(text(arn), vec![("AWS", arn.to_owned())], vec![])
        }
    }
}

fn action_and_resources(dice: &mut Dice, who: &Who) -> (String, Vec<String>) {
    let p = if dice.chance(96) { who.partition.clone() } else { "aws-us-gov".to_owned() };
    let own = who.account.as_deref().unwrap_or(ACCOUNTS[0]);
    let a = if dice.chance(80) { own } else { dice.pick(&ACCOUNTS) };
    let s3 = ["b/k", "b/ana/f", "b/blue/x.jpg", "b//k", "b/a:b/c", "b/*", "b/é😀", "b", "bob/k", "b/a/b/test/c"];
    let long = format!("b/{}", "ab".repeat(60));
    let s3 = |dice: &mut Dice| {
        let key = if dice.chance(2) { long.clone() } else { dice.pick(&s3).to_owned() };
        format!("arn:{p}:s3:::{key}")
    };
    let sqs = |dice: &mut Dice| format!("arn:{p}:sqs:us-east-1:{a}:{}", dice.pick(&["q", "q-ana", "blue", "Q"]));
    let kms = |dice: &mut Dice| format!("arn:{p}:kms:us-east-1:{a}:{}", dice.pick(&["key/k", "key/k", "alias/k"]));
    let connect = |dice: &mut Dice| {
        let tail = dice.pick(&["", "/agent/ana", "/contact/c-1", "/queue/*"]);
        format!("arn:{p}:connect:us-west-2:{a}:instance/i-1{tail}")
    };
    let logs = |_: &mut Dice| format!("arn:{p}:logs:us-east-1:{a}:log-group:g:log-stream:s");
    let iam = |dice: &mut Dice| {
        let service = dice.weighted(&[(9, "iam"), (1, "x-1")]);
        format!("arn:{p}:{service}::{a}:{}", dice.pick(&["role/ops", "role/x/ana", "user/ana"]))
    };
    type Maker<'a> = &'a dyn Fn(&mut Dice) -> String;
    let choices: [(usize, &[&str], Maker<'_>); 7] = [
        (6, &["s3:GetObject", "s3:PutObject", "S3:getobject", "s3:ListBucket"], &s3),
        (4, &["sqs:SendMessage", "sqs:ReceiveMessage"], &sqs),
        (3, &["kms:Decrypt", "KMS:decrypt", "kms:RetireGrant", "s3:GetObject"], &kms),
        (3, &["connect:DescribeUser", "connect:GetUser", "connect:Odd_Name,x.é"], &connect),
        (2, &["logs:PutLogEvents"], &logs),
        (3, &["sts:AssumeRole", "STS:assumerole", "sts:TagSession", "sts:AssumeRoleWithSAML", "iam:PassRole"], &iam),
        (1, &["x-1:Do", "a:b"], &|dice: &mut Dice| {
            let odd = ["arn:::::", "arn:aws:x-1:::", "arn: :\t:é::::", "arn:aws:x:y:12345678901:z"];
            dice.pick(&odd).to_owned()
        }),
    ];
    let weighted: Vec<(usize, usize)> = choices.iter().enumerate().map(|(i, choice)| (choice.0, i)).collect();
    let (_, actions, resource) = &choices[dice.weighted(&weighted)];
    let action = dice.pick(actions).to_owned();
    let resources = match dice.below(100) {
        0..8 => vec!["*".to_owned()],
        8..18 => (0..2 + dice.below(2)).map(|_| resource(dice)).collect(),
        _ => vec![resource(dice)],
    };
    (action, resources)
}

/// Keys that a context may have, and policies may ask for.
pub(super) const KEYS: [(&str, Family); 17] = [
    ("x:team", Family::String),
    ("aws:PrincipalTag/team", Family::String),
    ("aws:ResourceTag/Team:x/y z", Family::String),
    ("aws:RequestTag/env", Family::String),
    ("x:acct", Family::String),
    ("aws:TagKeys", Family::String),
    ("x:list", Family::String),
    ("x:n", Family::Number),
    ("s3:max-keys", Family::Number),
    ("aws:CurrentTime", Family::Date),
    ("aws:TokenIssueTime", Family::Date),
    ("aws:SecureTransport", Family::Bool),
    ("aws:MultiFactorAuthPresent", Family::Bool),
    ("x:bin", Family::Binary),
    ("aws:SourceIp", Family::Address),
    ("aws:VpcSourceIp", Family::Address),
    ("aws:SourceArn", Family::Arn),
];

/// Values of a family as requests give them, as JSON; some of them malformed.
pub(super) fn request_values(family: Family) -> &'static [&'static str] {
    match family {
        Family::String => &[
            "\"blue\"",
            "\"blue\"",
            "\"Blue\"",
            "\"red\"",
            "\"ana\"",
            "\"\"",
            "\"*\"",
            "\"b*\"",
            "\"a:b\"",
            "\"111111111111\"",
            "\"straße\"",
            "\"ΟΔΟΣ\"",
            "\"😀É\"",
            "\"𐐀Σ\"",
            "\"${x:team}\"",
            "\"blue-1\"",
            "10.50",
            "true",
        ],
        Family::Number => &[
            "5",
            "10",
            "10.50",
            "1e1",
            "-0",
            "\"+5\"",
            "\".5\"",
            "\"007\"",
            "\"abc\"",
            "\"\"",
            "0.5",
            "9007199254740992",
            "\"9007199254740993\"",
            "-5",
            "\"1e1\"",
            "5.0e-1",
        ],
        Family::Date => &[
            "\"2024-07-01T00:00:00Z\"",
            "\"2024-07-01\"",
            "1719792000",
            "1719792001.5",
            "\"2024-07-01T02:00:00.0009+02:00\"",
            "\"2024\"",
            "\"tomorrow\"",
            "\"2024-13-01\"",
            "\"2024-02-29T23:59\"",
            "-1",
            "-0.5",
            "\"1969-12-31T23:59:59\"",
        ],
        Family::Bool => &["true", "false", "\"TRUE\"", "\"true\"", "\"yes\"", "\"False\"", "\"\"", "1"],
        Family::Binary => &["\"QmluYXJ5\"", "\"QQ==\"", "\"qmluyxj5\"", "\"QR==\"", "\"Binary\"", "\"\""],
        Family::Address => &[
            "\"10.1.2.3\"",
            "\"203.0.113.9\"",
            "\"2001:DB8:0:0::5\"",
            "\"::ffff:10.1.1.1\"",
            "\"010.001.2.3\"",
            "\"not-an-ip\"",
            "\"10.0.0.0/8\"",
            "\"::1\"",
        ],
        Family::Arn => &[
            "\"arn:aws:sns:us-east-1:111111111111:t-1\"",
            "\"arn:aws:s3:::b/x:y\"",
            "\"arn:aws:iam::111111111111:role/team/ops\"",
            "\"arn:aws:sns:us-east-1:222222222222:t-?\"",
            "\"garbage\"",
            "\"arn:a:b:c:d\"",
        ],
    }
}

/// The text of a JSON scalar, roughly: good enough to aim policies at.
fn plain(json: &str) -> String {
    json.trim_matches('"').to_owned()
}

fn swap_case(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() }).collect()
}

fn context(dice: &mut Dice, who: &Who, facts: &mut Vec<Fact>) -> Vec<(String, Json)> {
    let mut context = Vec::new();
    for (key, family) in KEYS {
        if !dice.chance(40) {
            continue;
        }
        let values = request_values(family);
        let many = key == "aws:TagKeys" || key == "x:list" || dice.chance(8);
        let count = if many { dice.weighted(&[(1, 0), (4, 1), (6, 2), (2, 3)]) } else { 1 };
        let given: Vec<&str> = (0..count).map(|_| dice.pick(values)).collect();
        let written = |json: &&str| Json::Written((*json).to_owned());
        let value = if many { Json::List(given.iter().map(written).collect()) } else { written(&given[0]) };
        facts.push(Fact { key: key.to_owned(), family, texts: given.iter().map(|json| plain(json)).collect(), many });
        context.push((if dice.chance(10) { swap_case(key) } else { key.to_owned() }, value));
    }
    // VAR-3: a key without a colon is nothing that a variable can find.
    if dice.chance(8) {
        context.push(("nocolon".to_owned(), text("blue")));
        facts.push(fact("nocolon", Family::String, "blue"));
    }
    // CTX-3: core keys may be repeated.
    for fact in &who.facts {
        if dice.chance(6) {
            context.push((fact.key.clone(), text(&fact.texts[0])));
        }
    }
    if let ("Service", name) = who.entries.first().map_or(("", ""), |(member, entry)| (*member, entry)) {
        if dice.chance(35) {
            let names = texts([name, "x.amazonaws.com"]);
            context.push(("aws:PrincipalServiceNamesList".to_owned(), names));
        }
    } else if who.account.is_some() && !who.is_root && !who.is_federated_user && dice.chance(10) {
        context.push(("aws:userid".to_owned(), text("AIDAEXAMPLE")));
        facts.push(fact("aws:userid", Family::String, "AIDAEXAMPLE"));
    }
    context
}
