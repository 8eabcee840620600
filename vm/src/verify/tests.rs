//! Negative space: for each check a bundle that breaks just that, and is refused for it.

mod draft;
mod head;
mod names;
mod code;
mod tree;
mod directory;

use crate::bundle::Section;
use draft::Draft;

/// One broken bundle: how it is made from the good one, and the section and problem for which it is refused.
type Row = (fn(&mut Draft), Section, &'static str);

fn refused(rows: &[Row]) {
    refused_of(Draft::new, rows);
}

fn refused_of(good: fn() -> Draft, rows: &[Row]) {
    for (i, (edit, section, problem)) in rows.iter().enumerate() {
        let mut draft = good();
        edit(&mut draft);
        assert_eq!(draft.error(), Some((*section, *problem)), "row {i}: {} {problem}", section.name());
    }
}

#[test]
fn the_draft_is_good() {
    let draft = Draft::new();
    assert_eq!(draft.error(), None);
    assert_eq!(draft::verify_bytes(&draft.finish()), Ok(()));
    let directory = directory::draft();
    assert_eq!(directory.error(), None);
    for &section in Section::ALL.iter().filter(|&&section| section != Section::Meta) {
        let is_empty = draft.get(section).is_empty() && directory.get(section).is_empty();
        assert!(!is_empty, "{} is empty", section.name());
    }
}
