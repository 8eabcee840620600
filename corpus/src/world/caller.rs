//! Requests to random organizations: who asks, for what, with which session record and context. Most are right; some repeat
//! what is derived wrongly, and some ask of what is not there.

use super::dice::Dice;
use super::json::{Json, object, text, texts};
use super::tree::{ACCOUNTS, Holder, ORGANIZATION, STRANGER, Tree};

/// A requester: as the request writes it, and who that is.
struct Caller {
    principal: Json,
    account: Option<String>,
    holder: Option<Holder>,
    /// A role, a session of one, or a federated user: what may have session policies and tags.
    is_session: bool,
    is_federated_user: bool,
    session_name: &'static str,
}

/// A request's JSON.
pub(super) fn request(dice: &mut Dice, tree: &Tree) -> String {
    let caller = caller(dice, tree);
    let (action, resources) = action_and_resources(dice, tree, caller.account.as_deref());
    let mut members = vec![("principal", caller.principal.clone()), ("action", text(action))];
    let has_account = resources[0].split(':').nth(4).is_some_and(|account| !account.is_empty());
    members.push(("resource", if resources.len() == 1 { text(&*resources[0]) } else { texts(resources.clone()) }));
    if dice.chance(if has_account { 2 } else { 25 }) {
        members.push(("resource_account", text(dice.pick(&[ACCOUNTS[0], ACCOUNTS[1], STRANGER]))));
    }
    let session_percent = if caller.is_session { 45 } else { 4 };
    if dice.chance(session_percent) {
        members.push(("session", session(dice, tree, &caller)));
    }
    let context = context(dice, tree, &caller, &resources[0]);
    if !context.is_empty() {
        members.push(("context", object(context.iter().map(|(key, value)| (key.as_str(), value.clone())))));
    }
    object(members).to_string()
}

fn caller(dice: &mut Dice, tree: &Tree) -> Caller {
    let kind =
        dice.weighted(&[(9, 0), (3, 1), (3, 2), (8, 3), (5, 4), (6, 5), (3, 6), (1, 7), (1, 8), (2, 9), (1, 10)]);
    let account = dice.weighted(&[(5, ACCOUNTS[0]), (4, ACCOUNTS[1]), (2, ACCOUNTS[2]), (1, STRANGER)]);
    let held: Vec<&Holder> =
        tree.holders.iter().filter(|it| it.is_role == matches!(kind, 2..=4) && it.account == account).collect();
    let holder = (!held.is_empty() && dice.chance(88)).then(|| dice.pick(&held).clone());
    let path = dice.pick(&["/", "/team/", "/aws-service-role/x.amazonaws.com/"]).to_owned();
    let name = dice.pick(&["ana", "ops", "Ana", "eve"]).to_owned();
    let someone = |is_role| {
        let other = || Holder {
            is_role,
            account: account.to_owned(),
            path: path.clone(),
            name: name.clone(),
            unique_id: None,
            tags: Vec::new(),
        };
        holder.clone().unwrap_or_else(other)
    };
    let session_name = dice.pick(&["s1", "s1", "ana"]);
    let account_of = Some(account.to_owned());
    let base = Caller {
        principal: Json::Written("null".to_owned()),
        account: account_of,
        holder: holder.clone(),
        is_session: false,
        is_federated_user: false,
        session_name,
    };
    let foreign = |name: &str, value: Json| Caller {
        principal: object([(name, value)]),
        account: None,
        holder: None,
        is_session: false,
        is_federated_user: false,
        session_name,
    };
    let role_session = || format!("arn:aws:sts::{account}:assumed-role/{}/{session_name}", someone(true).name);
    match kind {
        0 => Caller { principal: text(someone(false).arn()), ..base },
        1 => {
            let partition = dice.weighted(&[(9, "aws"), (1, "aws-cn")]);
            Caller { principal: text(format!("arn:{partition}:iam::{account}:root")), holder: None, ..base }
        }
        2 => Caller { principal: text(someone(true).arn()), is_session: true, ..base },
        3 => Caller { principal: text(role_session()), is_session: true, ..base },
        4 => {
            let members = [("session", text(role_session())), ("role", text(someone(true).arn()))];
            Caller { principal: object(members), is_session: true, ..base }
        }
        5 => {
            let session = format!("arn:aws:sts::{account}:federated-user/fay");
            let principal = match dice.chance(45) {
                true => object([("session", text(session)), ("user", text(someone(false).arn()))]),
                false => text(session),
            };
            Caller { principal, is_session: true, is_federated_user: true, ..base }
        }
        6 => foreign("service", text("lambda.amazonaws.com")),
        7 => foreign("federated", text("accounts.google.com")),
        8 => foreign("canonical_user", text(dice.pick(&["79a5", "79a6"]))),
        9 => foreign("anonymous", Json::Written("true".to_owned())),
        _ => Caller { principal: text("arn:aws:iam::cloudfront:user/E1"), account: None, holder: None, ..base },
    }
}

