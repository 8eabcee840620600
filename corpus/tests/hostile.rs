//! Bytes that nobody wrote: damaged bundles are refused, and what passes verification can do no harm (style.md 8).
//!
//! The claims: after `Bundle::from_bytes` succeeds, deciding neither panics nor fails nor runs unbounded, whatever the
//! bytes (this runs with overflow checks on); and a damaged file is refused by its checksum.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{document, policies, value};
use dictum_compiler::directory::read::read;
use dictum_compiler::source::PolicyType;
use dictum_compiler::{Options, compile, compile_directory};
use dictum_corpus::decide::sources;
use dictum_corpus::folder;
use dictum_corpus::machine::Borrowed;
use dictum_corpus::request::{self, CaseRequest, Principal};
use dictum_corpus::world::Dice;
use dictum_vm::bundle::{Section, VERSION, write};
use dictum_vm::op::Opcode;
use dictum_vm::{Bundle, BundleError, Layer, Machine, StatementId, listing};
use proptest::prelude::*;

/// What one bundle may take to be verified and to answer every request; far above what any takes.
const TIME_MAX: Duration = Duration::from_secs(5);

/// Statements that use every opcode.
fn every_opcode() -> Vec<String> {
    let like: Vec<String> = (0..9).map(|i| format!("\"*m{i}\"")).collect();
    let condition = [
        r#""StringEquals":{"x:t":["a","b","c"],"aws:PrincipalTag/u":["${aws:username}","z"]}"#.to_owned(),
        r#""StringNotEqualsIgnoreCase":{"x:i":["Straße","${x:t, 'dé'}"]}"#.to_owned(),
        format!(r#""ForAnyValue:StringLike":{{"x:many":[{}]}}"#, like.join(",")),
        r#""StringNotLike":{"x:l":["a*b?","${x:t}*"]}"#.to_owned(),
        r#""ArnLikeIfExists":{"aws:SourceArn":["arn:aws:s3:::*b","arn:${x:p}:sns:*:*:?t*"]}"#.to_owned(),
        r#""NumericLessThan":{"x:n":["10.5",3]},"DateGreaterThan":{"aws:CurrentTime":["2024-01-01","1719792000"]}"#
            .to_owned(),
        r#""BoolIfExists":{"aws:SecureTransport":["true","${x:b}"]},"Null":{"x:gone":true}"#.to_owned(),
        r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.1","2001:db8::/32","::1"]}"#.to_owned(),
        r#""BinaryEquals":{"x:bin":"QmluYXJ5"}"#.to_owned(),
    ];
    let mut statements: Vec<String> = condition
        .iter()
        .map(|test| format!(r#"{{"Effect":"Allow","Action":"x:Do","Resource":"*","Condition":{{{test}}}}}"#))
        .collect();
    statements.extend(
        [
            r#"{"Sid":"All","Effect":"Allow","Action":["x:A*","x:*B*","x:?C*","x:D*d"],"Resource":"arn:aws:x:::b/${aws:username}/*"}"#,
            r#"{"Effect":"Allow","Action":["y:*","y:*q*q"],"Resource":["arn:aws:y:*:*:é*","arn:aws:y:::*-*/z"]}"#,
            r#"{"Effect":"Allow","NotAction":["x:A","y:B*","z:C","z:D","z:E"],"NotResource":["arn:aws:y:::k","arn:aws:y:::${x:t}"]}"#,
            r#"{"Effect":"Deny","NotAction":"x:*","Resource":"arn:aws:y:::secret*"}"#,
            r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#,
            r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"x:deny":["1","2"]}}}"#,
        ]
        .map(str::to_owned),
    );
    statements
}

