//! The rules of the house that a machine can check.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const CRATES: [&str; 8] = ["vm", "compiler", "corpus", "catalogue", "lint", "lsp", "cli", "benches"];
const FORBID_UNSAFE: [&str; 7] = ["vm", "compiler", "corpus", "catalogue", "lint", "lsp", "cli"];

/// Uses of a module that is declared further down, with the reason.
const UPWARD: &[(&str, &str, &str)] = &[];

/// Longest file, in lines; a longer one is two ideas.
const LINES_MAX: usize = 600;
/// Longer files, with the reason.
const LONG: &[(&str, &str)] = &[];

fn files(folder: &Path, found: &mut Vec<(String, PathBuf)>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && (!name.starts_with('.') || name == ".ci") {
            files(&path, found);
        } else if path.is_file() {
            let short = path.strip_prefix(ROOT).unwrap().to_string_lossy().replace('\\', "/");
            found.push((short, path));
        }
    }
}

/// Name and text of every file written by hand, cases and policies aside.
fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(Path::new(ROOT), &mut found);
    found.sort();
    let ends = [".rs", ".md", ".toml", ".lalrpop", ".txt", ".yml", ".ci/run"];
    let is_text = |name: &str| ends.iter().any(|end| name.ends_with(end)) && !name.starts_with("corpus/cases/");
    found.retain(|(name, _)| is_text(name));
    found.into_iter().map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect()
}

fn sources() -> Vec<(String, String)> {
    texts().into_iter().filter(|(name, _)| name.ends_with(".rs")).collect()
}

/// A source without comments and without the tests at its end.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let without_comment = |line: &str| line.split("//").next().unwrap_or("").to_owned();
    text[..end].lines().map(without_comment).collect::<Vec<_>>().join("\n")
}

/// Modules that a source declares in files of their own, in order; those of tests aside.
fn declared(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let name = |i: usize| {
        let line = lines[i].trim();
        let rest = line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub ")).unwrap_or(line);
        let name = rest.strip_prefix("mod ")?.strip_suffix(';')?;
        (i == 0 || lines[i - 1].trim() != "#[cfg(test)]").then(|| name.to_owned())
    };
    (0..lines.len()).filter_map(name).collect()
}

