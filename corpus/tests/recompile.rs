//! Compiling again: whatever a cache holds of earlier compilations, bundle and diagnostics are those of a clean one, and no
//! document is parsed but those that changed.

use std::path::Path;

use dictum_compiler::source::{SourceFile, Sources};
use dictum_compiler::{Cache, Compiled, Diagnostics, MemoryCache, NoCache, Options, compile_organization};
use dictum_corpus::folder;
use dictum_corpus::world::Dice;

/// Changes of a tree, each on top of those before.
const CHANGES: usize = 300;

/// What came of it, and the diagnostics as they are told.
fn compile(sources: &Sources, cache: &mut dyn Cache) -> (Result<Compiled, Diagnostics>, String) {
    let mut sources = sources.clone();
    let result = compile_organization(&mut sources, &[], cache, &Options::default());
    let told = match &result {
        Ok(compiled) => compiled.warnings.render(&sources),
        Err(errors) => errors.render(&sources),
    };
    (result, told)
}

/// Compiles with the cache and without, which must not differ; gives the documents that were parsed and those that there are.
fn compare(sources: &Sources, cache: &mut MemoryCache, what: &str) -> Option<(usize, usize)> {
    let (clean, told) = compile(sources, &mut NoCache);
    let (again, told_again) = compile(sources, cache);
    assert_eq!(told_again, told, "{what}");
    match (clean, again) {
        (Ok(clean), Ok(again)) => {
            assert!(again.bundle == clean.bundle, "another bundle: {what}");
            assert_eq!(again.report, clean.report, "{what}");
            assert_eq!(clean.effort.parsed, clean.effort.documents, "{what}");
            assert_eq!(again.effort.documents, clean.effort.documents, "{what}");
            Some((again.effort.parsed, again.effort.documents))
        }
        (Err(_), Err(_)) => None,
        _ => panic!("a cache makes a difference: {what}"),
    }
}

fn tree(name: &str) -> Sources {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("organizations").join(name);
    let read = folder::read(&path).expect("the tree is there");
    // Names as every machine has them, and nothing asked for yet.
    let mut sources = Sources::new();
    for file in &read.files {
        sources.add_file(file.path.clone(), file.text());
    }
    sources
}

/// One account with what an export has: documents as objects and encoded ones, two of which are alike.
fn export() -> Sources {
    let allow = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}"#;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let encoded = trust.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    let role = |name: &str, trust: &str| {
        format!(
            r#"{{"RoleName": "{name}", "RoleId": "AROACKCEVSQ6C2EXA{name}", "Arn": "arn:aws:iam::111111111111:role/{name}",
 "Path": "/", "AssumeRolePolicyDocument": {trust}, "RolePolicyList": [
 {{"PolicyName": "Own", "PolicyDocument": {allow}}}], "AttachedManagedPolicies": [], "InstanceProfileList": []}}"#
        )
    };
    let roles = [role("ONE", trust), role("TWO", &format!("\"{encoded}\"")), role("THREE", trust)].join(",\n");
    let text = format!(
        "{{\"UserDetailList\": [], \"GroupDetailList\": [], \"RoleDetailList\": [\n{roles}\n], \"Policies\": []}}\n"
    );
    let mut sources = Sources::new();
    sources.add_file("111111111111.json", text);
    sources
}

