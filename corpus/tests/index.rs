//! The index hides nothing: policy sets that force each dimension of the tree and each bound of matching.md 7, decided
//! by the machine and, statement by statement, by the reference. A request that the index loses a statement for is a
//! decision or a `by` that differs. Each set is compiled with all passes and with none.

mod common;

use bumpalo::Bump;
use common::{Both, bytes, document, policies, request, value};
use dictum_compiler::{Options, Reporter, compile};
use dictum_corpus::case::Policies;
use dictum_corpus::decide::{policy_set, sources};
use dictum_corpus::reference;
use dictum_corpus::request::{CaseRequest, Principal};
use dictum_corpus::world::Dice;
use dictum_vm::{Bundle, Machine, Value};

const ANA: &str = "arn:aws:iam::111111111111:user/ana";

/// Asks every request of both engines; gives how many decisions of each sort came out, and the bytes of the bundle.
fn agree(policies: &Policies, requests: &[CaseRequest]) -> [usize; 3] {
    static NONE: Options = Options { passes: &[], progress: Reporter(None) };
    let arena = Bump::new();
    let set = policy_set(policies, &arena);
    let bundles = [Options::default(), NONE].map(|options| Bundle::from_bytes(bytes(policies, &options)).unwrap());
    let mut engines = bundles.each_ref().map(|bundle| Both::new(&set, bundle));
    let mut counts = [0; 3];
    for request in requests {
        let expected = reference::decide(&set, request);
        for engine in &mut engines {
            let decision = engine.against(&expected, request);
            counts[decision.unwrap_or_else(|| panic!("a request is refused: {request:?}")) as usize] += 1;
        }
    }
    counts
}

/// A statement of an identity policy; every third is a deny.
fn statement(i: usize, action: &str, resource: &str, condition: &str) -> String {
    let effect = if i % 3 == 2 { "Deny" } else { "Allow" };
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{{{condition}}}"#) };
    format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{condition}}}"#)
}

fn identity(statements: impl Iterator<Item = String>) -> Policies {
    policies(&[("identity", document(&statements.collect::<Vec<_>>()))])
}

/// A text that a pattern matches, if its stars may stand for anything that is found in resources.
fn expanded(pattern: &str, dice: &mut Dice) -> String {
    const RUNS: [&str; 12] = ["", "a", "x/y", "//", ":", "::", "é", "名/前", "abcdefgh", "/abcdefgh1/", "-q", "k:1:2"];
    let mut text = String::new();
    for c in pattern.chars() {
        match c {
            '*' => text.push_str(dice.pick(&RUNS)),
            '?' => text.push(dice.pick(&['a', ':', '/', 'é', '名'])),
            c => text.push(c),
        }
    }
    text
}

/// Requests of one action for expansions of some of the patterns.
fn for_patterns(action: &str, patterns: &[String], count: usize) -> Vec<CaseRequest> {
    let mut dice = Dice::new(patterns.len() as u64);
    let expansion = |_| {
        let pattern = dice.pick(patterns);
        request(ANA, action, &expanded(&pattern, &mut dice))
    };
    (0..count).map(expansion).collect()
}

#[test]
fn actions_alone() {
    let pattern = |i: usize| match i % 4 {
        0 => format!("s{}:Name{i}", i % 7),
        1 => format!("s{}:Name{}*", i % 7, i / 10),
        2 => format!("s{}:*e{i}?", i % 7),
        _ => format!("s{}:N*{}*", i % 7, i % 11),
    };
    let set = identity((0..600).map(|i| statement(i, &pattern(i), "*", "")));
    let names = (0..250).map(|i| request(ANA, &format!("S{}:nAME{}{}", i % 8, i * 7 % 640, ["", "x"][i % 2]), "*"));
    println!("{:?}", agree(&set, &names.collect::<Vec<_>>()));
}

