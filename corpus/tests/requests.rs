//! Requests are refused when they are made or never: by the machine exactly those that the reference refuses (REQ-1 to
//! REQ-6, LIM-2), however they are put: as texts, as handles, or with a context that is asked.

mod common;

use bumpalo::Bump;
use common::{Both, bytes, document, policies, request, value};
use dictum_compiler::Options;
use dictum_corpus::answer::Member;
use dictum_corpus::case::Policies;
use dictum_corpus::decide::policy_set;
use dictum_corpus::machine::Borrowed;
use dictum_corpus::request::{CaseRequest, ContextValue, Principal};
use dictum_corpus::world::Dice;
use dictum_vm::{Bundle, ContextSource, Decision, Explanation, Layer, Machine, RequestError, StatementId, Value};

const REQUESTS: u64 = 100_000;

/// Statements that look at everything that a requester is known by.
fn statements(with_principal: bool) -> String {
    let principal = if with_principal { r#""Principal":"*","# } else { "" };
    let tests = [
        r#""StringEquals":{"aws:PrincipalAccount":"111111111111","aws:username":"ana"}"#,
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}"#,
        r#""StringLike":{"aws:userid":"*ana"},"StringNotEquals":{"aws:ResourceAccount":"222222222222"}"#,
        r#""Bool":{"aws:PrincipalIsAWSService":true},"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":["s.x","t.x"]}"#,
        r#""StringEquals":{"aws:PrincipalType":["Anonymous","Account"]}"#,
        r#""Null":{"aws:PrincipalServiceName":false}"#,
        r#""StringEquals":{"x:a":["v","w"]}"#,
        r#""StringEqualsIgnoreCase":{"x:a":"Z"}"#,
    ];
    let lines = tests.iter().enumerate().map(|(i, test)| {
        let effect = if i % 4 == 3 { "Deny" } else { "Allow" };
        format!(r#"{{"Effect":"{effect}",{principal}"Action":["x:*","kms:*"],"Resource":"*","Condition":{{{test}}}}}"#)
    });
    document(&lines.collect::<Vec<_>>())
}

/// Sets with each member by itself (REQ-5), with several, and with none.
fn sets() -> Vec<Policies> {
    let named = r#"{"Effect":"Allow","Principal":{"AWS":["111111111111","arn:aws:iam::111111111111:user/ana"],"Service":"t.x","Federated":"cognito"},"Action":"*"}"#;
    let (mine, theirs) = (|| statements(false), || statements(true));
    let mut sets = vec![
        policies(&[]),
        policies(&[("identity", mine())]),
        policies(&[("resource", theirs()), ("resource", document(&[named.to_owned()]))]),
        policies(&[("resource", theirs()), ("boundary", mine())]),
        policies(&[("identity", mine()), ("resource", theirs()), ("session", mine())]),
        policies(&[("identity", mine()), ("resource", theirs()), ("scp0", mine())]),
        policies(&[("resource", theirs())]),
    ];
    // Present and empty: no identity policy at all, and a boundary that nothing passes (EVL-1).
    let last = sets.last_mut().unwrap();
    last.levels[Member::Identity as usize] = Some(1);
    let mut empty = policies(&[("resource", theirs())]);
    empty.levels[Member::Boundary as usize] = Some(1);
    sets.push(empty);
    sets
}

const USER: &str = "arn:aws:iam::111111111111:user/eng/ana";
const ROLE: &str = "arn:aws:iam::111111111111:role/a/ops";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ops/ana";
const FEDERATED: &str = "arn:aws:sts::111111111111:federated-user/ana";

/// One of the ten kinds of PRN-1, well-formed.
fn principal(dice: &mut Dice) -> Principal {
    match dice.below(12) {
        0 => Principal::Arn("arn:aws:iam::111111111111:root".into()),
        1 => Principal::Arn(USER.into()),
        2 => Principal::Arn(ROLE.into()),
        3 => Principal::Arn(SESSION.into()),
        4 => Principal::Session { session: SESSION.into(), role: ROLE.into() },
        5 => Principal::Arn(FEDERATED.into()),
        6 => Principal::FederatedUser { session: FEDERATED.into(), user: USER.into() },
        7 => Principal::Arn("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1".into()),
        8 => Principal::Service("s.x".into()),
        9 => Principal::Federated("cognito".into()),
        10 => Principal::CanonicalUser("79a5".into()),
        _ => Principal::Anonymous,
    }
}

const ODD: [&str; 25] = [
    ":", "::", "/", "//", "*", "?", " ", "\t", "\n", "\0", "\u{7f}", "\u{85}", "\u{a0}", "\u{2003}", "\u{2028}",
    "\u{200b}", "\u{3000}", "\u{feff}", "é", "İ", "A", "0", "١", "-", "arn:",
];

/// A text with a small fault, or none that matters.
fn mutate(text: &mut String, most: usize, dice: &mut Dice) {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let at = dice.pick(&places);
    match dice.below(7) {
        0 | 1 => text.insert_str(at, dice.pick(&ODD)),
        2 if at < text.len() => drop(text.remove(at)),
        3 => text.truncate(at),
        4 => *text = text.replace(dice.pick(&["111111111111", "aws", "iam", "ana", "/", ":"]), dice.pick(&ODD)),
        5 => {
            let length = most + dice.below(3) - 1;
            let fill = dice.pick(&["a", "é"]);
            let missing = length.saturating_sub(text.len());
            text.push_str(&fill.repeat(missing / fill.len()));
        }
        _ => *text = text.to_ascii_uppercase(),
    }
}

/// A value for a derived key: sometimes the right one.
fn core_value(dice: &mut Dice) -> ContextValue {
    const TEXTS: [&str; 24] = [
        USER,
        ROLE,
        SESSION,
        FEDERATED,
        "arn:aws:iam::111111111111:root",
        "arn:aws:iam::111111111111:role/ops",
        "arn:aws:iam::111111111111:role/x/y/ops",
        "arn:aws:iam::111111111111:role//ops",
        "arn:aws:iam::111111111111:role/ops/",
        "arn:aws:iam::222222222222:role/ops",
        "111111111111",
        "222222222222",
        "111111111111:ana",
        "anonymous",
        "Account",
        "User",
        "AssumedRole",
        "FederatedUser",
        "Anonymous",
        "true",
        "false",
        "s.x",
        "ana",
        "",
    ];
    match dice.below(4) {
        0 => value(&["t.x", "s.x"]),
        1 => ContextValue::Many((0..dice.below(3)).map(|_| dice.pick(&TEXTS).to_owned()).collect()),
        _ => value(&[dice.pick(&TEXTS)]),
    }
}

fn context(dice: &mut Dice) -> Vec<(String, ContextValue)> {
    const CORE: [&str; 9] = [
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalType",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:username",
        "aws:userid",
        "aws:ResourceAccount",
    ];
    let mut context: Vec<(String, ContextValue)> = Vec::new();
    let count = if dice.chance(30) { 1 + dice.below(2) } else { 0 };
    for _ in 0..count {
        let key = dice.pick(&CORE);
        let key = if dice.chance(30) { key.to_ascii_uppercase() } else { key.to_owned() };
        context.push((key, core_value(dice)));
    }
    let long = |count: usize, dice: &mut Dice| count + dice.below(3) - 1;
    let key = match dice.below(40) {
        0 => "k".repeat(long(512, dice)),
        1 => "x:a@".into(),
        2 => "x:a`".into(),
        3 => String::new(),
        4 => "x:\u{e9}".into(),
        _ => "x:a".into(),
    };
    match dice.below(40) {
        0 => context.push((key, ContextValue::One("v".repeat(long(8_192, dice))))),
        1 => context.push((key, ContextValue::Many(vec!["v".into(); long(1_024, dice)]))),
        2 => context.push((key, ContextValue::Many(vec!["v".repeat(long(8_192, dice)); 2]))),
        3 => {
            let count = long(256, dice) - context.len();
            context.extend((0..count).map(|i| (format!("y:{i}"), value(&["v"]))));
        }
        4 => context.extend([(key.clone(), value(&["v"])), (key.to_ascii_uppercase(), value(&["v"]))]),
        5 => context.extend([("x:a@".into(), value(&["v"])), ("x:a`".into(), value(&["w"]))]),
        6 => context.extend([("x:é".into(), value(&["v"])), ("x:É".into(), value(&["w"]))]),
        7..20 => context.push((key, value(dice.pick(&[&["v"][..], &["z"], &["w", "v"], &[]])))),
        _ => {}
    }
    context
}

fn random(dice: &mut Dice) -> CaseRequest {
    const RESOURCES: [&str; 6] = [
        "*",
        "arn:aws:x:::thing",
        "arn:aws:x:r:111111111111:thing",
        "arn:aws:x:r:222222222222:a/b:c",
        "arn:aws-cn:x::::",
        "arn:aws:kms:us-east-1:111111111111:key/k",
    ];
    let mut one =
        request(USER, dice.pick(&["x:Do", "X:do-it", "kms:Decrypt", "kms:RetireGrant"]), dice.pick(&RESOURCES));
    one.principal = principal(dice);
    one.context = context(dice);
    match dice.below(24) {
        0 => mutate(&mut one.action, 256, dice),
        1 => mutate(&mut one.resources[0], 4_096, dice),
        2 => {
            one.resource_account =
                Some(dice.pick(&["111111111111", "222222222222", "11111111111", "١١١١١١", ""]).into())
        }
        3 => {
            let count = dice.pick(&[0, 2, 3, 63, 64, 65]);
            one.resources = (0..count).map(|_| dice.pick(&RESOURCES[1..]).to_owned()).collect();
            if count > 0 && dice.chance(20) {
                one.resources[0] = "*".into();
            }
            if count > 0 && dice.chance(20) {
                mutate(&mut one.resources[count - 1], 4_096, dice);
            }
        }
        4..8 => match &mut one.principal {
            Principal::Session { session: a, role: b } | Principal::FederatedUser { session: a, user: b } => {
                mutate(if dice.chance(50) { a } else { b }, 2_048, dice);
            }
            Principal::Arn(text)
            | Principal::Service(text)
            | Principal::Federated(text)
            | Principal::CanonicalUser(text) => mutate(text, 2_048, dice),
            Principal::Anonymous => {}
        },
        _ => {}
    }
    one
}

/// A context that is asked.
struct Asked<'a>(&'a [(&'a str, Value<'a>)]);

