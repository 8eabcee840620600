//! Random organizations as native trees, small enough that everything collides; and what they hold, for the requests.

use std::collections::BTreeSet;

use super::dice::Dice;
use super::grant::{self, Kind};

pub(super) const ACCOUNTS: [&str; 3] = ["111111111111", "222222222222", "333333333333"];
/// An account that no tree holds.
pub(super) const STRANGER: &str = "999999999999";
pub(super) const ORGANIZATION: &str = "o-a1";
const NODES: [(&str, &str); 3] =
    [("r-ab", "o-a1/r-ab/"), ("ou-ab-1", "o-a1/r-ab/ou-ab-1/"), ("ou-ab-2", "o-a1/r-ab/ou-ab-1/ou-ab-2/")];
const SERVICE_LINKED: &str = "/aws-service-role/x.amazonaws.com/";
const SINGLE_SIGN_ON: &str = "/aws-reserved/sso.amazonaws.com/";

/// A tree, and what it holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Paths and texts.
    pub(super) files: Vec<(String, String)>,
    /// Numbers, each with its path in the organization.
    pub(super) accounts: Vec<(String, Option<String>)>,
    pub(super) holders: Vec<Holder>,
    /// ARNs of managed policies.
    pub(super) managed: Vec<String>,
    pub(super) resources: Vec<Resource>,
    pub(super) management_account: String,
}

/// A user or role.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub(super) is_role: bool,
    pub(super) account: String,
    /// `/` at both ends.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) unique_id: Option<String>,
    pub(super) tags: Vec<(String, String)>,
}

impl Holder {
    pub(super) fn arn(&self) -> String {
        let kind = if self.is_role { "role" } else { "user" };
        format!("arn:aws:iam::{}:{kind}{}{}", self.account, self.path, self.name)
    }
}

/// A resource with an entry.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) arn: String,
    pub(super) owner: String,
    pub(super) tags: Vec<(String, String)>,
}

/// Which guardrails there are.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    is_member: bool,
    scps: bool,
    rcps: bool,
}

pub(super) fn tree(dice: &mut Dice) -> Tree {
    let mut tree = Tree::default();
    tree.add("dictum.toml", "version = 1\n");
    let numbers = &ACCOUNTS[..2 + dice.below(2)];
    let kinds = organization(dice, &mut tree);
    for kind in ["V1", "job/V2"] {
        let (end, text) = grant::document(dice, Kind::Identity, &[], &targets());
        tree.add(format!("managed/{kind}.{end}"), text);
        tree.managed.push(format!("arn:aws:iam::aws:policy/{kind}"));
    }
    for number in numbers {
        holders(dice, &mut tree, number);
    }
    let principals = principals(&tree);
    for (at, number) in (1..).zip(numbers) {
        account(dice, &mut tree, number, kinds);
        policies(dice, &mut tree, number);
        roles_and_users(dice, &mut tree, number, &principals);
        resources(dice, &mut tree, number, at, &principals);
    }
    tree
}

/// What statements are about.
fn targets() -> Vec<String> {
    let targets = ["arn:aws:sqs:us-east-1:111111111111:q", "arn:aws:s3:::b1", "arn:aws:s3:::b*/*"];
    let more = ["arn:aws:kms:*:*:key/*", "arn:aws:iam::*:role/*", "arn:aws:sqs:us-east-1:222222222222:*"];
    targets.into_iter().chain(more).map(str::to_owned).collect()
}

/// Entries of Principal elements.
fn principals(tree: &Tree) -> Vec<(&'static str, String)> {
    let mut entries = Vec::new();
    for (number, _) in ACCOUNTS.into_iter().chain([STRANGER]).zip(0..) {
        entries.push(("AWS", number.to_owned()));
        entries.push(("AWS", format!("arn:aws:iam::{number}:root")));
        entries.push(("AWS", format!("arn:aws:sts::{number}:assumed-role/ops/s1")));
        entries.push(("AWS", format!("arn:aws:sts::{number}:federated-user/fay")));
    }
    for holder in &tree.holders {
        entries.push(("AWS", holder.arn()));
        entries.extend(holder.unique_id.clone().map(|id| ("AWS", id)));
    }
    entries.push(("AWS", "AIDA9999999999999OLD".to_owned()));
    entries.push(("AWS", format!("arn:aws:iam::{STRANGER}:role/ops")));
    entries.push(("AWS", format!("arn:aws:iam::{STRANGER}:user/ana")));
    entries.extend(["79a5", "79a6"].map(|id| ("CanonicalUser", id.to_owned())));
    entries.push(("Service", "lambda.amazonaws.com".to_owned()));
    entries.push(("Federated", "accounts.google.com".to_owned()));
    entries
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    format!("[{}]", names.join(", "))
}

