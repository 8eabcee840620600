//! Networks in conditions.

use dictum_compiler::policy::Operand;
use dictum_compiler::syntax::ast::Text;
use dictum_vm::operator::{Family, Operator};
use dictum_vm::value::ip::Network;

use super::{identity, resource};
use crate::check::Found;
use crate::edit;
use crate::subject::{Clause, Statement};

checks! {
    "L-PRIVATE-IP" Warning Correctness "Access Analyzer" "A private network for `aws:SourceIp`."
    why: "The service sees the public address of a caller, so a private network never matches. Through a VPC endpoint the private address is in `aws:VpcSourceIp`, and `aws:SourceIp` is absent.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}}"#),
    Statement(private);

    "L-PRIVATE-IP-NOT" Warning Correctness "Access Analyzer" "Only private networks excepted for `aws:SourceIp`."
    why: "No public address is in them, so the condition holds for everybody who calls over the internet, whoever that is: a Deny denies all, an Allow excepts nobody.",
    bad: identity(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": ["52.94.76.0/24"]}, "Bool": {"aws:ViaAWSService": "false"}}}"#),
    Statement(private_not);

    "L-PRIVATE-IP-MIX" Suggestion Correctness "Access Analyzer" "Private networks among public ones for `aws:SourceIp`."
    why: "The private ones never match and only seem to do something. They belong under `aws:VpcSourceIp`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": ["52.94.76.0/24", "10.0.0.0/8"]}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": ["52.94.76.0/24", "54.231.0.0/17"]}}}"#),
    Statement(private_mix);

    "L-IP-HOST-BITS" Suggestion Style "CND-51" "A network that is written with host bits."
    why: "The bits behind the length are ignored, so `10.1.2.3/8` is all of `10.0.0.0/8`. Write the network that is meant: perhaps it was one address.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.76.9/24"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    Statement(host_bits);

    "L-IP-EVERYONE" Security Security "CND-55" "A network of all addresses."
    why: "`0.0.0.0/0` and `::/0` hold every address, so the condition limits nobody and only looks as if it did.",
    bad: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    Statement(everyone);

    "L-IP-WIDE" Warning Security "CND-55" "A network of more than 16 million public addresses."
    why: "Fewer than eight bits are fixed: nobody owns so many public addresses, so strangers are inside. Two digits of the length may have become one.",
    bad: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.0.0.0/6"}}}"#),
    good: resource(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    Statement(wide);

    "L-IP-COVERED" Suggestion Style "CND-50" "A network inside another one of the same list."
    why: "The wider one holds all its addresses, so it adds nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": ["52.94.0.0/16", "52.94.76.0/24"]}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": ["52.94.0.0/16", "52.95.76.0/24"]}}}"#),
    Statement(covered);

    "L-IP-RESERVED" Suggestion Correctness "RFC 6890" "A network from which no call comes."
    why: "These addresses are set aside for documentation, for the machine itself or for one link. An example was probably copied with its addresses.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    Statement(reserved);

    "L-IP-SERVICE" Warning Correctness "CTX-21" "A Deny by address that hits services too."
    why: "A service that calls on the principal's behalf comes from an address of its own, and is denied with it. `aws:ViaAWSService` of `false` beside the network leaves it out.",
    bad: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "52.94.76.0/24"}}}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "52.94.76.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}}"#),
    Statement(service);
}

const PRIVATE: [Network; 5] = [
    Network::V4(0x0a00_0000, 8),
    Network::V4(0xac10_0000, 12),
    Network::V4(0xc0a8_0000, 16),
    Network::V4(0x6440_0000, 10),
    Network::V6(0xfc00 << 112, 7),
];

/// With the names that a message gives them.
const RESERVED: [(Network, &str); 9] = [
    (Network::V4(0xc000_0200, 24), "for documentation"),
    (Network::V4(0xc633_6400, 24), "for documentation"),
    (Network::V4(0xcb00_7100, 24), "for documentation"),
    (Network::V6(0x2001_0db8 << 96, 32), "for documentation"),
    (Network::V4(0x7f00_0000, 8), "the machine itself"),
    (Network::V6(1, 128), "the machine itself"),
    (Network::V4(0xa9fe_0000, 16), "one link"),
    (Network::V6(0xfe80 << 112, 10), "one link"),
    (Network::V4(0xe000_0000, 4), "for many receivers at once"),
];

/// Whether all addresses of one network are in the other.
pub(super) fn is_inside(inner: Network, outer: Network) -> bool {
    match (inner, outer) {
        (Network::V4(inner, length), Network::V4(outer, bits)) => {
            length >= bits && (bits == 0 || (inner ^ outer) >> (32 - bits) == 0)
        }
        (Network::V6(inner, length), Network::V6(outer, bits)) => {
            length >= bits && (bits == 0 || (inner ^ outer) >> (128 - bits) == 0)
        }
        _ => false,
    }
}

fn is_private(network: Network) -> bool {
    PRIVATE.iter().any(|&range| is_inside(network, range))
}

/// The networks of a clause, each with its text.
pub(super) fn networks<'s>(clause: &'s Clause<'_>) -> impl Iterator<Item = (Text<'s>, Network)> {
    let pairs = clause.values.iter().zip(&clause.resolved.values);
    pairs.filter_map(|(value, resolved)| match resolved.operand {
        Operand::Network(network) => Some((value.text, network)),
        _ => None,
    })
}