fn action_and_resources(dice: &mut Dice, tree: &Tree, own: Option<&str>) -> (&'static str, Vec<String>) {
    let own = own.filter(|_| dice.chance(70));
    let account = dice.weighted(&[(5, ACCOUNTS[0]), (4, ACCOUNTS[1]), (2, ACCOUNTS[2]), (1, STRANGER)]);
    let (actions, service): (&[&'static str], &str) = dice.weighted(&[
        (6, (&["s3:GetObject", "s3:PutObject", "S3:getobject"][..], "s3")),
        (5, (&["sqs:SendMessage", "sqs:ReceiveMessage"], "sqs")),
        (4, (&["kms:Decrypt", "kms:Decrypt", "kms:RetireGrant"], "kms")),
        (5, (&["sts:AssumeRole", "STS:assumerole", "sts:TagSession", "iam:GetRole", "iam:PassRole"], "role")),
        (1, (&["iam:GetUser"], "user")),
        (1, (&["connect:DescribeUser"], "connect")),
        (2, (&["sqs:ListQueues", "kms:ListKeys", "s3:ListAllMyBuckets"], "*")),
    ]);
    let one = |dice: &mut Dice| {
        let held = tree.resources.iter().filter(|it| it.arn.split(':').nth(2) == Some(service));
        let is_near = |owner: &str| own.is_none_or(|own| own == owner);
        let held: Vec<String> = held.filter(|it| is_near(&it.owner)).map(|it| it.arn.clone()).collect();
        let account = own.unwrap_or(account);
        if !held.is_empty() && dice.chance(70) {
            let arn = dice.pick(&held);
            let is_bucket = service == "s3" && !arn.contains('/');
            return if is_bucket && dice.chance(75) {
                format!("{arn}/{}", dice.pick(&["k", "ana", "a/b"]))
            } else {
                arn
            };
        }
        let is_role = service == "role";
        let holders: Vec<&Holder> =
            tree.holders.iter().filter(|it| it.is_role == is_role && is_near(&it.account)).collect();
        match service {
            "s3" => format!("arn:aws:s3:::{}", dice.pick(&["b1/k", "b2/x1", "b4/ana", "b1", "*"])),
            "sqs" => format!("arn:aws:sqs:us-east-1:{account}:{}", dice.pick(&["q", "Q", "r"])),
            "kms" => format!("arn:aws:kms:us-east-1:{account}:{}", dice.pick(&["key/k", "key/j", "alias/k"])),
            "role" | "user" if !holders.is_empty() && dice.chance(80) => dice.pick(&holders).arn(),
            "role" | "user" => format!("arn:aws:iam::{account}:{service}/{}", dice.pick(&["ops", "team/ops", "Ops"])),
            "connect" => format!("arn:aws:connect:us-west-2:{account}:instance/i-1"),
            _ => "*".to_owned(),
        }
    };
    let count = if service != "*" && dice.chance(12) { 2 + dice.below(2) } else { 1 };
    (dice.pick(actions), (0..count).map(|_| one(dice)).collect())
}

fn session(dice: &mut Dice, tree: &Tree, caller: &Caller) -> Json {
    let mut members = Vec::new();
    let may_own = caller.is_session || dice.chance(20);
    if may_own && dice.chance(28) {
        let statement = |dice: &mut Dice| {
            let effect = if dice.chance(85) { "Allow" } else { "Deny" };
            let action = dice.pick(&["*", "*", "s3:*", "sqs:SendMessage"]);
            let condition = match dice.below(4) {
                0 => r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#,
                1 => r#","Condition":{"StringEqualsIfExists":{"aws:SourceIdentity":"ana"}}"#,
                _ => "",
            };
            format!(r#"{{"Sid":"S","Effect":"{effect}","Action":"{action}","Resource":"*"{condition}}}"#)
        };
        let names = ["Own", "Other"];
        let policies = names.iter().take(1 + dice.below(2)).map(|name| {
            let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statement(dice));
            // Of a word that no policy has.
            let document = if dice.chance(3) { document.replace("Effect", "Efect") } else { document };
            object([("name", text(*name)), ("policy", Json::Written(document))])
        });
        members.push(("policies", Json::List(policies.collect())));
    }
    if may_own && dice.chance(15) {
        let arn = dice.pick(&tree.managed);
        members.push(("managed", texts([if dice.chance(95) { arn } else { "arn:aws:iam::aws:policy/No".to_owned() }])));
    }
    if may_own && dice.chance(45) {
        let mut tags = vec![(dice.pick(&["team", "TEAM", "Team"]), text(dice.pick(&["blue", "red"])))];
        if dice.chance(30) {
            tags.push((dice.pick(&["cost", "cost", "tEAM"]), text("2")));
        }
        members.push(("tags", object(tags)));
    }
    if dice.chance(if caller.is_federated_user { 70 } else { 3 }) {
        let account = caller.account.clone().unwrap_or_else(|| STRANGER.to_owned());
        let account = if dice.chance(95) { account } else { STRANGER.to_owned() };
        let user = caller.holder.clone().filter(|_| dice.chance(70)).map(|holder| holder.arn());
        let root = format!("arn:aws:iam::{account}:{}", dice.pick(&["root", "user/ana", "user/eve"]));
        members.push(("issuer_user", text(user.unwrap_or(root))));
    }
    if dice.chance(30) {
        members.push(("source_identity", text(dice.pick(&["ana", "bob"]))));
    }
    if dice.chance(30) {
        let age = ("age", Json::Written(dice.pick(&["5", "500"]).to_owned()));
        members.push(("mfa", object([("present", Json::Written(dice.pick(&["true", "false"]).to_owned())), age])));
    }
    if dice.chance(20) {
        members.push(("issued_at", text("2024-06-01T00:00:00Z")));
    }
    if dice.chance(10) {
        members.push(("provider", text("accounts.google.com")));
    }
    object(members)
}