fn table(tags: &[(String, String)]) -> String {
    let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key} = {value:?}")).collect();
    format!("{{ {} }}", tags.join(", "))
}

fn tags(dice: &mut Dice) -> Vec<(String, String)> {
    let mut tags = Vec::new();
    if dice.chance(60) {
        tags.push((dice.pick(&["team", "team", "Team"]).to_owned(), dice.pick(&["blue", "red", ""]).to_owned()));
    }
    if dice.chance(25) {
        tags.push(("cost".to_owned(), "1".to_owned()));
    }
    tags
}

/// What is attached to a node: mostly full access, seldom nothing at all.
fn attached(dice: &mut Dice, full: &str, others: &[&str]) -> Vec<String> {
    let mut names = if dice.chance(95) { vec![full.to_owned()] } else { Vec::new() };
    for other in others {
        if dice.chance(18) {
            names.push((*other).to_owned());
        }
    }
    names
}

const SCPS: [&str; 2] = ["CapA", "CapB"];
const RCPS: [&str; 2] = ["RcA", "RcB"];

fn guardrails(dice: &mut Dice, kinds: Kinds) -> String {
    let mut text = String::new();
    if kinds.scps {
        text += &format!("scp = {}\n", quoted(&attached(dice, "FullAWSAccess", &SCPS)));
    }
    if kinds.rcps {
        text += &format!("rcp = {}\n", quoted(&attached(dice, "RCPFullAWSAccess", &RCPS)));
    }
    text
}

fn organization(dice: &mut Dice, tree: &mut Tree) -> Kinds {
    if dice.chance(10) {
        return Kinds::default();
    }
    let kinds = Kinds { is_member: true, scps: dice.chance(70), rcps: dice.chance(60) };
    let management = dice.pick(&[ACCOUNTS[0], STRANGER, STRANGER]);
    tree.management_account = management.to_owned();
    let types: Vec<String> =
        [("scp", kinds.scps), ("rcp", kinds.rcps)].iter().filter(|it| it.1).map(|it| it.0.to_owned()).collect();
    let mut text = format!("id = \"{ORGANIZATION}\"\nmanagement-account = \"{management}\"\n");
    text += &format!("policy-types = {}\n", quoted(&types));
    for (at, (id, _)) in NODES.iter().enumerate() {
        text += &format!("[units.{id}]\n");
        if let Some(above) = at.checked_sub(1) {
            text += &format!("parent = \"{}\"\n", NODES[above].0);
        }
        text += &guardrails(dice, kinds);
    }
    tree.add("org.toml", text);
    for (folder, names, kind) in [("scp", SCPS, Kind::Scp), ("rcp", RCPS, Kind::Rcp)] {
        for name in names {
            let (end, text) = grant::document(dice, kind, &[], &targets());
            tree.add(format!("{folder}/{name}.{end}"), text);
        }
    }
    kinds
}

fn account(dice: &mut Dice, tree: &mut Tree, number: &str, kinds: Kinds) {
    let mut text = String::new();
    let node = dice.weighted(&[(3, Some(0)), (3, Some(1)), (3, Some(2)), (2, None)]).filter(|_| kinds.is_member);
    if let Some(node) = node {
        text += &format!("unit = \"{}\"\n", NODES[node].0);
        text += &guardrails(dice, kinds);
    }
    if number == ACCOUNTS[0] && dice.chance(70) {
        text += "canonical-user = \"79a5\"\n";
    }
    tree.add(format!("accounts/{number}/account.toml"), text);
    tree.accounts.push((number.to_owned(), node.map(|node| NODES[node].1.to_owned())));
}

/// Who there is in an account.
fn holders(dice: &mut Dice, tree: &mut Tree, number: &str) {
    let path = |dice: &mut Dice| dice.pick(&["/", "/", "/team/"]).to_owned();
    let choices = [
        (false, "ana", path(dice), 90),
        (false, "bob", path(dice), 60),
        (true, "ops", path(dice), 90),
        (true, "ana", path(dice), 40),
        (true, "AWSServiceRoleForX", SERVICE_LINKED.to_owned(), 50),
        (true, "AWSReservedSSO_Admin_0a", SINGLE_SIGN_ON.to_owned(), 50),
    ];
    for (is_role, name, path, percent) in choices {
        if !dice.chance(percent) {
            continue;
        }
        let prefix = if is_role { "AROA" } else { "AIDA" };
        let unique_id = format!("{prefix}{number}{:0>4.4}", name.to_ascii_uppercase());
        let unique_id = dice.chance(80).then_some(unique_id);
        let tags = tags(dice);
        let (account, name) = (number.to_owned(), name.to_owned());
        tree.holders.push(Holder { is_role, account, path, name, unique_id, tags });
    }
}

