//! The gallery of mistakes: what each of them is told, as the command prints it, beside the file that holds it.
//!
//! `NN-SLUG.dct` or `.json` is checked; of a folder its `main.dct`. A word before the extension says more: `lint` and
//! `test` are other commands, the name of a policy type is given as `--type`.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Folder, Ran};

const GALLERY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gallery");
/// Set to write the index anew.
const BLESS: &str = "DICTUM_BLESS";

/// Chapters by the first digits of a number, the last two of which count inside of it.
const CHAPTERS: [(&str, &str); 13] = [
    ("1", "Syntax"),
    ("2", "Names and imports"),
    ("3", "Operators and values"),
    ("4", "Condition keys"),
    ("5", "Actions"),
    ("6", "Resources"),
    ("7", "Principals"),
    ("8", "Types and versions of policies"),
    ("9", "Brace groups"),
    ("10", "Tests"),
    ("11", "Twice and in the wrong place"),
    ("12", "Policies in JSON"),
    ("13", "Limits"),
];

/// One mistake.
struct Exhibit {
    /// `101-permit`.
    name: String,
    /// The files that it consists of, in order of their names, with the names by which the command knows them.
    files: Vec<(String, Vec<u8>)>,
    /// The file that is handed to the command.
    main: String,
    /// What the name says before its extension.
    word: Option<String>,
}

impl Exhibit {
    fn new(path: &Path) -> Option<Exhibit> {
        let name = path.file_name()?.to_str()?.to_owned();
        if path.is_dir() {
            let mut paths: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            let file =
                |path: &PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap());
            let files = paths.iter().map(file).collect();
            return Some(Exhibit { name, files, main: "main.dct".to_owned(), word: None });
        }
        let (stem, extension) = name.rsplit_once('.').filter(|(_, extension)| ["dct", "json"].contains(extension))?;
        let (stem, word) = match stem.split_once('.') {
            Some((stem, word)) => (stem.to_owned(), Some(word.to_owned())),
            None => (stem.to_owned(), None),
        };
        let main = format!("{stem}.{extension}");
        Some(Exhibit { name: stem, files: vec![(main.clone(), fs::read(path).unwrap())], main, word })
    }

    /// The arguments of the command.
    fn arguments(&self) -> Vec<&str> {
        match self.word.as_deref() {
            None => vec!["check", &self.main],
            Some(command @ ("lint" | "test")) => vec![command, &self.main],
            Some(policy_type) => vec!["check", "--type", policy_type, &self.main],
        }
    }

    fn run(&self) -> Ran {
        let folder = Folder::new();
        for (name, text) in &self.files {
            folder.write(name, text);
        }
        folder.run(&self.arguments())
    }

    /// The files, the command, and what it says.
    fn text(&self, ran: &Ran) -> String {
        let mut text = String::new();
        for (name, bytes) in &self.files {
            let lines = String::from_utf8_lossy(bytes);
            let lines = lines.lines().map(|line| match line.char_indices().nth(160) {
                Some((end, _)) => format!("    {}…", &line[..end]),
                None => format!("    {line}").trim_end().to_owned(),
            });
            text += &format!("{name}\n\n{}\n\n", lines.collect::<Vec<_>>().join("\n"));
        }
        let said = if self.word.as_deref() == Some("test") { &ran.out } else { "" };
        text += &format!("$ dictum {}\n{said}{}", self.arguments().join(" "), ran.err);
        text
    }

    fn is_dictum(&self) -> bool {
        self.main.ends_with(".dct")
    }
}

fn exhibits() -> Vec<Exhibit> {
    let mut paths: Vec<PathBuf> = fs::read_dir(GALLERY).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut found: Vec<Exhibit> = paths.iter().filter_map(|path| Exhibit::new(path)).collect();
    let number =
        |exhibit: &Exhibit| exhibit.name.split('-').next().unwrap().parse::<u32>().expect("a number comes first");
    found.sort_by_key(number);
    found
}