fn context(dice: &mut Dice, tree: &Tree, caller: &Caller, resource: &str) -> Vec<(String, Json)> {
    let mut context: Vec<(String, Json)> = Vec::new();
    if dice.chance(25) {
        context.push(("x:k".to_owned(), text(dice.pick(&["v", "blue", "none"]))));
    }
    if dice.chance(10) {
        context.push(("s3:ExistingObjectTag/team".to_owned(), text("blue")));
    }
    for _ in 0..dice.weighted(&[(9, 0), (3, 1), (1, 2)]) {
        let (key, value) = derived(dice, tree, caller, resource);
        if context.iter().all(|(other, _)| !other.eq_ignore_ascii_case(&key)) {
            context.push((if dice.chance(15) { key.to_ascii_uppercase() } else { key }, value));
        }
    }
    context
}

/// A key that the bundle may derive, mostly with the value that it derives.
fn derived(dice: &mut Dice, tree: &Tree, caller: &Caller, resource: &str) -> (String, Json) {
    let path_of = |account: Option<&str>| {
        tree.accounts.iter().find(|(number, _)| Some(number.as_str()) == account).and_then(|(_, path)| path.clone())
    };
    let is_right = dice.chance(88);
    let path = |account: Option<&str>| {
        let path = path_of(account).filter(|_| is_right).unwrap_or_else(|| "o-a1/r-ab/".to_owned());
        if is_right || path.len() % 2 == 0 { texts([path]) } else { text(path) }
    };
    let in_arn = resource.split(':').nth(4).filter(|account| !account.is_empty());
    let bucket = resource.split(['/', ':']).find(|part| part.len() == 2 && part.starts_with('b'));
    let owner = in_arn.or_else(|| ACCOUNTS.get(bucket?[1..].parse::<usize>().ok()?.checked_sub(1)?).copied());
    let organization = text(if is_right { ORGANIZATION } else { "o-b2" });
    let of_holder = |prefix: &str, tags: &[(String, String)], dice: &mut Dice| {
        let tag = if tags.is_empty() { ("team".to_owned(), "blue".to_owned()) } else { dice.pick(tags) };
        (format!("{prefix}{}", tag.0), text(if is_right { tag.1 } else { "green".to_owned() }))
    };
    let resource_tags = tree.resources.iter().find(|it| it.arn == resource).map_or(&[][..], |it| &it.tags[..]);
    let holder_tags = caller.holder.as_ref().map_or(&[][..], |it| &it.tags[..]);
    let named = |key: &str, value: Json| (key.to_owned(), value);
    match dice.below(14) {
        0 => named("aws:PrincipalOrgID", organization),
        1 => named("aws:ResourceOrgID", organization),
        2 => named("aws:PrincipalOrgPaths", path(caller.account.as_deref())),
        3 => named("aws:ResourceOrgPaths", path(owner)),
        4 => named("aws:PrincipalOrgMasterAccount", text(tree.management_account.clone())),
        5 | 6 => of_holder("aws:PrincipalTag/", holder_tags, dice),
        7..10 => of_holder("aws:ResourceTag/", resource_tags, dice),
        10 => {
            let id = caller.holder.as_ref().and_then(|it| it.unique_id.clone()).unwrap_or_else(|| ACCOUNTS[0].into());
            let is_user = caller.holder.as_ref().is_none_or(|it| !it.is_role);
            named("aws:userid", text(if is_user { id } else { format!("{id}:{}", caller.session_name) }))
        }
        11 => {
            let arn = caller.holder.as_ref().map_or_else(|| format!("arn:aws:iam::{STRANGER}:root"), Holder::arn);
            named("aws:PrincipalArn", text(arn))
        }
        12 => named("aws:ResourceAccount", text(owner.unwrap_or(STRANGER))),
        _ => dice.pick(&[
            named("aws:SourceIdentity", text("ana")),
            named("aws:MultiFactorAuthPresent", Json::Written("true".to_owned())),
            named("aws:MultiFactorAuthAge", Json::Written("5".to_owned())),
            named("aws:TokenIssueTime", text("2024-06-01T00:00:00Z")),
            named("aws:FederatedProvider", text("accounts.google.com")),
            named("aws:PrincipalServiceNamesList", texts(["lambda.amazonaws.com", "x.amazonaws.com"])),
        ]),
    }
}
