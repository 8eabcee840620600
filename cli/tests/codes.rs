//! The pages of `docs/codes`: each example that is wrong gives the message that stands below it, and each that is right does not.
//! `DICTUM_BLESS=1` writes the messages anew.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::{Folder, policy};

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/codes");
/// Set to write messages anew.
const BLESS: &str = "DICTUM_BLESS";
/// What nobody can bring about.
const WITHOUT_EXAMPLE: [&str; 1] = ["E-INTERNAL"];
/// Lints of entities, which no policy alone has.
const ENTITY_LINTS: [&str; 4] = ["L-GROUPS", "L-PROFILE", "L-NOBODY", "L-LINKED"];

/// Code, severity and meaning of every line of the list.
fn listed() -> Vec<(String, String, String)> {
    let ran = Folder::new().run(&["explain-code", "--list"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let field = |line: &str, at: usize| line.split_whitespace().nth(at).unwrap().to_owned();
    let rest = |line: &str| line.split_once(&field(line, 1)).unwrap().1.trim().to_owned();
    ran.out.lines().map(|line| (field(line, 0), field(line, 1), rest(line))).collect()
}

/// The pages by their code.
fn pages() -> BTreeMap<String, String> {
    let entries = fs::read_dir(PAGES).unwrap().map(|entry| entry.unwrap().path());
    let code = |path: &std::path::Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|path| (code(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// Files and commands of a part of a page.
fn fences(part: &str) -> (Vec<(String, String)>, Vec<String>) {
    let (mut files, mut commands) = (Vec::new(), Vec::new());
    let mut lines = part.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        match info.split_once(' ') {
            Some((_, name)) => files.push((name.to_owned(), body)),
            None => commands.push(body.lines().next().unwrap().strip_prefix("$ dictum ").unwrap().to_owned()),
        }
    }
    (files, commands)
}

fn run(folder: &Folder, command: &str) -> common::Ran {
    let (command, input) = match command.split_once(" < ") {
        Some((command, file)) => (command, folder.read(file)),
        None => (command, Vec::new()),
    };
    folder.pipe(&command.split(' ').collect::<Vec<_>>(), &input)
}

/// A folder with a set of policies and its bundle, broken so that reading it gives this code.
fn folder(code: &str) -> Folder {
    let folder = Folder::new();
    let set = format!(r#"{{"identity": [{{"name": "Own", "policy": {}}}]}}"#, policy("Allow", "s3:*", ""));
    folder.write("set.json", &set);
    assert_eq!(run(&folder, "compile set.json -o set.dctb").code, 0);
    let mut bytes = folder.read("set.dctb");
    match code {
        "B-MAGIC" => bytes = set.into_bytes(),
        "B-VERSION" => bytes[4] = 99,
        "B-LENGTH" => bytes.truncate(300),
        "B-CHECKSUM" => bytes[300] ^= 1,
        "B-SECTION" => {
            let meta = u32::from_le_bytes(*bytes[24..].first_chunk().unwrap()) as usize;
            bytes[meta] = 128;
            dictum_vm::bundle::write::reseal(&mut bytes);
        }
        _ => {}
    }
    folder.write("set.dctb", bytes);
    folder
}

/// The page as it should be, or why it cannot be.
fn checked(code: &str, severity: &str, meaning: &str, page: &str) -> Result<String, String> {
    let (_, rest) = page.split_once("\n\n").unwrap();
    let (_, rest) = rest.split_once("\n\n").unwrap();
    let severity = severity[..1].to_ascii_uppercase() + &severity[1..];
    let head = format!("# {code}\n\n{severity}. {meaning}\n\n");
    if WITHOUT_EXAMPLE.contains(&code) {
        return Ok(head + rest);
    }
    let (text, examples) = rest.split_once("\n## Wrong\n").unwrap_or_else(|| panic!("{code} shows nothing wrong"));
    let (wrong, right) = examples.split_once("\n## Right\n").unwrap_or_else(|| panic!("{code} shows nothing right"));

    let folder = folder(code);
    let (files, commands) = fences(wrong);
    files.iter().for_each(|(name, body)| _ = folder.write(name, body));
    let [command] = &commands[..] else { panic!("{code}: one command gives the message") };
    let ran = run(&folder, command);
    let mark = format!("{}[", severity.to_ascii_lowercase());
    let found: Vec<_> = ran.err.match_indices(&mark).map(|(at, _)| &ran.err[at..]).collect();
    let is_its = |found: &&str| found.starts_with(&format!("{mark}{code}]"));
    let expected = if severity == "Error" { 2 } else { 1 };
    if found.is_empty() || !found.iter().all(is_its) || ran.code != expected {
        return Err(format!("{code}: {command}: {ran:?}"));
    }
    let (before, _) = wrong.split_once("```text\n").unwrap();
    let wrong = format!("{before}```text\n$ dictum {command}\n{}\n```\n", ran.err.trim_end());

    let (files, commands) = fences(right);
    files.iter().for_each(|(name, body)| _ = folder.write(name, body));
    for command in commands.iter().chain(commands.is_empty().then_some(command)) {
        let ran = run(&folder, command);
        if ran.code > 1 || ran.err.contains("error[") || ran.err.contains(&format!("[{code}]")) {
            return Err(format!("{code}, right: {command}: {ran:?}"));
        }
    }
    Ok(format!("{head}{text}\n## Wrong\n{wrong}\n## Right\n{right}"))
}

#[test]
fn every_code_has_its_page_and_every_page_holds() {
    let mut pages = pages();
    let (mut stale, mut wrong) = (Vec::new(), Vec::new());
    // What a linter finds has pages that are made of its table; `fmt` writes no report.
    let is_made = |code: &str| code.starts_with("L-") && !ENTITY_LINTS.contains(&code);
    pages.retain(|page, _| !is_made(page));
    for (code, severity, meaning) in listed().iter().filter(|(code, ..)| !is_made(code)) {
        let page = pages.remove(code).unwrap_or_else(|| panic!("{code} has no page"));
        match checked(code, severity, meaning, &page) {
            Ok(expected) if page == expected => {}
            Ok(expected) if std::env::var_os(BLESS).is_some() => {
                fs::write(format!("{PAGES}/{code}.md"), &expected).unwrap();
            }
            Ok(_) => stale.push(code.clone()),
            Err(problem) => wrong.push(problem),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(stale.is_empty(), "{stale:?} differ from what is reported, {BLESS}=1 writes them anew");
    assert!(pages.is_empty(), "pages of no code: {:?}", pages.keys());
}

/// Texts of the form `E-…`, `B-…`, `D-…` and `L-…` between quotes, comments and tests aside.
fn codes_in(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let texts = lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned));
    let is_code = |text: &String| {
        let name = ["E-", "B-", "D-", "L-"].iter().find_map(|family| text.strip_prefix(family));
        name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '-'))
    };
    texts.filter(is_code).collect()
}

/// What any source reports is listed: nobody meets a code that cannot be explained.
#[test]
fn every_code_of_the_sources_is_listed() {
    let listed: BTreeSet<String> = listed().into_iter().map(|(code, ..)| code).collect();
    let (mut folders, mut unknown, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap() {
        folders.push(entry.unwrap().path().join("src"));
    }
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let found = codes_in(&fs::read_to_string(&path).unwrap());
                count += found.len();
                unknown.extend(found.into_iter().filter(|code| !listed.contains(code)));
            }
        }
    }
    assert!(count > listed.len() / 2, "{count} codes were found");
    assert!(unknown.is_empty(), "{unknown:?} have no page");
}

#[test]
fn a_page_is_printed() {
    let folder = Folder::new();
    let ran = folder.run(&["explain-code", "e-operator"]);
    assert_eq!((ran.code, ran.out), (0, fs::read_to_string(format!("{PAGES}/E-OPERATOR.md")).unwrap()));
    for (args, code, message) in [
        (
            &["explain-code", "E-OPERATER"][..],
            2,
            "error[E-CODE]: there is no code `E-OPERATER`; did you mean `E-OPERATOR`?\n",
        ),
        (&["explain-code", "X"], 2, "error[E-CODE]: there is no code `X`; `--list` names all\n"),
        (&["explain-code"], 3, ""),
    ] {
        let ran = folder.run(args);
        assert_eq!((ran.code, ran.err.contains(message)), (code, true), "{args:?}: {ran:?}");
    }
}