/// Statements of a resource policy that are told apart by principal, action, condition and resource.
fn deep() -> Vec<String> {
    let principals = r#"{"AWS":["111111111111","arn:aws:iam::222222222222:root","arn:aws:iam::111111111111:role/ops"],"Service":"s.amazonaws.com"}"#;
    let mut statements = vec![
        format!(r#"{{"Effect":"Allow","Principal":{principals},"Action":"x:Do","Resource":"*"}}"#),
        format!(r#"{{"Effect":"Deny","NotPrincipal":{principals},"Action":"z:*","Resource":"*"}}"#),
        r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111111111111:user/ana"},"Action":"w:*"}"#.to_owned(),
        r#"{"Effect":"Allow","Principal":"*","Action":"x:Public","Resource":"*"}"#.to_owned(),
    ];
    statements.extend((0..48).map(|i| {
        let effect = if i % 3 == 0 { "Deny" } else { "Allow" };
        let (user, action, tag, name) = (i % 2, i / 2 % 2, i / 4 % 2, i / 8 % 2);
        format!(
            r#"{{"Effect":"{effect}","Principal":{{"AWS":"arn:aws:iam::111111111111:user/u{user}"}},"Action":"t:A{action}*","Resource":"arn:aws:t:::name-{name}/*","Condition":{{"StringEquals":{{"x:tag":"t{tag}"}}}}}}"#
        )
    }));
    statements
}

/// A bundle of all members, opcodes and sections.
fn whole() -> Vec<u8> {
    let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned();
    let full = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#.to_owned();
    let deny = r#"{"Effect":"Deny","Action":["x:Stop","x:Halt*"],"Resource":"arn:aws:x:::stop*"}"#.to_owned();
    let guard = r#"{"Effect":"Deny","Principal":"*","Action":["s3:*","kms:RetireGrant"],"Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:ResourceAccount":"111111111111"}}}"#.to_owned();
    let set = policies(&[
        ("identity", document(&every_opcode())),
        ("resource", document(&deep())),
        ("boundary", document(std::slice::from_ref(&allow))),
        ("session", document(&[allow.clone(), deny.clone()])),
        ("scp0", document(std::slice::from_ref(&allow))),
        ("scp1", document(&[allow, deny])),
        ("rcp0", document(&[full, guard])),
    ]);
    let mut sources = sources(&set);
    let notes =
        "## Nobody stops it.\n@owner(\"team-x\", \"sev2\") @open()\nallow x:Noted on *\n\n## Nor this.\nallow y:* on *";
    let file = sources.add_file("noted.dct", notes);
    sources.add(PolicyType::Identity, "Noted", file, sources.whole(file));
    compile(&sources, &Options::default()).unwrap_or_else(|errors| panic!("{}", errors.render(&sources))).bundle
}

/// The bundle of an organization, and requests to it.
fn organization() -> (Vec<u8>, Vec<CaseRequest>) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/organizations/calls"));
    let mut sources = folder::read(folder).expect("the folder is there");
    let (mut directory, found) = read(&mut sources, &[]);
    assert_eq!(found, []);
    let compiled = compile_directory(&mut sources, &mut directory, &Options::default());
    let bundle = compiled.unwrap_or_else(|errors| panic!("{}", errors.render(&sources))).bundle;
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/organizations.jsonl");
    let cases = std::fs::read_to_string(cases).expect("the cases are there");
    let requests = cases.lines().filter(|line| line.contains("organizations/calls")).filter_map(|line| {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case is JSON");
        request::parse(&case["request"].to_string()).ok()
    });
    (bundle, requests.collect())
}

/// What is damaged, and what is then asked of it.
fn victims() -> [(Vec<u8>, Vec<CaseRequest>); 2] {
    [(whole(), requests()), organization()]
}

/// Requests that between them reach every statement.
fn requests() -> Vec<CaseRequest> {
    let user = |name: &str| format!("arn:aws:iam::111111111111:user/{name}");
    let mut requests = Vec::new();
    for i in 0..16 {
        let (who, action) = (user(&format!("u{}", i % 2)), format!("t:A{}x", i / 2 % 2));
        let mut one = common::request(&who, &action, &format!("arn:aws:t:::name-{}/k", i / 8));
        one.context = vec![("x:tag".into(), value(&[["t0", "t1"][i / 4 % 2]]))];
        requests.push(one);
    }
    let context = [
        ("x:t", value(&["b"])),
        ("aws:PrincipalTag/u", value(&["ana"])),
        ("x:i", value(&["STRASSE"])),
        ("x:many", value(&["1m4", "m4", "zz"])),
        ("x:l", value(&["b1"])),
        ("aws:SourceArn", value(&["arn:aws:sns:us-east-1:111111111111:at"])),
        ("x:p", value(&["aws"])),
        ("x:n", value(&["3.0"])),
        ("aws:CurrentTime", value(&["2024-07-01T00:00:00Z"])),
        ("aws:SecureTransport", value(&["false"])),
        ("x:b", value(&["no"])),
        ("aws:SourceIp", value(&["2001:db8::7"])),
        ("x:bin", value(&["QmluYXJ5"])),
    ];
    for action in ["x:Do", "x:A1", "x:zBz", "x:Stop", "y:qq", "y:other", "z:Any", "w:W", "kms:RetireGrant", "x:Public"]
    {
        let mut one = common::request(&user("ana"), action, "arn:aws:x:::b/ana/k");
        one.context = context.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        requests.push(one);
    }
    let mut many = common::request("arn:aws:sts::111111111111:assumed-role/ops/s", "y:Get", "arn:aws:y:::k");
    many.resources.extend(["arn:aws:y:eu:1:é".into(), "arn:aws:y:::a-b/z".into(), "arn:aws:y:::secrets".into()]);
    requests.push(many);
    let mut denied = common::request(&user("ana"), "x:Do", "*");
    denied.context = vec![("X:DENY".into(), value(&["2"])), ("x:many".into(), value(&["m1", "m1"]))];
    requests.push(denied);
    requests.push(common::request(
        "arn:aws:iam::111111111111:role/aws-service-role/x/ops",
        "x:Do",
        "arn:aws:x:::a:b/c::d//e",
    ));
    requests.push(CaseRequest { principal: Principal::Service("s.amazonaws.com".into()), ..requests[0].clone() });
    requests
}

/// Everything that can be asked of a bundle. False if it is refused.
fn exercise(bytes: &[u8], requests: &[CaseRequest], what: &dyn Fn() -> String) -> bool {
    let start = Instant::now();
    let bundle = match Bundle::from_bytes(bytes) {
        Ok(bundle) => bundle,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(start.elapsed() < TIME_MAX, "{}: refused too late", what());
            return false;
        }
    };
    let mut machine = Machine::new(&bundle);
    for (i, request) in requests.iter().enumerate() {
        let borrowed = Borrowed::new(request);
        let context = borrowed.context();
        let Ok(session) = borrowed.session(&bundle) else { continue };
        let Ok(built) = borrowed.build(&bundle, &context, session.as_ref()) else { continue };
        let decision = machine.decide(&built);
        let explanation = machine.explain(&built);
        assert_eq!(decision, explanation.decision, "{}: request {i} (INV-9)", what());
        for statement in [i as u32, (i * 7) as u32] {
            machine.consider(&built, StatementId(statement), Layer::Identity);
        }
        machine.layers(&built);
        bundle.accounts_of(&built);
        if let ([resource], None) = (borrowed.resources(), &session) {
            let resolved = bundle.resolve_resource(resource).unwrap();
            let again = bundle.request().principal(borrowed.principal()).action(&request.action).context(&context);
            let again = again.resource_handle(&resolved);
            let again = match &request.resource_account {
                Some(account) => again.resource_account(account).build().unwrap(),
                None => again.build().unwrap(),
            };
            assert_eq!(machine.decide(&again), decision, "{}: request {i} by handle", what());
        }
    }
    assert!(!listing::listing(&bundle).is_empty());
    listing::index_shape(&bundle);
    assert_eq!(bundle.policies().count() + bundle.keys().count() > 0, bundle.statement_count() > 0);
    assert!(start.elapsed() < TIME_MAX, "{}: took {:?}", what(), start.elapsed());
    true
}