impl ContextSource for Asked<'_> {
    fn get(&self, key: &str) -> Option<Value<'_>> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|&(_, value)| value)
    }
}

/// The explanation of a request that is put by handles.
fn by_handles(
    bundle: &Bundle<Vec<u8>>,
    machine: &mut Machine<'_>,
    request: &CaseRequest,
) -> Result<(Decision, Explanation), RequestError> {
    let borrowed = Borrowed::new(request);
    let pairs = borrowed.context();
    let principal = bundle.resolve_principal(borrowed.principal())?;
    let action = bundle.resolve_action(&request.action)?;
    let context: Vec<_> =
        pairs.iter().map(|&(key, value)| (bundle.resolve_key(key), bundle.resolve_value(value))).collect();
    let mut builder = bundle.request().principal_handle(&principal).action_handle(&action).context_handles(&context);
    if let Some(account) = &request.resource_account {
        builder = builder.resource_account(account);
    }
    let resolved;
    let builder = match borrowed.resources() {
        [resource] => {
            resolved = bundle.resolve_resource(resource)?;
            builder.resource_handle(&resolved)
        }
        resources => builder.resources(resources),
    };
    let built = builder.build()?;
    Ok((machine.decide(&built), machine.explain(&built)))
}

#[test]
fn the_same_requests_are_refused_and_decided_alike() {
    let sets = sets();
    let arena = Bump::new();
    let sets: Vec<_> = sets
        .iter()
        .map(|it| (policy_set(it, &arena), Bundle::from_bytes(bytes(it, &Options::default())).unwrap()))
        .collect();
    let mut both: Vec<Both<'_>> = sets.iter().map(|(set, bundle)| Both::new(set, bundle)).collect();
    let (mut refused, mut decided) = (0, [0; 3]);
    for seed in 0..REQUESTS {
        let mut dice = Dice::new(seed);
        let both = &mut both[dice.below(sets.len())];
        let request = random(&mut dice);
        let decision = both.check(&request);
        let (bundle, machine) = (both.bundle, &mut both.machine);
        let handled = by_handles(bundle, machine, &request);
        let Some(decision) = decision else {
            assert!(handled.is_err(), "seed {seed}: refused as texts, not as handles: {request:?}");
            refused += 1;
            continue;
        };
        decided[decision as usize] += 1;
        let borrowed = Borrowed::new(&request);
        let pairs = borrowed.context();
        let built = borrowed.build(bundle, &pairs, None).unwrap();
        let expected = (machine.decide(&built), machine.explain(&built));
        assert_eq!(handled, Ok(expected.clone()), "seed {seed}: by handles: {request:?}");
        let source = Asked(&pairs);
        let builder = bundle.request().principal(borrowed.principal()).action(&request.action);
        let mut builder = builder.resources(borrowed.resources()).context_source(&source);
        if let Some(account) = &request.resource_account {
            builder = builder.resource_account(account);
        }
        let built = builder.build().unwrap_or_else(|error| panic!("seed {seed}: by a source: {error}: {request:?}"));
        assert_eq!(
            (machine.decide(&built), machine.explain(&built)),
            expected,
            "seed {seed}: by a source: {request:?}"
        );
    }
    println!("{refused} refused, {decided:?} decided");
    assert!(
        refused > REQUESTS / 5 && decided.iter().all(|&count| count as u64 > REQUESTS / 50),
        "{refused} {decided:?}"
    );
}

