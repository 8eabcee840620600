//! The folder of the extension: what it names is there, and its grammar knows every word of the language.

use std::fs;
use std::path::PathBuf;

use dictum_compiler::syntax::dsl::{KEYWORDS, STRING_TYPES};
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../editors/vscode"))
}

fn json(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

#[test]
fn the_files_that_the_manifest_names_are_there() {
    let manifest = json("package.json");
    let contributes = &manifest["contributes"];
    let language = &contributes["languages"][0];
    let grammar = &contributes["grammars"][0];
    assert_eq!(language["extensions"][0], ".dct");
    assert_eq!(grammar["language"], language["id"]);
    for name in [&manifest["main"], &language["configuration"], &grammar["path"]] {
        let path = folder().join(name.as_str().unwrap());
        assert!(path.is_file(), "{}", path.display());
    }
    assert_eq!(json(grammar["path"].as_str().unwrap())["scopeName"], grammar["scopeName"]);
    json(language["configuration"].as_str().unwrap());
}

/// Every pattern of the grammar, and the name of what it finds.
fn patterns(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let matched = ["match", "begin"].iter().filter_map(|name| members.get(*name)?.as_str());
            found.extend(matched.map(str::to_owned));
            members.values().for_each(|value| patterns(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| patterns(value, found)),
        _ => {}
    }
}

/// The words that alternatives of a pattern spell out.
fn words(pattern: &str) -> Vec<&str> {
    pattern.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect()
}

#[test]
fn the_grammar_knows_every_word_of_the_language() {
    let grammar = json("syntaxes/dictum.tmLanguage.json");
    let mut found = Vec::new();
    patterns(&grammar["repository"]["keywords"], &mut found);
    let known: Vec<&str> = found.iter().flat_map(|pattern| words(pattern)).collect();
    for keyword in KEYWORDS {
        assert!(known.contains(keyword), "no keyword `{keyword}` in the grammar");
    }
    let mut strings = Vec::new();
    patterns(&grammar["repository"]["strings"], &mut strings);
    for prefix in STRING_TYPES {
        assert!(words(&strings[0]).contains(&prefix), "no typed string `{prefix}` in the grammar");
    }
}

#[test]
fn every_part_of_the_grammar_is_there() {
    let grammar = json("syntaxes/dictum.tmLanguage.json");
    let repository = grammar["repository"].as_object().unwrap();
    let text = grammar.to_string();
    for part in text.split("\"include\":\"#").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(repository.contains_key(name), "no part `{name}`");
    }
}

#[test]
fn the_extension_has_the_settings_of_the_server() {
    let manifest = json("package.json");
    let properties = manifest["contributes"]["configuration"]["properties"].as_object().unwrap();
    let script = fs::read_to_string(folder().join("extension.js")).unwrap();
    for name in ["json", "lint"] {
        assert!(properties.contains_key(&format!("dictum.{name}")), "no setting `{name}`");
        assert!(script.contains(&format!("chosen.get(\"{name}\"")), "the script does not pass `{name}`");
    }
}
