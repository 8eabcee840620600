//! Bytes that are no catalogue give an error and nothing else.

use dictum_catalogue::{Catalogue, CatalogueError, pack, unpack};
use proptest::prelude::*;

static SHIPPED: &[u8] = include_bytes!("../data/catalogue.bin");

/// A catalogue with one of everything.
const SMALL: &str = "dictum-catalogue\t1\n\
    source\tby hand 1\n\
    date\t2026-01-02\n\
    K\tS\taws:ResourceTag/${TagKey}\n\
    K\tS*\taws:TagKeys\n\
    K\tN\tx:size\n\
    G\t1\tq\ts\ts\tN\tx,y\tx:A,y:*\tnone\tsometimes\n\
    S\tx\t1\tService X\t0,2\n\
    T\tbox\tarn:${Partition}:x:::${Box}\t0\n\
    r\tGetBox\t1\t0!:0\ty:Other\n\
    w\tPutBox\t\t0\t\n\
    S\ty\t0\tService Y\t\n\
    l\tListAll\t\t\t\n";

fn read(text: &str) -> Result<Catalogue, CatalogueError> {
    Catalogue::from_bytes(&pack(text))
}

/// Everything there is to ask of a catalogue.
fn walk(catalogue: &Catalogue) -> usize {
    let actions = catalogue.actions().map(|it| it.all_keys().count() + it.grants().count() + it.dependents().count());
    let services = catalogue.services().map(|it| it.keys().count() + it.resource_types().count() + it.name().len());
    let types = catalogue.resource_types().map(|it| it.keys().count() + it.prefix().len());
    let keys = catalogue.keys().map(|it| it.canonical(it.name()).len());
    actions.chain(services).chain(types).chain(keys).sum()
}

#[test]
fn the_small_one_is_good() {
    let catalogue = read(SMALL).unwrap();
    assert_eq!(format!("{catalogue:?}"), "Catalogue of 2026-01-02: 2 services, 3 actions");
    let action = catalogue.action("X:getbox").unwrap();
    assert_eq!(action.dependents().collect::<Vec<_>>(), ["y:Other"]);
    assert_eq!(format!("{:?}", action.grants().collect::<Vec<_>>()), "[x:box]");
    assert!(action.has_key("x:size") && walk(&catalogue) > 0);
}

#[test]
fn each_wrong_line_is_named() {
    let mut report = String::new();
    for (from, to) in [
        ("\t1\nsource", "\t2\nsource"),
        ("source\tby hand 1", "source"),
        ("2026-01-02", "2026-1-2"),
        ("K\tN\t", "K\tQ\t"),
        ("K\tN\tx:size", "K\tN\t"),
        ("K\tN\tx:size", "K\tN\tx:size\tmore"),
        ("K\tN\tx:size", "K\tN\taws:tagkeys"),
        ("x:size", "x:${a}${b}"),
        ("x:size", "x:${a"),
        ("G\t1\tq", "G\t3\tq"),
        ("G\t1\tq", "G\t1\tz"),
        ("\tN\tx,y", "\tZ\tx,y"),
        ("\tsometimes\n", "\tsometimes\nG\t1\tq\ts\t\t\t\t\t\t\n"),
        ("\tsometimes\n", "\tsometimes\nK\tS\tz:z\n"),
        ("\tsometimes", ""),
        ("0,2\n", "0,3\n"),
        ("0,2\n", "0,,2\n"),
        ("S\tx\t1", "S\tz\t1"),
        ("S\tx\t1\tService X\t0,2\n", ""),
        ("${Box}\t0", "${Box}\t2"),
        ("T\tbox", "T\t"),
        ("\t0!:0\t", "\t1!:0\t"),
        ("\t0!:0\t", "\t0!:9\t"),
        ("\t0!:0\t", "\t-1\t"),
        ("w\tPutBox", "w\tAddBox"),
        ("w\tPutBox\t\t0\t", "w\tPutBox\t\t0"),
        ("w\tPutBox\t\t0\t\n", "w\tPutBox\t\t0\t\nT\tzoo\tarn:\t\n"),
        ("l\tListAll", "q\tListAll"),
        ("l\tListAll", "\tListAll"),
    ] {
        let text = SMALL.replacen(from, to, 1);
        assert_ne!(text, SMALL, "{from}");
        report += &format!("{from:?} -> {to:?}\n    {}\n", read(&text).unwrap_err());
    }
    for bytes in [&b""[..], b"\0", b"x\x9c", &[0x1F, 0x8B, 8], b"{", b"{\"source\": 1}"] {
        report += &format!("{bytes:x?}\n    {}\n", Catalogue::from_bytes(bytes).unwrap_err());
    }
    insta::assert_snapshot!(report);
}

#[test]
fn a_bomb_is_refused() {
    let bomb = pack(&"\0".repeat(CatalogueError::LIMIT as usize + 2));
    assert!(bomb.len() < 100_000);
    assert_eq!(Catalogue::from_bytes(&bomb).unwrap_err(), CatalogueError::Large);
    let mut more = SHIPPED.to_vec();
    more.push(0);
    assert_eq!(Catalogue::from_bytes(&more).unwrap_err(), CatalogueError::Packed);
}

/// The lines of the shipped catalogue: a start and an end of it, for whole ones are slow to try in numbers.
fn lines() -> Vec<String> {
    let text = unpack(SHIPPED).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_shortened_or_changed_file_is_refused() {
    for step in 1..40 {
        let at = SHIPPED.len() * step / 40;
        assert!(Catalogue::from_bytes(&SHIPPED[..at]).is_err(), "{at}");
        let mut bytes = SHIPPED.to_vec();
        bytes[at] ^= 1 << (step % 8);
        assert!(Catalogue::from_bytes(&bytes).is_err(), "{at}");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_an_error_or_a_catalogue(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        _ = Catalogue::from_bytes(&bytes).map(|catalogue| walk(&catalogue));
    }

    #[test]
    fn any_change_of_the_text_gives_an_error_or_a_catalogue(
        at in 0..SMALL.len(),
        length in 0..6usize,
        put in "[0-9KGSTlrwtp,;:!*\t\n${}a-cé]{0,4}",
    ) {
        let mut text = SMALL.as_bytes().to_vec();
        text.splice(at..(at + length).min(SMALL.len()), put.bytes());
        let text = String::from_utf8(text).unwrap();
        _ = read(&text).map(|catalogue| walk(&catalogue));
    }

    #[test]
    fn mixed_lines_give_an_error_or_a_catalogue(picks in prop::collection::vec(any::<prop::sample::Index>(), 0..60)) {
        let lines = lines();
        let mut text = lines[..3].join("\n");
        for pick in picks {
            text += "\n";
            text += &lines[pick.index(lines.len())];
        }
        _ = read(&text).map(|catalogue| walk(&catalogue));
    }
}
