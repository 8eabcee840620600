//! Which absent context keys mattered: those of statements that fit otherwise, however the index filed the others.

use dictum_compiler::source::{PolicyType, Sources};
use dictum_compiler::{Options, compile};
use dictum_vm::{Bundle, Machine, Principal};

/// Statements that differ in the key they demand, so that they are filed under it; one of them fits the request.
#[test]
fn keys_that_the_index_asks_for_do_not_count() {
    let statement = |i: u32| {
        format!(
            r#"{{"Effect": "Allow", "Action": "s3:{}", "Resource": "*", "Condition": {{"StringEquals": {{"x:key{i}": "v{i}"}}}}}}"#,
            if i == 7 { "GetObject" } else { "PutObject" }
        )
    };
    let text = format!(r#"{{"Statement": [{}]}}"#, (0..40).map(statement).collect::<Vec<_>>().join(","));
    let mut sources = Sources::new();
    let file = sources.add_file("keys.json", text);
    sources.add(PolicyType::Identity, "Keys", file, sources.whole(file));
    let compiled = compile(&sources, &Options::default()).unwrap();
    let bundle = Bundle::from_bytes(compiled.bundle).unwrap();
    let mut machine = Machine::new(&bundle);
    let explain = |machine: &mut Machine<'_>, action| {
        let ana = Principal::Arn("arn:aws:iam::111111111111:user/ana");
        let request = bundle.request().principal(ana).action(action).resource("arn:aws:s3:::b/k").build().unwrap();
        machine.explain(&request)
    };
    assert_eq!(explain(&mut machine, "s3:GetObject").missing_keys, ["x:key7"]);
    assert_eq!(explain(&mut machine, "s3:PutObject").missing_keys.len(), 39);
    assert!(explain(&mut machine, "s3:ListBucket").missing_keys.is_empty());
}
