//! The example of `docs/organization.md`, read from the page.

use super::*;

const PAGE: &str = include_str!("../../../../../docs/organization.md");

/// Path and text of each block of the section that has a path behind its language.
fn example() -> Vec<(&'static str, String)> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with("Native tree\n")).unwrap();
    let mut files: Vec<(&str, String)> = Vec::new();
    let mut is_inside = false;
    for line in section.lines() {
        match line.strip_prefix("```") {
            Some(head) if !is_inside => {
                is_inside = true;
                files.push((head.split_once(' ').map_or("", |(_, path)| path), String::new()));
            }
            Some(_) => is_inside = false,
            None if is_inside => files.last_mut().unwrap().1 += &format!("{line}\n"),
            None => {}
        }
    }
    files.retain(|(path, _)| !path.is_empty());
    files
}

#[test]
fn the_example_of_the_page_is_a_tree() {
    let example = example();
    let files: Vec<_> = example.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let mut sources = sources("", &files, &[]);
    let (directory, faults) = read(&mut sources, "");
    assert_eq!(told(&sources, &faults), [""; 0]);
    let arena = Bump::new();
    let mut reader = crate::read::Reader::new(&sources, &arena);
    for document in &directory.documents {
        let (policy, faults) = reader.read(document, &arena);
        assert!(policy.is_some() && faults.is_empty(), "{}: {faults:?}", document.name);
    }
    // One of everything, so that the page shows everything.
    let organization = directory.organization.as_ref().unwrap();
    assert!(organization.nodes.len() > 1 && !organization.guardrails.is_empty());
    assert!(directory.accounts.len() > 1 && !directory.users.is_empty() && !directory.groups.is_empty());
    assert!(directory.roles.iter().all(|role| role.trust.is_some()) && !directory.roles.is_empty());
    assert!(directory.managed.len() > 1 && !directory.providers.is_empty() && !directory.profiles.is_empty());
    assert!(directory.resources.iter().any(|resource| !resource.policies.is_empty()));
}

/// The drawing of the tree on the page has every file of the example, and no other.
#[test]
fn the_drawing_of_the_page_is_the_example() {
    let drawing = PAGE.split("```text\n").find(|text| text.starts_with("dictum.toml\n"));
    let drawing = drawing.and_then(|rest| rest.split("```").next()).unwrap();
    let mut folders: Vec<&str> = Vec::new();
    let mut drawn = Vec::new();
    for line in drawing.lines() {
        let name = line.trim_start();
        folders.truncate((line.len() - name.len()) / 2);
        let name = name.split_whitespace().next().unwrap();
        match name.strip_suffix('/') {
            Some(folder) => folders.push(folder),
            None => drawn.push([&folders[..], &[name]].concat().join("/")),
        }
    }
    let mut files: Vec<_> = example().into_iter().map(|(path, _)| path.to_owned()).collect();
    drawn.sort();
    files.sort();
    assert_eq!(drawn, files);
}