/// Start and end of a section, as the section table says.
fn section(bytes: &[u8], section: Section) -> std::ops::Range<usize> {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let entry = 24 + section as usize * 8;
    word(entry)..word(entry) + word(entry + 4)
}

fn word(bytes: &[u8], index: usize) -> u32 {
    bytes.get(index * 4..index * 4 + 4).map_or(0, |word| u32::from_le_bytes(word.try_into().unwrap()))
}

fn with_word(bytes: &[u8], index: usize, word: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[index * 4..index * 4 + 4].copy_from_slice(&word.to_le_bytes());
    write::reseal(&mut bytes);
    bytes
}

/// Where a word lies, for messages.
fn place(bytes: &[u8], index: usize) -> String {
    let found = Section::ALL.iter().find(|&&it| section(bytes, it).contains(&(index * 4)));
    found.map_or(format!("word {index}"), |&it| format!("{} word {}", it.name(), index - section(bytes, it).start / 4))
}

#[test]
fn the_bundle_has_everything() {
    let bytes = whole();
    println!("{} bytes", bytes.len());
    let (organization, asked) = organization();
    for &it in Section::ALL {
        let is_empty = section(&bytes, it).is_empty() && section(&organization, it).is_empty();
        assert!(!is_empty, "{} is empty", it.name());
    }
    assert!(exercise(&organization, &asked, &String::new));
    let bundle = Bundle::from_bytes(bytes.as_slice()).unwrap();
    let listing = listing::listing(&bundle);
    for &opcode in Opcode::ALL.iter().filter(|&&opcode| opcode != Opcode::Record) {
        assert!(listing.contains(&format!(" {} ", opcode.mnemonic())), "no `{}`", opcode.mnemonic());
    }
    assert!(listing.contains("  table "));
    let nodes = section(&bytes, Section::Nodes);
    assert!((nodes.start / 4..nodes.end / 4).any(|at| word(&bytes, at) >> 8 == 3), "no node of depth 3");
    assert!(exercise(&bytes, &requests(), &String::new));
}

