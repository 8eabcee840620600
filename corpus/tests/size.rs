//! What a principal costs in a bundle beyond its names: principals that share policies share their compiled form.

use dictum_compiler::directory::model::{Account, ManagedPolicy, Policies, Role};
use dictum_compiler::source::PolicyType;
use dictum_compiler::{Options, compile_directory};
use dictum_corpus::organization::{Built, named, vendor_arn};

const TRUST: &str =
    r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const READ: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;

/// Bytes of a bundle of so many roles, and those of their ARNs and unique ids.
fn bytes(roles: usize) -> (usize, usize) {
    let mut built = Built::default();
    let number = named("111111111111");
    built.directory.accounts.push(Account { number, partition: "aws".to_owned(), ..Account::default() });
    let document = built.document("Read", PolicyType::Identity, READ);
    built.directory.managed.push(ManagedPolicy { arn: named(vendor_arn("Read")), document, version: None });
    let trust = built.document("trust", PolicyType::Trust, TRUST);
    let mut names = 0;
    for role in 0..roles {
        let arn = named(format!("arn:aws:iam::111111111111:role/role-{role:07}"));
        let unique_id = Some(named(format!("AROA{role:017}")));
        names += arn.text.len() + 21;
        let policies = Policies { inline: Vec::new(), attached: vec![named(vendor_arn("Read"))] };
        built.directory.roles.push(Role { arn, unique_id, trust: Some(trust), policies, ..Role::default() });
    }
    let compiled = compile_directory(&mut built.sources, &mut built.directory, &Options::default());
    (compiled.unwrap_or_else(|errors| panic!("{}", errors.render(&built.sources))).bundle.len(), names)
}

/// A row and its place in the index, whatever part of its capacity that has.
#[test]
fn a_principal_takes_less_than_32_bytes() {
    let ((none, _), words_for_trust_and_tags) = (bytes(0), 8);
    for roles in [3_000, 8_000, 12_300, 20_000] {
        let (all, names) = bytes(roles);
        let each = (all - none - names) as f64 / roles as f64 - f64::from(words_for_trust_and_tags);
        println!("{roles} roles: {each:.1} bytes each");
        assert!(each < 32.0, "{roles} roles: {each:.1} bytes each");
    }
}