/// The clauses of the family on `aws:SourceIp`, negated or not.
fn on_source<'s>(statement: &'s Statement<'s>, operator: Operator) -> impl Iterator<Item = &'s Clause<'s>> {
    statement.on_key("aws:SourceIp").filter(move |clause| clause.test.operator == operator)
}

fn private(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in on_source(statement, Operator::IpAddress) {
        let all_private = networks(clause).all(|(_, network)| is_private(network));
        for (text, _) in networks(clause).filter(|_| all_private) {
            let message = format!("`{}` is private, and no call comes from there", text.text);
            found.say(text.span, message, "within a VPC the address is in `aws:VpcSourceIp`");
        }
    }
}

fn private_not(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in on_source(statement, Operator::NotIpAddress) {
        if !clause.values.is_empty() && networks(clause).all(|(_, network)| is_private(network)) {
            let message = "every public address is outside these networks";
            found.say(clause.span, message, "within a VPC the address is in `aws:VpcSourceIp`");
        }
    }
}

fn private_mix(statement: &Statement<'_>, found: &mut Found<'_>) {
    for operator in [Operator::IpAddress, Operator::NotIpAddress] {
        for clause in on_source(statement, operator) {
            let some_public = networks(clause).any(|(_, network)| !is_private(network));
            for (text, _) in networks(clause).filter(|&(_, network)| some_public && is_private(network)) {
                let message = format!("`{}` is private and never matches `aws:SourceIp`", text.text);
                found.say(text.span, message, "move it under `aws:VpcSourceIp`, or leave it out");
            }
        }
    }
}

fn host_bits(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter().filter(|clause| clause.test.operator.family() == Family::IpAddress) {
        for (text, network) in networks(clause) {
            let address = text.text.split_once('/').map(|(address, _)| Network::parse(address));
            let (Some(Some(Network::V4(address, _))), Network::V4(start, _)) = (address, network) else { continue };
            if address != start {
                let message = format!("`{}` is the network `{network}`", text.text);
                let finding = found.at(text.span, message).help("write the network, or the one address that is meant");
                found.push(edit::replaced(finding, statement, text, &network.to_string()));
            }
        }
    }
}

/// The networks of positive clauses in an Allow: those that are let in.
fn let_in<'s>(statement: &'s Statement<'s>) -> impl Iterator<Item = (Text<'s>, Network)> {
    let is_let_in = |clause: &&Clause<'_>| clause.test.operator == Operator::IpAddress;
    statement.clauses.iter().filter(|_| statement.is_allow()).filter(is_let_in).flat_map(networks)
}

fn everyone(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (text, _) in let_in(statement).filter(|(_, network)| matches!(network, Network::V4(_, 0) | Network::V6(_, 0))) {
        let message = format!("every address is in `{}`", text.text);
        found.say(text.span, message, "name the networks that are meant, or leave the condition out");
    }
}

fn wide(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_wide = |network: &Network| matches!(network, Network::V4(_, 1..=7) | Network::V6(_, 1..=15));
    for (text, _) in let_in(statement).filter(|(_, network)| is_wide(network)) {
        let message = format!("`{}` holds more public addresses than anybody owns", text.text);
        found.say(text.span, message, "check its length");
    }
}

fn covered(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.clauses.iter() {
        let mut all: Vec<(Text<'_>, Network)> = networks(clause).collect();
        // Ascending by first address, wider ones first: whoever holds a network is the last wide one before it.
        all.sort_by_key(|&(text, network)| match network {
            Network::V4(start, length) => (0, u128::from(start), length, text.span.start),
            Network::V6(start, length) => (1, start, length, text.span.start),
        });
        let mut around: Option<(Text<'_>, Network)> = None;
        for (text, network) in all {
            match around.filter(|&(_, outer)| is_inside(network, outer)) {
                // Equal texts are doubled values, which have a check of their own.
                Some((outer, _)) if outer.text != text.text => {
                    let message = format!("`{}` is inside `{}`", text.text, outer.text);
                    let finding = found.at(text.span, message).help("leave it out");
                    let finding = finding.related(outer.span, "this holds all its addresses");
                    found.push(edit::removed(finding, statement, clause.texts(), text));
                }
                Some(_) => {}
                None => around = Some((text, network)),
            }
        }
    }
}

fn reserved(statement: &Statement<'_>, found: &mut Found<'_>) {
    for clause in statement.on_key("aws:SourceIp") {
        for (text, network) in networks(clause) {
            if let Some((_, what)) = RESERVED.iter().find(|(range, _)| is_inside(network, *range)) {
                let message = format!("no call comes from `{}`: such addresses are {what}", text.text);
                found.say(text.span, message, "put in the addresses that are meant");
            }
        }
    }
}

fn service(statement: &Statement<'_>, found: &mut Found<'_>) {
    const EXCUSES: [&str; 5] =
        ["aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalIsAWSService"];
    let is_excused = statement.clauses.iter().any(|clause| EXCUSES.iter().any(|key| clause.is_key(key)));
    if statement.is_allow() || is_excused {
        return;
    }
    for clause in on_source(statement, Operator::NotIpAddress) {
        let message = "services that call on behalf of the principal are denied too";
        found.say(clause.key.span, message, "add `aws:ViaAWSService` of `false`");
    }
}