#[test]
fn every_damage_is_refused() {
    let good = whole();
    let mut bytes = good.clone();
    for at in 0..good.len() {
        for flip in [0x01, 0x80, 0xFF] {
            bytes[at] = good[at] ^ flip;
            let error = Bundle::from_bytes(bytes.as_slice()).err();
            let fits = match at {
                0..4 => error == Some(BundleError::NotABundle),
                4..8 => matches!(error, Some(BundleError::Version { .. })),
                16..20 => matches!(error, Some(BundleError::Length { .. })),
                _ => error == Some(BundleError::Checksum),
            };
            assert!(fits, "byte {at} ^ {flip:#x}: {error:?}");
        }
        bytes[at] = good[at];
    }
    for length in 0..good.len() {
        assert!(Bundle::from_bytes(&good[..length]).is_err(), "{length} bytes");
    }
    for behind in [&[0u8; 1][..], &[0; 8], b"DCTB", &good] {
        let longer = [good.as_slice(), behind].concat();
        assert!(matches!(Bundle::from_bytes(longer).err(), Some(BundleError::Length { .. })));
    }
}

#[test]
fn another_version_is_refused_by_name() {
    for version in [0, VERSION + 1, u32::MAX] {
        let error = Bundle::from_bytes(with_word(&whole(), 1, version)).err();
        assert_eq!(error, Some(BundleError::Version { found: version }));
    }
}

/// Each word of the file, one after the other, replaced by what a forger would try; the checksum fits.
#[test]
fn no_single_word_does_harm() {
    for (good, requests) in victims() {
        single_words(&good, &requests);
    }
}