/// Two bundles that differ in one statement, and a request for which they differ.
fn two() -> [Bundle<Vec<u8>>; 2] {
    ["Allow", "Deny"].map(|effect| {
        let statement = format!(r#"{{"Effect":"{effect}","Action":"x:*","Resource":"*"}}"#);
        Bundle::from_bytes(bytes(&policies(&[("identity", document(&[statement]))]), &Options::default())).unwrap()
    })
}

#[test]
fn handles_of_another_bundle_are_refused() {
    let [mine, theirs] = two();
    assert_ne!(mine.generation(), theirs.generation());
    let who = dictum_vm::Principal::Arn(USER);
    let (principal, action) = (theirs.resolve_principal(who).unwrap(), theirs.resolve_action("x:Do").unwrap());
    let resource = theirs.resolve_resource("*").unwrap();
    let context = [(mine.resolve_key("x:a"), mine.resolve_value(Value::One("v")))];
    let foreign_key = [(theirs.resolve_key("x:a"), context[0].1)];
    let foreign_value = [(context[0].0, theirs.resolve_value(Value::One("v")))];
    let good = || mine.request().principal(who).action("x:Do").resource("*").context_handles(&context);
    assert_eq!(Machine::new(&mine).decide(&good().build().unwrap()), Decision::Allow);
    let rows = [
        good().principal_handle(&principal),
        good().action_handle(&action),
        good().resource_handle(&resource),
        good().context_handles(&foreign_key),
        good().context_handles(&foreign_value),
    ];
    for (i, builder) in rows.into_iter().enumerate() {
        assert_eq!(builder.build().err(), Some(RequestError::StaleHandle), "row {i}");
    }
}

#[test]
fn requests_of_another_bundle_are_denied() {
    let [mine, theirs] = two();
    let foreign =
        theirs.request().principal(dictum_vm::Principal::Arn(USER)).action("x:Do").resource("*").build().unwrap();
    let mut machine = Machine::new(&mine);
    assert_eq!(machine.decide(&foreign), Decision::ImplicitDeny);
    assert!(!machine.is_allowed(Ok(foreign)));
    assert_eq!(machine.explain(&foreign), Explanation::default());
    assert_eq!(machine.consider(&foreign, StatementId(0), Layer::Identity), []);
    assert_eq!(Machine::new(&theirs).decide(&foreign), Decision::ExplicitDeny);
    // Bundles of the same bytes are the same bundle.
    let again = Bundle::from_bytes(theirs.bytes().to_vec()).unwrap();
    assert_eq!(Machine::new(&again).decide(&foreign), Decision::ExplicitDeny);
}

/// A source whose value goes beyond LIM-2 only when a decision asks for it.
#[test]
fn a_broken_source_is_denied() {
    let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringNotEqualsIgnoreCase":{"x:a":"${aws:username}${aws:username}"}}}"#;
    let set = policies(&[("identity", document(&[allow.to_owned()]))]);
    let bundle = Bundle::from_bytes(bytes(&set, &Options::default())).unwrap();
    let mut machine = Machine::new(&bundle);
    let (long, short) = ("v".repeat(8_193), "v".repeat(8_192));
    for (text, expected) in [(&long, Decision::ImplicitDeny), (&short, Decision::Allow)] {
        for value in [Value::One(text), Value::Many(&[text.as_str()])] {
            let pairs = [("x:a", value)];
            let source = Asked(&pairs);
            let asked = bundle.request().principal(dictum_vm::Principal::Arn(USER)).action("x:Do").resource("*");
            let asked = asked.context_source(&source).build().unwrap();
            let single = matches!(value, Value::One(_));
            // CND-13: a list without a set qualifier fails, whatever it holds.
            let expected = if single { expected } else { Decision::ImplicitDeny };
            assert_eq!(machine.decide(&asked), expected);
            assert_eq!(machine.explain(&asked).decision, expected);
        }
    }
    let core = [("aws:username", Value::One(long.as_str()))];
    let source = Asked(&core);
    let asked = bundle.request().principal(dictum_vm::Principal::Arn(USER)).action("x:Do").resource("*");
    assert_eq!(asked.context_source(&source).build().err(), Some(RequestError::ValueTooLong));
}

#[test]
fn parts_that_are_missing() {
    let [bundle, _] = two();
    let who = dictum_vm::Principal::Arn(USER);
    assert_eq!(bundle.request().action("x:Do").resource("*").build().err(), Some(RequestError::MissingPrincipal));
    assert_eq!(bundle.request().principal(who).resource("*").build().err(), Some(RequestError::MissingAction));
    assert_eq!(bundle.request().principal(who).action("x:Do").build().err(), Some(RequestError::MissingResource));
    let none = bundle.request().principal(who).action("x:Do").resources(&[]).build();
    assert_eq!(none.err(), Some(RequestError::MissingResource));
    let long = "a".repeat(10_000);
    for (error, built) in [
        (RequestError::ActionTooLong, bundle.request().principal(who).action(&long).resource("*").build()),
        (RequestError::ResourceTooLong, bundle.request().principal(who).action("x:Do").resource(&long).build()),
        (
            RequestError::PrincipalTooLong,
            bundle.request().principal(dictum_vm::Principal::Arn(&long)).action("x:Do").resource("*").build(),
        ),
    ] {
        assert_eq!(built.err(), Some(error));
        assert_eq!(error.rule(), "LIM-2");
    }
}