#[test]
fn principals_alone() {
    let entry = |i: usize| match i % 5 {
        0 => format!(r#""AWS":"arn:aws:iam::111111111111:user/u{i}""#),
        1 => format!(r#""AWS":"arn:aws:iam::111111111111:role/path/r{i}""#),
        2 => format!(r#""AWS":"{:012}""#, 111_111_111_111u64 + i as u64 / 50),
        3 => format!(r#""Service":"s{i}.amazonaws.com""#),
        _ => {
            format!(r#""AWS":["arn:aws:sts::111111111111:assumed-role/r{i}/s","arn:aws:iam::111111111111:user/v{i}"]"#)
        }
    };
    let statements = (0..500).map(|i| {
        // A deny of an account would decide for all of its principals.
        let effect = if i % 3 == 2 && i % 5 != 2 { "Deny" } else { "Allow" };
        format!(r#"{{"Effect":"{effect}","Principal":{{{}}},"Action":"x:*","Resource":"*"}}"#, entry(i))
    });
    let set = policies(&[("resource", document(&statements.collect::<Vec<_>>()))]);
    let requests = (0..200).map(|i| {
        let n = i * 5 % 510 + i % 5;
        let mut one = request(ANA, "x:Do", "arn:aws:x:::thing");
        one.principal = match i % 5 {
            0 => Principal::Arn(format!("arn:aws:iam::111111111111:user/u{n}")),
            1 => Principal::Session {
                session: format!("arn:aws:sts::111111111111:assumed-role/r{n}/s"),
                role: format!("arn:aws:iam::111111111111:role/path/r{n}"),
            },
            2 => Principal::Arn(format!("arn:aws:iam::{:012}:role/any", 111_111_111_111u64 + n as u64 / 50)),
            3 => Principal::Service(format!("s{n}.amazonaws.com")),
            _ => Principal::Arn(format!("arn:aws:sts::111111111111:assumed-role/r{n}/s")),
        };
        one
    });
    let counts = agree(&set, &requests.collect::<Vec<_>>());
    assert!(counts.iter().all(|&count| count > 0), "{counts:?}");
}

#[test]
fn equality_of_tags() {
    let condition = |i: usize| match i % 4 {
        0 => format!(r#""StringEquals":{{"x:tag":"v{i}"}}"#),
        1 => format!(r#""ForAnyValue:StringEquals":{{"x:many":["v{i}","w{i}"]}}"#),
        2 => format!(r#""StringEquals":{{"x:tag":["v{i}","v{}"]}},"Bool":{{"aws:SecureTransport":true}}"#, i + 1),
        _ => format!(r#""ForAllValues:StringEquals":{{"x:many":["v{i}"]}},"StringEqualsIfExists":{{"x:tag":"v{i}"}}"#),
    };
    let set = identity((0..800).map(|i| statement(i, "x:*", "*", &condition(i))));
    let requests = (0..150).map(|i| {
        let mut one = request(ANA, "x:Do", "arn:aws:x:::thing");
        let (v, w) = (format!("v{}", i * 11 % 820), format!("w{}", i * 13 % 820));
        one.context.push(("aws:SecureTransport".into(), value(&["true"])));
        if i % 3 != 0 {
            one.context.push(("X:Tag".into(), value(&[&v])));
        }
        match i % 4 {
            0 => one.context.push(("x:many".into(), value(&[&v, &w]))),
            1 => one.context.push(("x:many".into(), value(&[&v, &v, ""]))),
            2 => one.context.push(("x:many".into(), value(&["", ""]))),
            _ => {}
        }
        one
    });
    println!("{:?}", agree(&set, &requests.collect::<Vec<_>>()));
}

#[test]
fn unique_resources() {
    let pattern = |i: usize| match i % 3 {
        0 => format!("arn:aws:s3:::bucket-{i}/*"),
        1 => format!("arn:aws:sqs:*:111111111111:queue-{i}"),
        _ => format!("arn:aws:s3:::*/deep/key-{i}/?"),
    };
    let patterns: Vec<String> = (0..5_000).map(pattern).collect();
    let set = identity(patterns.iter().enumerate().map(|(i, pattern)| statement(i, "*", pattern, "")));
    let counts = agree(&set, &for_patterns("s3:Get", &patterns, 60));
    assert!(counts[0] + counts[1] > 40, "{counts:?}");
}

/// Nothing literal but the middle of the last field: any four bytes are the anchor.
#[test]
fn infixes() {
    let mut dice = Dice::new(4);
    let mut word = || (0..4 + dice.below(5)).map(|_| char::from(b'a' + dice.below(6) as u8)).collect::<String>();
    let patterns: Vec<String> = (0..600)
        .map(|i| match i % 3 {
            0 => format!("arn:aws:x:*:*:*{}*", word()),
            1 => format!("arn:aws:x:*:*:*{}*{}?", word(), word()),
            _ => format!("arn:aws:x:*:*:*{}é*", word()),
        })
        .collect();
    let set = identity(patterns.iter().enumerate().map(|(i, pattern)| statement(i, "x:*", pattern, "")));
    let counts = agree(&set, &for_patterns("x:Do", &patterns, 200));
    assert!(counts[0] + counts[1] > 100, "{counts:?}");
}

/// One resource that offers 300 anchors, each with a statement: more than any array of fixed size holds.
#[test]
fn nested_prefixes() {
    let path = |depth: usize| (0..depth).map(|i| format!("d{i}/")).collect::<String>();
    let patterns: Vec<String> = (0..300).map(|depth| format!("arn:aws:s3:::b/{}*", path(depth))).collect();
    let condition = |i: usize| format!(r#""StringEquals":{{"x:level":"{i}"}}"#);
    let set = identity(patterns.iter().enumerate().map(|(i, pattern)| statement(i, "s3:*", pattern, &condition(i))));
    let requests = (0..12).map(|i| {
        let (depth, level) = (i * 137 % 300, i * i * 5 % 300);
        let mut one = request(ANA, "s3:Get", &format!("arn:aws:s3:::b/{}k", path(depth)));
        one.context.push(("x:level".into(), value(&[&level.to_string()])));
        one
    });
    let counts = agree(&set, &requests.collect::<Vec<_>>());
    assert!(counts.iter().all(|&count| count > 0), "{counts:?}");
    // Without the condition: all at once, and by handle.
    let set = identity(patterns.iter().map(|pattern| statement(0, "s3:*", pattern, "")));
    let whole = format!("arn:aws:s3:::b/{}k", path(299));
    assert_eq!(agree(&set, &[request(ANA, "s3:Get", &whole)]), [2, 0, 0]);
    let bundle = Bundle::from_bytes(bytes(&set, &Options::default())).unwrap();
    let resolved = bundle.resolve_resource(&whole).unwrap();
    let asked = bundle.request().principal(dictum_vm::Principal::Arn(ANA)).action("s3:Get").resource_handle(&resolved);
    assert_eq!(Machine::new(&bundle).explain(&asked.build().unwrap()).by.len(), 300);
}

/// One anchor some two thousand times in a resource of full length, and others before, between and behind.
#[test]
fn repeated_anchors() {
    let patterns: Vec<String> = (0..200)
        .map(|i| match i % 4 {
            0 => format!("arn:aws:s3:::*/a/*/n{i}"),
            1 => format!("arn:aws:s3:::*/n{i}/a/*"),
            2 => format!("arn:aws:s3:::*/n{i}"),
            _ => format!("arn:aws:s3:::b/n{i}/*"),
        })
        .collect();
    let set = identity(patterns.iter().enumerate().map(|(i, pattern)| statement(i, "s3:*", pattern, "")));
    let requests = (0..40).map(|i| {
        let (first, middle, last) = (i * 5 % 200, i * 7 % 200, i * 11 % 200);
        let head = format!("arn:aws:s3:::b/n{first}");
        let all: String = (0..200).map(|n| format!("/n{n}")).collect();
        let tail = format!("/n{middle}{}/n{last}", if i % 4 == 0 { all.as_str() } else { "" });
        let repeated = "/a".repeat((4_096 - head.len() - tail.len()) / 2);
        request(ANA, "s3:Get", &format!("{head}{repeated}{tail}"))
    });
    let counts = agree(&set, &requests.collect::<Vec<_>>());
    assert!(counts[0] + counts[1] > 0, "{counts:?}");
}

/// More patterns for one unknown name than a handle keeps, by table and, where no table fits its budget, one by one.
#[test]
fn long_chains() {
    let prefix = |service: &str, i: usize| format!("{service}:{}*", "a".repeat(i));
    let infix = |i: usize| {
        format!("hard:*{}*{}*", ["ab", "ba", "aa", "bb"][i % 4], format!("{i:b}").replace('0', "a").replace('1', "b"))
    };
    let wide = (0..200).map(|i| prefix("wide", i));
    let all: Vec<String> = wide.chain((0..60).map(|i| prefix("slim", i))).chain((0..60).map(infix)).collect();
    let statements = all.iter().enumerate().map(|(i, action)| statement(i / 260 * i, action, "*", ""));
    let set = identity(statements);
    let report = compile(&sources(&set), &Options::default()).unwrap().report;
    assert!(report.automata.0 > 0 && report.automata.1 > 0, "{report:?}");
    let mut dice = Dice::new(5);
    let mut requests = vec![request(ANA, &format!("wide:{}", "A".repeat(199)), "*"), request(ANA, "wide:b", "*")];
    for _ in 0..60 {
        let name: String = (0..1 + dice.below(30)).map(|_| dice.pick(&['a', 'B', 'b', 'c'])).collect();
        requests.push(request(ANA, &format!("{}:{name}", dice.pick(&["Hard", "wide", "SLIM"])), "*"));
    }
    let counts = agree(&set, &requests);
    assert!(counts[0] > 0 && counts[1] > 0, "{counts:?}");
}

/// Empty tokens, delimiters at both ends, other scripts, and the resource `*`.
#[test]
fn odd_resources() {
    const PATTERNS: [&str; 24] = [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::/*",
        "arn:aws:s3:::b//c",
        "arn:aws:s3:::b//*",
        "arn:aws:s3:::*//c",
        "arn:aws:s3:::*::*",
        "arn:aws:x::::",
        "arn:aws:x::::*",
        "arn:aws:x:::/",
        "arn:aws:x:::*/",
        "arn:aws:x:::*:",
        "arn:aws:x:::?",
        "arn:aws:x:::??",
        "arn:aws:s3:::日本/*",
        "arn:aws:s3:::*本/語",
        "arn:aws:s3:::é?/*é",
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3:::b/${*}/${x:none, 'd/e'}",
        "arn:*:s3:*:*:b/k",
        "arn:aws:*:::b/k",
        "arn:aws:s3:::*longer-than-eight*",
        "arn:aws:s3:::b/longer-than-eight*",
        "arn:aws:s3:::b/longer-",
    ];
    const RESOURCES: [&str; 30] = [
        "*",
        "arn:aws:s3:::",
        "arn:aws:s3:::/",
        "arn:aws:s3:::b//c",
        "arn:aws:s3:::b//",
        "arn:aws:s3:::b///c",
        "arn:aws:s3:::::",
        "arn:aws:s3:::a::b",
        "arn:aws:x::::",
        "arn:aws:x:::::",
        "arn:aws:x:::/",
        "arn:aws:x:::a/",
        "arn:aws:x:::a:",
        "arn:aws:x:::é",
        "arn:aws:x:::éa",
        "arn:aws:s3:::日本/x",
        "arn:aws:s3:::x日本/語",
        "arn:aws:s3:::éx/yé",
        "arn:aws:s3:::é日/é",
        "arn:aws:s3:::b/ana/f",
        "arn:aws:s3:::b/ana/",
        "arn:aws:s3:::b/*/d/e",
        "arn:aws:s3:::b/*/d",
        "arn:aws-cn:s3:::b/k",
        "arn:aws:s3:r:1:b/k",
        "arn:aws:q:::b/k",
        "arn:aws:s3:::longer-than-eight",
        "arn:aws:s3:::b/longer-than-eight",
        "arn:aws:s3:::b/longer-",
        "arn:::::",
    ];
    // Often enough for every node to be split, and with the tag deciding which of the copies applies.
    let all = (0..6).flat_map(|copy| {
        PATTERNS.iter().enumerate().map(move |(i, pattern)| {
            let condition = if copy == 0 { String::new() } else { format!(r#""StringEquals":{{"x:copy":"{copy}"}}"#) };
            let line = statement(i * 7 + copy, "s3:*", pattern, &condition);
            if copy == 5 { line.replace("\"Resource\"", "\"NotResource\"") } else { line }
        })
    });
    let valid = |line: &String| !(line.contains("Not") && line.contains(r#""*""#));
    let set = identity(all.filter(valid));
    let mut requests: Vec<CaseRequest> = RESOURCES.iter().map(|resource| request(ANA, "s3:Get", resource)).collect();
    for copy in 1..6 {
        for resource in RESOURCES {
            let mut one = request(ANA, "s3:Get", resource);
            one.context.push(("x:copy".into(), value(&[&copy.to_string()])));
            requests.push(one);
        }
    }
    println!("{:?}", agree(&set, &requests));
    // Each pattern alone among others of its kind, so that `by` tells which one was lost.
    let alone = identity(PATTERNS.iter().map(|pattern| statement(0, "s3:*", pattern, "")));
    agree(&alone, &requests[..RESOURCES.len()]);
}

/// 1,024 values of a key by which statements are filed: each once, and one of them over and over (LIM-2).
#[test]
fn many_values() {
    let condition = |i: usize| format!(r#""ForAnyValue:StringEquals":{{"x:many":"v{i}"}}"#);
    let set = identity((0..1_500).map(|i| statement(i % 2, "x:*", "*", &condition(i))));
    let mut requests = Vec::new();
    for first in [0, 700, 1_499] {
        let values: Vec<String> = (first..first + 1_024).map(|i| format!("v{i}")).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let mut one = request(ANA, "x:Do", "*");
        one.context.push(("x:many".into(), value(&values)));
        requests.push(one);
    }
    let mut one = request(ANA, "x:Do", "*");
    one.context.push(("x:many".into(), value(&["v3"; 1_024])));
    requests.push(one);
    assert_eq!(agree(&set, &requests), [8, 0, 0]);
}

/// A service with a thousand names, one of which a deny has, among denies of others (PRN-16).
#[test]
fn many_service_names() {
    let name = |i: usize| format!("n{i}.amazonaws.com");
    let deny = |i: usize| {
        format!(r#"{{"Effect":"Deny","Principal":{{"Service":"{}"}},"Action":"x:*","Resource":"*"}}"#, name(i))
    };
    let allow = format!(r#"{{"Effect":"Allow","Principal":{{"Service":"{}"}},"Action":"*","Resource":"*"}}"#, name(0));
    let statements: Vec<String> = std::iter::once(allow).chain((900..1_100).map(deny)).collect();
    let set = policies(&[("resource", document(&statements))]);
    let mut requests = Vec::new();
    for count in [1, 900, 901, 1_000, 1_024] {
        let names: Vec<String> = (0..count).map(name).collect();
        let mut one = request(ANA, "x:Do", "arn:aws:x:::q");
        one.principal = Principal::Service(name(0));
        let names = dictum_corpus::request::ContextValue::Many(names);
        one.context.push(("aws:PrincipalServiceNamesList".into(), names));
        requests.push(one);
    }
    assert_eq!(agree(&set, &requests), [4, 6, 0]);
}

/// What a request repeats is gone down once: a thousand equal values and names within LIM-2 cost no more than one.
#[test]
fn repetitions_cost_nothing() {
    let statements = (0..2_000).map(|i| {
        let (name, tag, what) = (i % 2, i / 2 % 2, i / 4);
        format!(
            r#"{{"Effect":"Deny","Principal":{{"Service":"n{name}.amazonaws.com"}},"Action":"x:*","Resource":"*","Condition":{{"ForAnyValue:StringEquals":{{"x:many":"v{tag}"}},"NumericEquals":{{"x:n":{what}}}}}}}"#
        )
    });
    let set = policies(&[("resource", document(&statements.collect::<Vec<_>>()))]);
    let bundle = Bundle::from_bytes(bytes(&set, &Options::default())).unwrap();
    let mut machine = Machine::new(&bundle);
    let (names, values) = ([&"n0.amazonaws.com"; 1_000].map(|name| *name), ["v0"; 1_024]);
    let context = [
        ("aws:PrincipalServiceNamesList", Value::Many(&names)),
        ("x:many", Value::Many(&values)),
        ("x:n", Value::One("-1")),
    ];
    let asked =
        bundle.request().principal(dictum_vm::Principal::Service("n0.amazonaws.com")).action("x:Do").resource("*");
    let asked = asked.context(&context).build().unwrap();
    let start = std::time::Instant::now();
    let explanation = machine.explain(&asked);
    assert!(!machine.decide(&asked).is_allowed());
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
    assert!(explanation.considered.len() <= 2_000);
}