fn single_words(good: &[u8], requests: &[CaseRequest]) {
    let mut dice = Dice::new(1);
    let (mut accepted, mut refused) = (0, 0);
    for at in 0..good.len() / 4 {
        let (old, before, behind) = (word(good, at), word(good, at.saturating_sub(1)), word(good, at + 1));
        let other = word(good, dice.below(good.len() / 4));
        let values = [0, 1, u32::MAX, old.wrapping_add(1), old.wrapping_sub(1), old ^ 1 << 31, before, behind, other];
        for (i, &new) in values.iter().enumerate().filter(|(_, new)| **new != old) {
            let bytes = with_word(good, at, new);
            let what = || format!("{}: {old:#x} -> {new:#x} (value {i})", place(good, at));
            match exercise(&bytes, requests, &what) {
                true => accepted += 1,
                false => refused += 1,
            }
        }
    }
    println!("{accepted} mutants of one word accepted, {refused} refused");
    assert!(refused > accepted);
}

/// Neighbours swapped: two words at once, which keeps sums and counts.
#[test]
fn no_swapped_words_do_harm() {
    let (good, requests) = (whole(), requests());
    let (mut accepted, mut refused) = (0, 0);
    for at in 0..good.len() / 4 - 1 {
        let (a, b) = (word(&good, at), word(&good, at + 1));
        if a == b {
            continue;
        }
        let mut bytes = with_word(&good, at, b);
        bytes[at * 4 + 4..at * 4 + 8].copy_from_slice(&a.to_le_bytes());
        write::reseal(&mut bytes);
        match exercise(&bytes, &requests, &|| format!("{} swapped", place(&good, at))) {
            true => accepted += 1,
            false => refused += 1,
        }
    }
    println!("{accepted} swaps accepted, {refused} refused");
}

/// Several words at once, in a section or anywhere, from a seed.
#[test]
fn no_random_corruption_does_harm() {
    for (good, requests) in victims() {
        random_corruption(&good, &requests);
    }
}

fn random_corruption(good: &[u8], requests: &[CaseRequest]) {
    const MUTANTS: u64 = 50_000;
    let sections: Vec<Section> = Section::ALL.iter().copied().filter(|&it| !section(good, it).is_empty()).collect();
    let words = good.len() / 4;
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..MUTANTS {
        let mut dice = Dice::new(seed);
        let range = match dice.below(8) {
            0 => 0..words,
            _ => {
                let it = section(good, sections[dice.below(sections.len())]);
                it.start / 4..it.end.div_ceil(4)
            }
        };
        let mut bytes = good.to_vec();
        for _ in 0..1 + dice.below(4) {
            let at = range.start + dice.below(range.len());
            let old = word(&bytes, at);
            let new = match dice.below(6) {
                0 => word(good, range.start + dice.below(range.len())),
                1 => word(good, dice.below(words)),
                2 => old.wrapping_add(1 + dice.below(8) as u32),
                3 => old.wrapping_sub(1 + dice.below(8) as u32),
                4 => old ^ 1 << dice.below(32),
                _ => (dice.below(1 << 32) >> dice.below(33)) as u32,
            };
            bytes[at * 4..at * 4 + 4].copy_from_slice(&new.to_le_bytes());
        }
        write::reseal(&mut bytes);
        match exercise(&bytes, requests, &|| format!("seed {seed}")) {
            true => accepted += 1,
            false => refused += 1,
        }
    }
    println!("{accepted} random mutants accepted, {refused} refused");
    assert!(refused > accepted);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600), has_head in any::<bool>()) {
        let mut bytes = bytes;
        if has_head && bytes.len() >= 24 {
            let length = bytes.len() as u32;
            bytes[..4].copy_from_slice(b"DCTB");
            bytes[4..8].copy_from_slice(&VERSION.to_le_bytes());
            bytes[16..20].copy_from_slice(&length.to_le_bytes());
            bytes[20..24].copy_from_slice(&(Section::ALL.len() as u32).to_le_bytes());
            write::reseal(&mut bytes);
        }
        prop_assert!(Bundle::from_bytes(bytes).is_err());
    }
}