/// The first diagnostic's class and message, and its advice where it has one.
fn first<'t>(exhibit: &Exhibit, said: &'t str) -> (&'t str, &'t str, &'t str) {
    let said = said.split("\n\n").next().unwrap_or_default();
    let help = said.lines().find_map(|line| line.split_once(" = help: ")).map_or("", |(_, help)| help);
    let line = said.lines().find(|line| line.contains("]: ")).unwrap_or_else(|| panic!("{}: {said}", exhibit.name));
    let (head, message) = line.split_once("]: ").expect("it was looked for");
    (head.split_once('[').map_or(head, |(_, code)| code), message, help)
}

#[test]
fn every_mistake_is_told() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("gallery");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    let mut failed = Vec::new();
    for exhibit in exhibits() {
        let ran = exhibit.run();
        let text = exhibit.text(&ran);
        let is_told = std::panic::catch_unwind(|| {
            assert!([1, 2].contains(&ran.code), "{} ends with status {}\n{text}", exhibit.name, ran.code);
            insta::assert_snapshot!(exhibit.name.clone(), text);
        });
        failed.extend(is_told.is_err().then_some(exhibit.name));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Whoever writes the language is spoken to in its words, and not in those of JSON.
#[test]
fn messages_speak_the_language_of_the_file() {
    let json = [
        "`Action`",
        "`NotAction`",
        "`Resource`",
        "`NotResource`",
        "`Principal`",
        "`NotPrincipal`",
        "`Condition`",
        "`Statement`",
        "`Effect`",
        "`Sid`",
        "`Id`",
        "`Version`",
        "`Allow`",
        "`Deny`",
        "\"Version\"",
        "\"Null\"",
        "array",
        "object",
        "NotAction",
        "NotResource",
        "NotPrincipal",
    ];
    let mut found = Vec::new();
    for exhibit in exhibits().iter().filter(|exhibit| exhibit.is_dictum()) {
        // Source lines have a bar; only what is said behind the marks counts.
        let said = exhibit.run().err;
        for line in said.lines().filter(|line| !line.contains(" | ") || line.contains("^ expected")) {
            let line = line.split_once("^ expected").map_or(line, |(_, said)| said);
            found.extend(
                json.iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| format!("{}: {word}: {line}", exhibit.name)),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_index_names_every_mistake() {
    let exhibits = exhibits();
    assert!(exhibits.len() >= 60, "{} mistakes", exhibits.len());
    let mut index = String::from(INTRODUCTION);
    let mut chapter = "";
    for exhibit in &exhibits {
        let number = exhibit.name.split('-').next().unwrap();
        let (_, title) = CHAPTERS.iter().find(|(digits, _)| *digits == &number[..number.len() - 2]).expect("a chapter");
        if *title != chapter {
            chapter = title;
            index +=
                &format!("\n## {title}\n\n| mistake | class | the first message | its advice |\n|---|---|---|---|\n");
        }
        let ran = exhibit.run();
        let (code, message, help) = first(exhibit, if ran.err.contains("]: ") { &ran.err } else { &ran.out });
        let name = &exhibit.name;
        index += &format!(
            "| [{name}]({name}.snap) | {code} | {} | {} |\n",
            message.replace('|', "\\|"),
            help.replace('|', "\\|")
        );
    }
    let path = format!("{GALLERY}/README.md");
    if std::env::var_os(BLESS).is_some() {
        fs::write(&path, &index).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == index, "the index is old: run this test with {BLESS}=1");
}

const INTRODUCTION: &str = "\
# The gallery of mistakes

What the mistakes that people make are told. Each has its file here and, in the `.snap` of the same name, the file's text with what
`dictum` prints of it: class, message, place, what was expected, and what to do. `dictum explain-code CLASS` tells more of a class.

This page and the snapshots are kept by `cli/tests/gallery.rs`. To add a mistake: a file with the next number of its chapter, then
`INSTA_UPDATE=always DICTUM_BLESS=1 cargo test -p dictum --test gallery`, and read what came out as its author would.
";
