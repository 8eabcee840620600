//! Every rule of the semantics is named by a case or by a test, or stands in `uncovered.md` with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const CORPUS: &str = env!("CARGO_MANIFEST_DIR");
const SEMANTICS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/spec/semantics.md");

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder whose name ends so, but for what a build left there.
fn files(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files(&path, end, found);
        } else if path.is_file() && name.ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
}

/// The ids of the rules, in the order of the document.
fn rules() -> Vec<String> {
    read(format!("{CORPUS}/rules.txt")).lines().map(str::to_owned).collect()
}

/// The ids that a text names: `ABC-12`, and of `ABC-12 to ABC-15` those between.
fn ids(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let parse = |word: &str| {
        let (family, number) = word.split_once('-')?;
        let good = family.len() == 3 && family.bytes().all(|byte| byte.is_ascii_uppercase());
        Some((family.to_owned(), number.parse::<u32>().ok().filter(|_| good)?))
    };
    let words: Vec<&str> = text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()).collect();
    let mut found = BTreeSet::new();
    for (i, word) in words.iter().enumerate() {
        let Some((family, first)) = parse(word) else { continue };
        let last = match (words.get(i + 1), words.get(i + 2).and_then(|word| parse(word))) {
            (Some(&"to"), Some((other, last))) if other == family => last,
            _ => first,
        };
        found.extend((first..=last).map(|number| format!("{family}-{number}")));
    }
    found
}

/// The ids in `note.rules` of every case, whether the line is a good case or one that is refused.
fn named_by_cases() -> BTreeSet<String> {
    let mut paths = Vec::new();
    files(&Path::new(CORPUS).join("cases"), ".jsonl", &mut paths);
    files(&Path::new(CORPUS).join("policies"), ".jsonl", &mut paths);
    let mut named = BTreeSet::new();
    for path in paths {
        for line in fs::read(&path).unwrap().split(|byte| *byte == b'\n') {
            let Ok(case) = serde_json::from_slice::<Value>(line) else { continue };
            let rules = case["note"]["rules"].as_array().into_iter().flatten();
            named.extend(rules.filter_map(|rule| rule.as_str().map(str::to_owned)));
        }
    }
    named
}

/// The ids in tests: in their files, and in other sources behind `cfg(test)`.
fn named_by_tests() -> BTreeSet<String> {
    let root = Path::new(CORPUS).join("..");
    let mut paths = Vec::new();
    files(&root, ".rs", &mut paths);
    let tests = |path: &PathBuf| {
        let text = read(path);
        let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        let start = if is_test { Some(0) } else { text.find("#[cfg(test)]") };
        start.map_or_else(BTreeSet::new, |start| ids(&text[start..]))
    };
    paths.iter().filter(|path| !path.ends_with("corpus/tests/rules.rs")).flat_map(tests).collect()
}

/// The rows of the two tables of `uncovered.md`, by rule.
fn uncovered() -> [BTreeMap<String, Vec<String>>; 2] {
    let text = read(format!("{CORPUS}/uncovered.md"));
    let mut tables = [BTreeMap::new(), BTreeMap::new()];
    for line in text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rule ")) {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        assert!(cells.len() == 2 || cells.len() == 3, "a row of another shape: {line}");
        let before = tables[cells.len() - 2].insert(cells[0].clone(), cells[1..].to_vec());
        assert!(before.is_none(), "{} stands twice in a table", cells[0]);
    }
    tables
}

#[test]
fn every_rule_is_somewhere() {
    let rules = rules();
    let named: BTreeSet<String> = named_by_cases().union(&named_by_tests()).cloned().collect();
    let [without, _] = uncovered();
    let nowhere: Vec<_> = rules.iter().filter(|rule| !named.contains(*rule) && !without.contains_key(*rule)).collect();
    assert!(nowhere.is_empty(), "no case and no test names {nowhere:?}, and corpus/uncovered.md has no reason");
    let after_all: Vec<_> = without.keys().filter(|rule| named.contains(*rule)).collect();
    assert!(after_all.is_empty(), "corpus/uncovered.md says that nothing names {after_all:?}, and something does");
    let unknown: Vec<_> = without.keys().filter(|rule| !rules.contains(rule)).collect();
    assert!(unknown.is_empty(), "corpus/uncovered.md has {unknown:?}, which are no rules");
}

#[test]
fn cases_name_rules_that_exist() {
    let rules = rules();
    let unknown: Vec<_> = named_by_cases().into_iter().filter(|rule| !rules.contains(rule)).collect();
    assert!(unknown.is_empty(), "some case names {unknown:?}, which are no rules of sections 1 to 11");
}

#[test]
fn what_no_decision_shows_is_held_by_the_file_named() {
    let [_, partly] = uncovered();
    assert!(!partly.is_empty());
    for (rule, cells) in partly {
        let file = cells[1].trim_matches('`');
        let text = read(format!("{CORPUS}/../{file}"));
        assert!(ids(&text).contains(&rule), "corpus/uncovered.md: {rule} does not occur in {file}");
    }
}

#[test]
fn the_list_is_that_of_the_document() {
    let rules = rules();
    assert_eq!(rules.iter().collect::<BTreeSet<_>>().len(), rules.len(), "a rule stands twice in corpus/rules.txt");
    let Ok(document) = fs::read_to_string(SEMANTICS) else {
        println!("skipped: no semantics.md in a folder `shared` beside the repository");
        return;
    };
    let sections =
        document.lines().skip_while(|line| !line.starts_with("## 1.")).take_while(|line| !line.starts_with("## 12."));
    let defined = sections.filter_map(|line| line.strip_prefix("- **")?.split_once("**")).map(|(id, _)| id.to_owned());
    assert_eq!(rules, defined.collect::<Vec<_>>());
}
