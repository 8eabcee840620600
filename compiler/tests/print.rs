//! Policies as the Dictum language and as JSON.

use common::with_json as with_tree;
use dictum_compiler::print::{self, Shape, Spacing};
use dictum_compiler::source::PolicyType;
use serde_json::Value;

mod common;

fn dsl_as(text: &str, policy_type: Option<PolicyType>, shape: Shape) -> String {
    with_tree(text, |tree| print::dsl(tree, "p", policy_type, shape)).unwrap_or_else(|| panic!("no text for {text}"))
}

fn dsl(text: &str, shape: Shape) -> String {
    dsl_as(text, None, shape)
}

fn json(text: &str, shape: Shape, spacing: Spacing) -> String {
    with_tree(text, |tree| print::json(tree, shape, spacing)).unwrap_or_else(|| panic!("no text for {text}"))
}

/// The statements of a policy as one document.
fn document(statements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

#[test]
fn the_examples_of_the_language_come_out() {
    let examples = include_str!("print/examples.json");
    insta::assert_snapshot!(dsl(examples, Shape::Normal));
    // Every list of one in them is its element already.
    assert_eq!(dsl(examples, Shape::Exact), dsl(examples, Shape::Normal));
}

#[test]
fn every_operator_has_its_form() {
    let condition = include_str!("print/operators.json");
    let text = document(&format!(
        r#"{{"Effect": "Deny", "NotAction": "iam:*", "NotResource": ["*", "arn:aws:s3:::a"], "Condition": {condition}}}"#
    ));
    insta::assert_snapshot!("operators_normal", dsl(&text, Shape::Normal));
    insta::assert_snapshot!("operators_exact", dsl(&text, Shape::Exact));
}

#[test]
fn what_makes_no_difference_is_kept_when_asked() {
    let text = r#"{
      "Statement": {
        "Action": ["s3:Get*"], "Effect": "Allow", "Sid": "",
        "Principal": {"AWS": ["*"], "Service": "s3.amazonaws.com", "CanonicalUser": []},
        "Resource": ["arn:aws:s3:::a b"],
        "Condition": {"stringequals": {"a:b": "c"}, "Null": {"a:b": [true], "c:d": false}, "Bool": {},
          "NumericEquals": {"a:n": [1e3, "2", 10.50]}, "StringLike": {"a:b": ["c"]}}
      },
      "Id": "", "Version": "2008-10-17"
    }"#;
    insta::assert_snapshot!("shape_normal", dsl(text, Shape::Normal));
    insta::assert_snapshot!("shape_exact", dsl(text, Shape::Exact));
    insta::assert_snapshot!("shape_json", json(text, Shape::Normal, Spacing::Pretty));
    let exact = json(text, Shape::Exact, Spacing::Minified);
    assert_eq!(exact, text.chars().filter(|c| !c.is_whitespace()).collect::<String>().replace(":::ab", ":::a b"));
}

