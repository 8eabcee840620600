//! Organizations of any size from a seed: native trees of accounts, roles and policies, the policies made from real ones.

use std::fmt::Write;
use std::io::{self, BufRead};
use std::path::Path;

use dictum_compiler::resolve_document;
use dictum_compiler::source::{PolicyType, Sources};
use dictum_corpus::data;
use dictum_corpus::reader;
use serde::Deserialize;
use serde_json::value::RawValue;

/// How large an organization is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Accounts.
    pub accounts: usize,
    /// Roles, spread evenly over the accounts.
    pub roles: usize,
    /// Distinct managed policies, spread evenly over the accounts.
    pub policies: usize,
}

/// Policies that one role has attached.
const ATTACHED: usize = 3;
/// Units below the root.
const UNITS: usize = 20;
/// Different trust policies.
const TRUSTS: usize = 5;

/// A sequence of numbers from a seed.
pub struct Dice(u64);

impl Dice {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below another.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (dictum_vm::hash::mix(self.0, 0x5EED) % end.max(1) as u64) as usize
    }
}

/// A question to an organization: who asks for what. The action is always `s3:GetObject`.
#[derive(Clone, Debug)]
pub struct Ask {
    /// ARN of a role session.
    pub session: String,
    /// The session's account, which owns the bucket.
    pub account: String,
    /// An object of a bucket.
    pub resource: String,
    /// Whether a policy of the role allows it.
    pub is_allowed: bool,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    kind: Option<&'a str>,
    #[serde(borrow)]
    document: Option<&'a RawValue>,
}

/// The identity policies of the data folder that are valid.
///
/// # Errors
/// A file is not there or not as its description says.
pub fn real_policies(folder: &Path) -> io::Result<Vec<String>> {
    let mut texts: Vec<String> = data::managed_policies(folder)?.into_iter().map(|(_, text)| text).collect();
    for line in reader::open(&folder.join("wild-policies.jsonl.gz"))?.lines() {
        let line = line?;
        let Ok(Line { kind: Some("identity"), document: Some(document) }) = serde_json::from_str(&line) else {
            continue;
        };
        texts.push(document.get().to_owned());
    }
    texts.retain(|text| is_valid(text) && text.trim_end().ends_with("]}"));
    Ok(texts)
}

fn is_valid(text: &str) -> bool {
    let mut sources = Sources::new();
    let file = sources.add_file("p.json", text);
    sources.add(PolicyType::Identity, "p", file, sources.whole(file));
    let document = sources.documents().next().expect("one was added").clone();
    resolve_document(&sources, &document).0.is_some()
}

fn account(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number as u64)
}

/// Policy `number`: a real one that also lets read a bucket of its own.
fn policy(texts: &[String], number: usize) -> String {
    let text = texts[number % texts.len()].trim_end();
    // Version and Statement come first in all of them, so that the list of statements ends the text.
    let head = text.strip_suffix("]}").unwrap_or(text);
    let own = format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-{number}/*"}}"#);
    let comma = if head.trim_end().ends_with('[') { "" } else { "," };
    format!("{head}{comma}{own}]}}")
}

/// The numbers of the policies that a role has: of its account.
fn attached(size: Size, role: usize, seed: u64) -> [usize; ATTACHED] {
    let mut dice = Dice::new(seed ^ (role as u64).wrapping_mul(0xD1B5_4A32_D192_ED03));
    let of_account = (size.policies / size.accounts).max(1);
    let account = role % size.accounts;
    let (start, step) = (dice.below(of_account), 1 + dice.below(of_account / ATTACHED));
    std::array::from_fn(|at| (start + at * step) % of_account * size.accounts + account)
}

/// The files of the tree: path and text, in the order of the paths but for what an account holds.
pub fn files(size: Size, texts: &[String], seed: u64, mut each: impl FnMut(String, String)) {
    each("dictum.toml".into(), "version = 1\n".into());
    let mut org = String::from(
        "id = \"o-bench00001\"\nmanagement-account = \"999999999999\"\npolicy-types = [\"scp\", \"rcp\"]\n\
         \n[units.r-root]\nscp = [\"FullAWSAccess\", \"Region\"]\nrcp = [\"OnlyUs\"]\n",
    );
    for unit in 0..UNITS {
        let text =
            format!("\n[units.ou-root-{unit:08}]\nparent = \"r-root\"\nscp = [\"FullAWSAccess\", \"Unit{unit}\"]\n");
        org.push_str(&text);
        let deny = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"iam:Delete*","Resource":"arn:aws:iam::*:role/unit-{unit}-*"}}]}}"#
        );
        each(format!("scp/Unit{unit}.json"), deny);
    }
    each("org.toml".into(), org);
    let region = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}]}"#;
    each("scp/Region.json".into(), region.into());
    let only_us = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-bench00001"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}]}"#;
    each("rcp/OnlyUs.json".into(), only_us.into());
    for at in 0..size.accounts {
        let unit = at % UNITS;
        let text = format!("unit = \"ou-root-{unit:08}\"\nscp = [\"FullAWSAccess\"]\n");
        each(format!("accounts/{}/account.toml", account(at)), text);
    }
    for number in 0..size.policies {
        let folder = account(number % size.accounts);
        each(format!("accounts/{folder}/policies/Policy{number}.json"), policy(texts, number));
    }
    let services = ["ec2", "lambda", "ecs-tasks", "states", "connect"];
    let trusts: [String; TRUSTS] = services.map(|service| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}.amazonaws.com"}},"Action":"sts:AssumeRole"}}]}}"#
        )
    });
    for role in 0..size.roles {
        let folder = account(role % size.accounts);
        let mut text = format!("id = \"AROA{role:017}\"\npolicies = [");
        for number in attached(size, role, seed) {
            write!(text, "\"Policy{number}\", ").expect("a String takes everything");
        }
        text.truncate(text.len() - 2);
        write!(text, "]\n\n[tags]\nteam = \"team-{}\"\n", role % 50).expect("a String takes everything");
        each(format!("accounts/{folder}/roles/role-{role}.toml"), text);
        each(format!("accounts/{folder}/roles/role-{role}.trust.json"), trusts[role % TRUSTS].clone());
    }
}

/// Questions of random roles, three of five of them for a bucket that the role may read.
pub fn asks(size: Size, seed: u64, count: usize) -> Vec<Ask> {
    let mut dice = Dice::new(seed ^ 0xA5C);
    let ask = |_| {
        let role = dice.below(size.roles);
        let own = attached(size, role, seed);
        let is_allowed = dice.below(5) < 3;
        let mut bucket = own[dice.below(ATTACHED)];
        while !is_allowed && own.contains(&bucket) {
            bucket = dice.below(size.policies.max(ATTACHED + 1));
        }
        let account = account(role % size.accounts);
        Ask {
            session: format!("arn:aws:sts::{account}:assumed-role/role-{role}/s"),
            account,
            resource: format!("arn:aws:s3:::bucket-{bucket}/key-{}", dice.below(1_000)),
            is_allowed,
        }
    };
    (0..count).map(ask).collect()
}
