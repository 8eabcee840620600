//! Random Condition elements: valid, and about what the scene holds, so that they often hold or nearly do.

use super::dice::Dice;
use super::json::{Json, text};
use super::pattern::{glob, with_variables};
use super::scene::{Fact, Family, KEYS, Scene};

/// A Condition of one or two operators, each with one or two keys.
pub(super) fn condition(dice: &mut Dice, scene: &Scene, version_2012: bool) -> Json {
    let mut blocks: Vec<(String, Json)> = Vec::new();
    for _ in 0..dice.weighted(&[(1, 0), (16, 1), (4, 2)]) {
        let (operator, block) = block(dice, scene, version_2012);
        // GRM-3: two operators may not differ in case only.
        if blocks.iter().all(|(other, _)| !other.eq_ignore_ascii_case(&operator)) {
            blocks.push((operator, block));
        }
    }
    Json::Object(blocks)
}

/// The key a test is about: mostly one that the request has.
fn subject(dice: &mut Dice, scene: &Scene) -> Fact {
    // OPR-4: a condition key has a colon.
    let facts: Vec<&Fact> = scene.facts.iter().filter(|fact| fact.key.contains(':')).collect();
    if !facts.is_empty() && dice.chance(80) {
        return dice.pick(&facts).clone();
    }
    let (key, family) = dice.pick(&KEYS);
    Fact { key: key.to_owned(), family, texts: vec!["blue".to_owned()], many: key == "aws:TagKeys" }
}

fn block(dice: &mut Dice, scene: &Scene, version_2012: bool) -> (String, Json) {
    let first = subject(dice, scene);
    let many = first.many;
    let base = base(dice, first.family);
    let mut operator = base.to_owned();
    if base != "Null" {
        let quantified = dice.chance(if many { 90 } else { 35 });
        if quantified {
            operator = format!("{}:{operator}", dice.pick(&["ForAllValues", "ForAnyValue"]));
        }
        if dice.chance(30) {
            operator += "IfExists";
        }
    }
    if dice.chance(6) {
        operator = operator.to_ascii_lowercase();
    }
    let mut keys: Vec<(String, Json)> = Vec::new();
    let second = dice.chance(10).then(|| subject(dice, scene));
    for fact in [Some(first), second].into_iter().flatten() {
        let key = if dice.chance(10) { fact.key.to_ascii_uppercase() } else { fact.key.clone() };
        if keys.iter().all(|(other, _)| !other.eq_ignore_ascii_case(&key)) {
            keys.push((key, values(dice, base, &fact, scene, version_2012)));
        }
    }
    (operator, Json::Object(keys))
}