#[test]
fn blocks_stand_where_something_is_to_be_said() {
    let allow = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let plain = document(allow);
    for (text, policy_type, expected) in [
        (plain.as_str(), None, "allow s3:* on *\n"),
        (&plain, Some(PolicyType::Identity), "allow s3:* on *\n"),
        (&plain, Some(PolicyType::Scp), "type scp\n\nallow s3:* on *\n"),
        (r#"{"Version": "2012-10-17", "Statement": []}"#, None, "policy p { }\n"),
        (r#"{"Statement": []}"#, Some(PolicyType::Rcp), "policy p version=none type=rcp { }\n"),
        (
            r#"{"Version": "2008-10-17", "Id": "a b", "Statement": [{"Effect": "Deny", "Action": []}]}"#,
            None,
            "policy p version=\"2008-10-17\" id=\"a b\" {\n  deny []\n}\n",
        ),
        (
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}"#,
            Some(PolicyType::Resource),
            "type resource\n\nallow sts:AssumeRole from *\n",
        ),
    ] {
        assert_eq!(dsl_as(text, policy_type, Shape::Normal), expected);
    }
    let two = with_tree(&plain, |tree| print::dsl_in_block(tree, "policy", None, Shape::Normal));
    assert_eq!(two.as_deref(), Some("policy \"policy\" {\n  allow s3:* on *\n}\n"));
}

#[test]
fn a_tree_with_errors_has_no_text() {
    for statement in [
        r#"{"Effect": "Allow", "Resource": "*"}"#,
        r#"{"Effect": "allow", "Action": "*"}"#,
        r#"{"Effect": "Allow", "Action": "*", "NotAction": "*"}"#,
        r#"{"Effect": "Allow", "Action": 1}"#,
        r#"{"Effect": "Allow", "Action": "*", "Principal": "a"}"#,
        r#"{"Effect": "Allow", "Action": "*", "Principal": {}}"#,
        r#"{"Effect": "Allow", "Action": "*", "Principal": {"Google": "a"}}"#,
        r#"{"Effect": "Allow", "Action": "*", "Condition": {"String Equals": {"a:b": "c"}}}"#,
        r#"{"Effect": "Allow", "Action": "*", "Condition": []}"#,
    ] {
        assert_eq!(with_tree(&document(statement), |tree| print::dsl(tree, "p", None, Shape::Normal)), None);
    }
    assert_eq!(with_tree("{}", |tree| print::dsl(tree, "p", None, Shape::Normal)), None);
}

/// The normal form of dsl.md, written from its text, over JSON values. Lists of operators and keys have no order here.
fn normal(document: &Value) -> Value {
    let one = |value: &Value, each: &dyn Fn(&Value) -> Value| match value {
        Value::Array(entries) => match &entries[..] {
            [entry] => each(entry),
            entries => entries.iter().map(each).collect(),
        },
        value => each(value),
    };
    let text = |value: &Value| match value {
        Value::String(text) => Value::from(text.as_str()),
        Value::Bool(value) => Value::from(value.to_string()),
        // The data has no number with a fraction or an exponent.
        number => Value::from(number.to_string()),
    };
    let operators: Vec<&str> = dictum_vm::operator::Operator::ALL.iter().map(|operator| operator.name()).collect();
    let spelled = |name: &str| {
        let (quantifier, base) = name.split_once(':').map_or(("", name), |(quantifier, base)| (quantifier, base));
        let prefixes = ["", "ForAllValues:", "ForAnyValue:"];
        let names = prefixes.iter().flat_map(|prefix| operators.iter().map(move |name| format!("{prefix}{name}")));
        let mut names = names.flat_map(|name| [name.clone(), format!("{name}IfExists")]);
        assert!(quantifier.is_empty() || !base.is_empty());
        names.find(|it| it.eq_ignore_ascii_case(name)).unwrap_or_else(|| panic!("{name}"))
    };
    let condition = |value: &Value| -> Value {
        let blocks = value.as_object().unwrap().iter().filter(|(_, keys)| !keys.as_object().unwrap().is_empty());
        let keys = |keys: &Value| -> Value {
            keys.as_object().unwrap().iter().map(|(key, values)| (key.clone(), one(values, &text))).collect()
        };
        blocks.map(|(operator, value)| (spelled(operator), keys(value))).collect()
    };
    let statement = |value: &Value| -> Value {
        let members = value.as_object().unwrap().iter().map(|(name, value)| match name.as_str() {
            "Principal" | "NotPrincipal" if value.is_object() => {
                let kinds = value.as_object().unwrap().iter();
                (name.clone(), kinds.map(|(kind, list)| (kind.clone(), one(list, &text))).collect())
            }
            "Condition" => (name.clone(), condition(value)),
            _ => (name.clone(), one(value, &text)),
        });
        let empty = [("Sid", Value::from("")), ("Condition", Value::Object(serde_json::Map::new()))];
        members.filter(|(name, value)| !empty.contains(&(name.as_str(), value.clone()))).collect()
    };
    let members = document.as_object().unwrap().iter();
    members
        .map(|(name, value)| match name.as_str() {
            "Statement" => (name.clone(), one(value, &statement)),
            _ => (name.clone(), value.clone()),
        })
        .collect()
}

#[test]
fn json_is_written_as_read_or_normal() {
    let mut count = 0;
    for (text, _) in common::good_documents() {
        let value: Value = serde_json::from_str(&text).unwrap();
        let minified = json(&text, Shape::Exact, Spacing::Minified);
        let is_plain = !text.contains('\\');
        if is_plain {
            assert_eq!(minified, without_blanks(&text));
        }
        assert_eq!(serde_json::from_str::<Value>(&minified).unwrap(), value);
        let pretty = json(&text, Shape::Exact, Spacing::Pretty);
        assert_eq!(serde_json::from_str::<Value>(&pretty).unwrap(), value);
        let normal_text = json(&text, Shape::Normal, Spacing::Pretty);
        let ours: Value = serde_json::from_str(&normal_text).unwrap();
        assert_eq!(ours, normal(&value), "{text}");
        assert_eq!(json(&normal_text, Shape::Normal, Spacing::Pretty), normal_text);
        count += 1;
    }
    println!("{count} documents");
}

/// A JSON text without escapes, white space between its tokens left out.
fn without_blanks(text: &str) -> String {
    let mut is_inside = false;
    let keep = |c: &char| {
        is_inside ^= *c == '"';
        is_inside || !c.is_ascii_whitespace()
    };
    text.chars().filter(keep).collect()
}

#[test]
fn pretty_json_is_as_others_write_it() {
    let text = r#"{"Id":"a\"\\\n\r\t\b\f\u0001/é😀","Statement":[],"Version":"x"}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(json(text, Shape::Exact, Spacing::Pretty), serde_json::to_string_pretty(&value).unwrap());
    assert_eq!(json(text, Shape::Exact, Spacing::Minified), serde_json::to_string(&value).unwrap());
}

/// The claim of dsl.md. The JSON is that of another library.
#[test]
fn managed_policies_take_half_the_characters() {
    let Some(text) = common::data("managed-policies.jsonl.gz") else { return };
    let (mut ours, mut pretty, mut minified) = (0, 0, 0);
    for line in text.lines() {
        let managed: Value = serde_json::from_str(line).unwrap();
        let document = serde_json::to_string_pretty(&managed["document"]).unwrap();
        ours += dsl(&document, Shape::Normal).chars().count();
        pretty += document.chars().count();
        minified += managed["document"].to_string().chars().count();
    }
    let percent = |of: usize| 100.0 * ours as f64 / of as f64;
    println!(
        "{ours} characters: {:.1} % of {pretty} in pretty JSON, {:.1} % of {minified} in minified JSON",
        percent(pretty),
        percent(minified)
    );
    assert!(percent(pretty) <= 52.0, "{:.1} %", percent(pretty));
}