fn at(sources: &Sources, path: &str) -> usize {
    sources.files.iter().position(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"))
}

fn change(sources: &mut Sources, path: &str, from: &str, to: &str) {
    let at = at(sources, path);
    let text = String::from_utf8(sources.files[at].text().to_vec()).expect("text");
    assert!(text.contains(from), "{path} says {from}");
    sources.files[at] = SourceFile::new(path, text.replacen(from, to, 1));
}

#[test]
fn what_has_not_changed_is_not_parsed() {
    let mut cache = MemoryCache::default();
    let mut sources = tree("connect");
    let (parsed, documents) = compare(&sources, &mut cache, "at first").expect("it compiles");
    assert_eq!(parsed, documents);
    assert_eq!(compare(&sources, &mut cache, "the same").map(|it| it.0), Some(0));
    // A policy, in either language; entities; what several policies import.
    change(&mut sources, "accounts/672940185327/policies/AnalystBoundary.json", "Allow", "Deny");
    assert_eq!(compare(&sources, &mut cache, "a policy in JSON").map(|it| it.0), Some(1));
    change(&mut sources, "scp/RegionLock.dct", "deny", "deny  ");
    assert_eq!(compare(&sources, &mut cache, "a policy in the Dictum language").map(|it| it.0), Some(1));
    change(&mut sources, "dictum.toml", "version", "# Entities are read again.\nversion");
    assert_eq!(compare(&sources, &mut cache, "entities").map(|it| it.0), Some(0));
    let imports =
        |file: &SourceFile| file.path.ends_with(".dct") && String::from_utf8_lossy(file.text()).contains("common.dct");
    let importing = sources.files.iter().filter(|file| imports(file)).count();
    assert!(importing > 1);
    change(&mut sources, "lib/common.dct", "\n", "\n\n");
    assert_eq!(compare(&sources, &mut cache, "a library").map(|it| it.0), Some(importing));
    // A policy that says again what it said before, under results that are still there.
    change(&mut sources, "accounts/672940185327/policies/AnalystBoundary.json", "Deny", "Allow");
    assert_eq!(compare(&sources, &mut cache, "back again").map(|it| it.0), Some(0));
}

/// Sources may be called by another name, from another folder, and messages and explanations then have that.
#[test]
fn names_are_those_of_now() {
    let mut cache = MemoryCache::default();
    for sources in [tree("connect"), export()] {
        compare(&sources, &mut cache, "as they are");
        let mut elsewhere = Sources::new();
        for file in &sources.files {
            elsewhere.add_file_at(format!("../org/{}", file.path), &file.path, file.text());
        }
        compare(&elsewhere, &mut cache, "from elsewhere");
    }
}

#[test]
fn documents_of_exports_may_move() {
    let mut cache = MemoryCache::default();
    let mut sources = export();
    assert_eq!(compare(&sources, &mut cache, "at first"), Some((4, 4)), "three are alike");
    change(&mut sources, "111111111111.json", "\"UserDetailList\"", "\n\n   \"UserDetailList\"");
    assert_eq!(compare(&sources, &mut cache, "moved").map(|it| it.0), Some(0));
    change(&mut sources, "111111111111.json", "sqs:*", "sqs:SendMessage");
    assert_eq!(compare(&sources, &mut cache, "changed").map(|it| it.0), Some(1));
}

/// Something that an author might do, or might do wrong.
fn changed(sources: &mut Sources, dice: &mut Dice) -> String {
    let at = dice.below(sources.files.len());
    let path = sources.files[at].path.clone();
    let text = String::from_utf8_lossy(sources.files[at].text()).into_owned();
    let swaps: &[(&str, &str)] = &[
        ("Allow", "Deny"),
        ("Deny", "Allow"),
        ("allow ", "deny "),
        ("deny ", "allow "),
        ("\"*\"", "\"arn:aws:s3:::b/*\""),
        ("connect:", "sqs:"),
        ("Statement", "Statements"),
        ("\n", "\n\n"),
        ("policies = [", "policies = [\"Nobody\", "),
        ("]", ""),
        ("2012-10-17", "2008-10-17"),
    ];
    match dice.below(10) {
        0 => {
            sources.files.remove(at);
            format!("{path} removed")
        }
        1 => {
            let copy = path.replacen('.', "Copy.", 1);
            if !sources.files.iter().any(|file| file.path == copy) {
                sources.files.insert(at + 1, SourceFile::new(copy, text));
            }
            format!("{path} copied")
        }
        _ => {
            let (from, to) = dice.pick(swaps);
            let places: Vec<usize> = text.match_indices(from).map(|(place, _)| place).collect();
            if !places.is_empty() {
                let place = dice.pick(&places);
                let text = format!("{}{to}{}", &text[..place], &text[place + from.len()..]);
                sources.files[at] = SourceFile::new(path.clone(), text);
            }
            format!("{path}: {from:?} -> {to:?}")
        }
    }
}

#[test]
fn a_cache_makes_no_difference() {
    for name in ["connect", "calls"] {
        let whole = tree(name);
        let mut dice = Dice::new(41);
        let (mut cache, mut good) = (MemoryCache::default(), 0);
        let mut sources = whole.clone();
        compare(&sources, &mut cache, name);
        for number in 0..CHANGES {
            let before = sources.clone();
            let what = format!("{name}, change {number}: {}", changed(&mut sources, &mut dice));
            match compare(&sources, &mut cache, &what) {
                Some(_) => good += 1,
                // Broken is tried once, and most often mended.
                None if dice.below(4) > 0 => sources = before,
                None => {
                    changed(&mut sources, &mut dice);
                    compare(&sources, &mut cache, &what);
                    sources = before;
                }
            }
            if number % 50 == 49 {
                sources = whole.clone();
            }
        }
        assert!(good > CHANGES / 4, "{name}: only {good} of {CHANGES} trees compiled");
    }
}