fn policies(dice: &mut Dice, tree: &mut Tree, number: &str) {
    let folder = format!("accounts/{number}");
    for name in ["P1", "x/P2"] {
        let (end, text) = grant::document(dice, Kind::Identity, &[], &targets());
        tree.add(format!("{folder}/policies/{name}.{end}"), text);
        tree.managed.push(format!("arn:aws:iam::{number}:policy/{name}"));
    }
    let some = some_policies(dice, number);
    tree.add(format!("{folder}/groups/g.toml"), format!("policies = {}\n", quoted(&some)));
    let (end, text) = grant::document(dice, Kind::Identity, &[], &targets());
    tree.add(format!("{folder}/groups/g.OfGroup{number}.{end}"), text);
}

/// Managed policies by name or ARN.
fn some_policies(dice: &mut Dice, number: &str) -> Vec<String> {
    let own = format!("arn:aws:iam::{number}:policy/P1");
    let choices = ["P1".to_owned(), "P2".to_owned(), own, "arn:aws:iam::aws:policy/job/V2".to_owned()];
    choices.into_iter().filter(|_| dice.chance(40)).collect()
}

fn roles_and_users(dice: &mut Dice, tree: &mut Tree, number: &str, principals: &[(&'static str, String)]) {
    let own = tree.holders.iter().filter(|holder| holder.account == number);
    for holder in own.cloned().collect::<Vec<_>>() {
        let folder = if holder.is_role { "roles" } else { "users" };
        let place = format!("accounts/{number}/{folder}/{}", holder.name);
        let mut text = format!("path = {:?}\n", holder.path);
        if let Some(id) = &holder.unique_id {
            text += &format!("id = {id:?}\n");
        }
        text += &format!("policies = {}\n", quoted(&some_policies(dice, number)));
        if !holder.is_role && dice.chance(50) {
            text += "groups = [\"g\"]\n";
        }
        if holder.path != SERVICE_LINKED && dice.chance(20) {
            text += &format!("boundary = {:?}\n", dice.pick(&["P1", "P2", "arn:aws:iam::aws:policy/V1"]));
        }
        text += &format!("tags = {}\n", table(&holder.tags));
        tree.add(format!("{place}.toml"), text);
        if holder.is_role {
            let (end, text) = grant::document(dice, Kind::Trust, principals, &[]);
            tree.add(format!("{place}.trust.{end}"), text);
        }
        if dice.chance(60) {
            let (end, text) = grant::document(dice, Kind::Identity, &[], &targets());
            let kind = if holder.is_role { "Role" } else { "User" };
            tree.add(format!("{place}.{kind}{}{number}.{end}", holder.name), text);
        }
    }
}

fn resources(dice: &mut Dice, tree: &mut Tree, number: &str, at: usize, principals: &[(&'static str, String)]) {
    let folder = format!("accounts/{number}");
    let mut used = BTreeSet::new();
    let arns = [
        (format!("arn:aws:sqs:us-east-1:{number}:q"), 75),
        (format!("arn:aws:s3:::b{at}"), 75),
        (format!("arn:aws:s3:::b{at}/k"), 25),
        // Of another account than its bucket.
        (format!("arn:aws:s3:::b{}/x{at}", at % 3 + 1), 15),
        (format!("arn:aws:kms:us-east-1:{number}:key/k"), 75),
        (format!("arn:aws:connect:us-west-2:{number}:instance/i-1"), 30),
    ];
    let mut text = String::new();
    for (arn, percent) in arns {
        if !dice.chance(percent) {
            continue;
        }
        let names: Vec<String> = ["A", "B"].iter().filter(|_| dice.chance(55)).map(|it| format!("{it}{at}")).collect();
        let tags = tags(dice);
        text += &format!("[{arn:?}]\n");
        if !names.is_empty() {
            text += &format!("policy = {}\n", quoted(&names));
            used.extend(names);
        }
        if dice.chance(15) {
            text += "must-allow = true\n";
        }
        text += &format!("tags = {}\n", table(&tags));
        tree.resources.push(Resource { arn, owner: number.to_owned(), tags });
    }
    tree.add(format!("{folder}/resources.toml"), text);
    for name in used {
        let (end, text) = grant::document(dice, Kind::Resource, principals, &targets());
        tree.add(format!("{folder}/resources/{name}.{end}"), text);
    }
}

impl Tree {
    fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.push((path.into(), text.into()));
    }
}