fn base(dice: &mut Dice, family: Family) -> &'static str {
    const STRING: [&str; 8] = [
        "StringEquals",
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringLike",
        "StringNotLike",
    ];
    match dice.below(20) {
        0 | 1 => return "Null",
        // Any key may be asked for as a text.
        2 | 3 => return dice.pick(&STRING),
        _ => {}
    }
    match family {
        Family::String => dice.pick(&STRING),
        Family::Number => dice.pick(&[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ]),
        Family::Date => dice.pick(&[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ]),
        Family::Bool => "Bool",
        Family::Binary => "BinaryEquals",
        Family::Address => dice.pick(&["IpAddress", "NotIpAddress"]),
        Family::Arn => dice.pick(&["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]),
    }
}

fn values(dice: &mut Dice, base: &str, fact: &Fact, scene: &Scene, version_2012: bool) -> Json {
    let one = |dice: &mut Dice| value(dice, base, fact, scene, version_2012);
    match dice.weighted(&[(10, 1), (3, 0), (6, 2), (2, 3)]) {
        0 if dice.chance(30) => Json::List(vec![]),
        0 | 1 => one(dice),
        count => Json::List((0..count).map(|_| one(dice)).collect()),
    }
}

/// A policy value that its operator can read (OPR-5).
fn value(dice: &mut Dice, base: &str, fact: &Fact, scene: &Scene, version_2012: bool) -> Json {
    let written = |json: &str| Json::Written(json.to_owned());
    let target = if fact.texts.is_empty() { "blue".to_owned() } else { dice.pick(&fact.texts) };
    let with_variables = dice.chance(25);
    let variables = version_2012 && with_variables;
    let literals: &[&str] = match base {
        "Null" => &["true", "false", "\"TRUE\"", "\"false\""],
        "Bool" if variables => {
            &["\"${aws:SecureTransport}\"", "\"${x:none,'true'}\"", "\"${x:none}\"", "\"t${x:team}\""]
        }
        "Bool" => &["true", "false", "\"True\"", "\"maybe\"", "\"false\""],
        "BinaryEquals" => &["\"QmluYXJ5\"", "\"QQ==\"", "\"\"", "\"QmluYXJ5\""],
        "IpAddress" | "NotIpAddress" => &[
            "\"10.0.0.0/8\"",
            "\"10.1.2.3/8\"",
            "\"10.1.2.3\"",
            "\"0.0.0.0/0\"",
            "\"::/0\"",
            "\"2001:db8::/32\"",
            "\"2001:db8::5\"",
            "\"203.0.113.0/24\"",
            "\"::ffff:10.1.1.1\"",
        ],
        _ if base.starts_with("Numeric") => &[
            "5",
            "10",
            "10.5",
            "\"10.500\"",
            "\"-0\"",
            "0.5",
            "\".5\"",
            "1e1",
            "9007199254740993",
            "\"+5\"",
            "-5",
            "\"5.\"",
        ],
        _ if base.starts_with("Date") => &[
            "\"2024-07-01T00:00:00Z\"",
            "\"2024-07-01\"",
            "1719792000",
            "\"2024-07\"",
            "\"2024\"",
            "\"2024-07-01T00:00:01+00:01\"",
            "\"1719792001.4999\"",
            "\"2024-02-29T23:59Z\"",
            "-1",
            "\"1969-12-31T23:59:59.5\"",
            "\"2024-07-01T00:00:01.500Z\"",
        ],
        _ if base.starts_with("Arn") => return arn_value(dice, &target, scene, variables),
        // VAR-1: in an old policy a variable is a text like any other.
        _ => return string_value(dice, base, &target, scene, with_variables),
    };
    written(dice.pick(literals))
}

fn string_value(dice: &mut Dice, base: &str, target: &str, scene: &Scene, variables: bool) -> Json {
    if variables {
        return text(with_variables(dice, target, &scene.facts));
    }
    let value = match dice.below(10) {
        0..4 if base.ends_with("Like") => glob(dice, target),
        0..5 => target.to_owned(),
        5 => target.to_uppercase(),
        6 => match target.parse::<u32>() {
            Ok(number) => return Json::Written(format!("{number}.0")),
            Err(_) => target.to_lowercase(),
        },
        7 => glob(dice, target),
        _ => dice.pick(&["blue", "red", "ana", "", "*", "true", "Blue?", "team", "\n\u{1F600}É"]).to_owned(),
    };
    // What a request holds may look like a variable, but need not be a whole one.
    text(value.replace("${", "$ {"))
}

/// A value of an Arn operator: `*`, or six components (CND-63).
fn arn_value(dice: &mut Dice, target: &str, scene: &Scene, variables: bool) -> Json {
    let arn = if target.matches(':').count() >= 5 { target } else { "arn:aws:sns:us-east-1:111111111111:t-1" };
    let mut fields: Vec<String> = arn.splitn(6, ':').map(str::to_owned).collect();
    for field in &mut fields[..5] {
        match dice.below(12) {
            0 => *field = "*".to_owned(),
            1 => *field = format!("{}*", field.chars().next().unwrap_or('*')),
            2 => *field = field.replacen(|c: char| c.is_ascii_alphanumeric(), "?", 1),
            _ => {}
        }
    }
    fields[5] = if dice.chance(50) { fields[5].clone() } else { glob(dice, &fields[5]) };
    let value = match dice.below(20) {
        0 => "*".to_owned(),
        1 => "arn:aws:iam::111111111111:root".to_owned(),
        2 if variables => "${aws:PrincipalArn}".to_owned(),
        3 if variables => "arn:aws:${x:none}".to_owned(),
        _ if variables => {
            fields[5] = with_variables(dice, &fields[5].clone(), &scene.facts);
            fields.join(":")
        }
        _ => fields.join(":"),
    };
    text(if variables { value } else { value.replace("${", "$ {") })
}