/// The first names of paths that begin with `prefix` (`crate::` or `super::`), of a braced list each.
fn first_names(code: &str, prefix: &str) -> BTreeSet<String> {
    let ident = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let is_whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            _ if !is_whole => {}
            None => _ = names.insert(ident(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut starts = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => starts = true,
                        c if starts && !c.is_whitespace() => {
                            names.insert(ident(&list[i..]));
                            starts = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    names
}

/// Whether a source below `src` holds tests only.
fn is_test(name: &str) -> bool {
    name.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// Uses of a later module by an earlier one, for the modules that one file declares.
fn upward(parent: &str, text: &str, folder: &str, prefix: &str, sources: &[(String, String)]) -> Vec<String> {
    let order = declared(text);
    let place = |name: &str| order.iter().position(|it| it == name);
    let mut found = Vec::new();
    for (name, text) in sources {
        let Some(inside) = name.strip_prefix(folder).filter(|inside| !is_test(inside)) else { continue };
        let module = inside.split('/').next().unwrap().trim_end_matches(".rs");
        let is_direct = inside == format!("{module}.rs") || inside == format!("{module}/mod.rs");
        let Some(own) = place(module).filter(|_| prefix == "crate::" || is_direct) else { continue };
        for used in first_names(&code(text), prefix) {
            let is_excused = UPWARD.iter().any(|(file, module, _)| file == name && *module == used);
            if place(&used).is_some_and(|other| other > own) && !is_excused {
                found.push(format!("{name} uses {prefix}{used}, which {parent} declares below `{module}`"));
            }
        }
    }
    found
}

#[test]
fn a_module_uses_only_modules_declared_above_it() {
    let sources = sources();
    let mut found = Vec::new();
    for (name, text) in &sources {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        if !name.contains("/src/") {
            continue;
        }
        let is_root = ["lib.rs", "main.rs"].contains(&file);
        let below = if is_root || file == "mod.rs" { format!("{folder}/") } else { name.replace(".rs", "/") };
        let prefix = if is_root { "crate::" } else { "super::" };
        found.extend(upward(name, text, &below, prefix, &sources));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_excuses_are_needed() {
    let sources = sources();
    for (file, module, reason) in UPWARD {
        let text = sources.iter().find(|(name, _)| name == file).map(|(_, text)| code(text)).unwrap_or_default();
        let uses = ["crate::", "super::"].iter().any(|prefix| first_names(&text, prefix).contains(*module));
        assert!(uses, "{file} does not use {module}: {reason}");
    }
    for (file, _) in LONG {
        assert!(sources.iter().any(|(name, text)| name == file && text.lines().count() > LINES_MAX), "{file} is short");
    }
}

#[test]
fn files_are_short() {
    let is_excused = |name: &str| LONG.iter().any(|(file, _)| *file == name);
    let long = sources().into_iter().filter(|(name, text)| text.lines().count() > LINES_MAX && !is_excused(name));
    let long: Vec<String> = long.map(|(name, text)| format!("{name}: {} lines", text.lines().count())).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_is_left_lying_about() {
    let macros = [concat!("dbg", "!("), concat!("todo", "!("), concat!("unimplemented", "!(")];
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let attributes = [concat!("#[", "ignore"), concat!("#[", "should_panic")];
    let mut found = Vec::new();
    for (name, text) in texts() {
        for (i, line) in text.lines().enumerate() {
            let place = |what: &str| format!("{name}:{}: {what}", i + 1);
            let banned = macros.iter().chain(&attributes).filter(|_| name.ends_with(".rs"));
            found.extend(banned.filter(|what| line.contains(**what)).map(|what| place(what)));
            // A mark has the number of its issue: `MARK(#12)`.
            let is_open = |mark: &&&str| line.split(**mark).skip(1).any(|rest| !rest.starts_with("(#"));
            found.extend(marks.iter().filter(is_open).map(|mark| place(&format!("{mark} without an issue"))));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_path_is_that_of_one_machine() {
    let roots = ["home", "Users", "root", "tmp", "work", "mnt", "workspace"].map(|name| format!("/{name}/"));
    let mut found = Vec::new();
    for (name, text) in texts().into_iter().filter(|(name, _)| !name.ends_with("corpus/tests/tidy.rs")) {
        for (i, line) in text.lines().enumerate() {
            let begins = |root: &str| {
                line.match_indices(root).any(|(at, _)| at == 0 || line[..at].ends_with([' ', '"', '`', '\'', '(', '=']))
            };
            found.extend(roots.iter().filter(|root| begins(root)).map(|root| format!("{name}:{}: {root}", i + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn unsafe_code_is_forbidden() {
    let sources = sources();
    for name in FORBID_UNSAFE {
        let roots = ["lib.rs", "main.rs"].map(|file| format!("{name}/src/{file}"));
        let mut found = sources.iter().filter(|(file, _)| roots.contains(file)).peekable();
        assert!(found.peek().is_some(), "{name} has no root");
        assert!(found.all(|(_, text)| text.contains("#![forbid(unsafe_code)]")), "{name} does not forbid unsafe code");
    }
}

/// Rule 1: the machine links nothing, not even the standard library, and every crate has the lints of the workspace.
#[test]
fn manifests_are_as_agreed() {
    for name in CRATES {
        let manifest = fs::read_to_string(format!("{ROOT}/{name}/Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} leaves the lints of the workspace out");
        assert!(name != "vm" || !manifest.contains("dependencies"), "vm has no dependencies");
    }
    assert!(fs::read_to_string(format!("{ROOT}/vm/src/lib.rs")).unwrap().contains("#![no_std]"));
    for name in ["vm", "compiler", "catalogue", "lint", "lsp"] {
        let root = fs::read_to_string(format!("{ROOT}/{name}/src/lib.rs")).unwrap();
        assert!(root.contains("#![warn(missing_docs)]"), "{name} is a library");
    }
}
