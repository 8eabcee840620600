use std::sync::Barrier;

use super::*;

/// A folder that is gone when the test is over, with a tree that can be kept.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        let path = std::env::temp_dir().join(format!("dictum-cache-{}", unique()));
        fs::create_dir_all(path.join("org")).unwrap();
        Place(path)
    }

    fn open(&self) -> DiskCache {
        self.open_of("org")
    }

    fn open_of(&self, of: &str) -> DiskCache {
        DiskCache::open(Some(&self.0.join("cache")), &self.0.join(of)).unwrap().unwrap()
    }

    /// Keeps values, in a run that has asked for nothing else and was cut short.
    fn keep(&self, values: &[&str]) {
        let mut cache = self.open();
        values.iter().for_each(|value| cache.put(key(value), value.as_bytes().to_vec()));
        cache.save(false).unwrap();
    }

    fn packs(&self) -> Vec<PathBuf> {
        files(&self.open().tree, PACK)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key(value: &str) -> Digest {
    Digest::of(value.as_bytes())
}

/// Which of the values there are; each must be its own.
fn there<'a>(cache: &DiskCache, values: &[&'a str]) -> Vec<&'a str> {
    let is_there = |value: &&str| cache.get(&key(value)).inspect(|it| assert_eq!(*it, value.as_bytes())).is_some();
    values.iter().copied().filter(is_there).collect()
}

/// Dates a file this long ago.
fn age_by(path: &Path, age: Duration) {
    File::open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn what_is_put_is_there_the_next_time() {
    let place = Place::new();
    let long = "long".repeat(1 << 19);
    let mut cache = place.open();
    assert!(cache.get(&key("a")).is_none());
    for value in ["a", "", &long] {
        cache.put(key(value), value.into());
        assert_eq!(cache.get(&key(value)), Some(value.as_bytes()));
    }
    cache.put(key("a"), b"A".to_vec());
    cache.put(key("a"), b"a".to_vec());
    cache.save(true).unwrap();
    place.keep(&["b"]);
    let cache = place.open();
    assert_eq!(there(&cache, &["a", "b", "", "c", &long]), ["a", "b", "", &long]);
    assert_eq!(cache.packs.len(), 2);
    assert!(there(&place.open_of("."), &["a", "b"]).is_empty(), "trees are apart");
}

#[test]
fn only_what_is_new_is_written() {
    let place = Place::new();
    place.keep(&[]);
    assert!(place.packs().is_empty());
    place.keep(&["a", "b"]);
    place.keep(&["b", "a"]);
    assert_eq!(place.packs().len(), 1);
    place.keep(&["b", "c"]);
    assert_eq!(place.open().packs[1].1.entries().count(), 1);

    let mut cache = place.open();
    cache.put(key("b"), b"other".to_vec());
    cache.save(false).unwrap();
    assert_eq!(place.open().get(&key("b")), Some(&b"other"[..]), "the newest counts");
}

#[test]
fn broken_packs_are_left_out_and_removed() {
    let place = Place::new();
    place.keep(&["first"]);
    place.keep(&["second", "third"]);
    let path = place.packs().remove(1);
    let good = fs::read(&path).unwrap();
    let broken = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let cache = place.open();
        assert_eq!(there(&cache, &["first", "second", "third"]), ["first"]);
        cache
    };
    (0..good.len()).for_each(|length| _ = broken(&good[..length]));
    broken(&[good.as_slice(), b"\0"].concat());
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        broken(&bytes);
    }
    broken(b"").save(true).unwrap();
    assert_eq!(place.packs().len(), 1);
    fs::write(&path, good).unwrap();
    assert_eq!(there(&place.open(), &["first", "second", "third"]).len(), 3);
}

/// Lengths that lie, under a checksum that fits.
#[test]
fn forged_lengths_do_no_harm() {
    let place = Place::new();
    place.keep(&["first", "second"]);
    let path = place.packs().remove(0);
    let good = fs::read(&path).unwrap();
    let body = good.len() - 8;
    for at in 0..good.len() / 4 - 2 {
        for word in [0, 1, 3, 1 << 31, u32::MAX] {
            let mut bytes = good[..body].to_vec();
            bytes[at * 4..at * 4 + 4].copy_from_slice(&word.to_le_bytes());
            let sum = dictum_vm::hash::mix(0, dictum_vm::hash::hash(&bytes, 0));
            bytes.extend_from_slice(&sum.to_le_bytes());
            fs::write(&path, bytes).unwrap();
            let cache = place.open();
            cache.found.values().for_each(|found| _ = cache.value(found));
        }
    }
}

#[test]
fn two_at_once_both_keep_what_they_made() {
    let place = Place::new();
    place.keep(&["before"]);
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        for value in ["one", "two"] {
            let (place, barrier) = (&place, &barrier);
            scope.spawn(move || {
                let mut cache = place.open();
                cache.put(key(value), value.into());
                barrier.wait();
                cache.save(false).unwrap();
            });
        }
    });
    assert_eq!(there(&place.open(), &["before", "one", "two"]), ["before", "one", "two"]);
}

#[test]
fn who_writes_anew_removes_only_what_was_read() {
    let place = Place::new();
    place.keep(&["old"]);
    let (mut one, mut other) = (place.open(), place.open());
    let reader = place.open();
    let long = "long".repeat(100);
    one.put(key(&long), long.clone().into());
    other.put(key("other"), b"other".to_vec());
    other.save(false).unwrap();
    one.save(true).unwrap();
    assert_eq!(there(&reader, &["old"]), ["old"], "what is read is read");
    assert_eq!(there(&place.open(), &["old", "other", &long]), ["old", "other", &long]);

    // Now most of what one reads is not asked for.
    let mut one = place.open();
    place.keep(&["meanwhile"]);
    assert_eq!(there(&one, &["old", "other"]), ["old", "other"]);
    one.put(key("new"), b"new".to_vec());
    one.save(true).unwrap();
    assert_eq!(
        there(&place.open(), &["old", "other", "meanwhile", "new", &long]),
        ["old", "other", "meanwhile", "new"]
    );
    assert_eq!(place.packs().len(), 2);
}

#[test]
fn a_run_that_was_cut_short_forgets_nothing() {
    let place = Place::new();
    let values: Vec<String> = (0..30).map(|i| format!("value {i}")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    for value in &values {
        place.keep(&[value]);
        assert!(place.packs().len() <= PACKS_MAX, "many packs become one");
    }
    assert_eq!(there(&place.open(), &values), values);
}

#[test]
fn what_others_left_behind_is_swept_after_a_day() {
    let place = Place::new();
    place.keep(&["a"]);
    let tree = place.open().tree;
    for (name, age) in [(".old.partial", 2), (".new.partial", 0), ("notes", 900)] {
        fs::write(tree.join(name), "x").unwrap();
        age_by(&tree.join(name), DAY * age);
    }
    place.keep(&["b"]);
    assert!(!tree.join(".old.partial").exists());
    assert!(tree.join(".new.partial").exists() && tree.join("notes").exists());
    assert_eq!(there(&place.open(), &["a", "b"]), ["a", "b"]);
}

#[test]
fn trees_that_nobody_compiles_are_forgotten() {
    let place = Place::new();
    place.keep(&["a"]);
    let tree = place.open().tree;
    let other = |digit: &str, age: u32| {
        let folder = place.0.join("cache").join(digit.repeat(64));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("1.pack"), "").unwrap();
        age_by(&folder.join("1.pack"), DAY * age);
        age_by(&folder, DAY * age);
        folder
    };
    let (old, recent, notes) = (other("0", 31), other("1", 29), place.0.join("cache/notes"));
    let kept = other("2", 31);
    fs::write(kept.join("notes"), "x").unwrap();
    age_by(&kept, DAY * 31);
    fs::create_dir_all(&notes).unwrap();
    place.keep(&["b"]);
    assert!(!old.exists() && recent.join("1.pack").exists() && notes.exists() && kept.join("notes").exists());

    let pack = place.packs().remove(1);
    age_by(&pack, DAY * 40);
    place.keep(&[]);
    assert!(age(&pack, SystemTime::now()).unwrap() < DAY, "a tree in use is not old");
    assert!(tree.exists());
}

#[test]
fn what_cannot_be_written_is_an_error_and_no_more() {
    let place = Place::new();
    fs::write(place.0.join("cache"), "a file").unwrap();
    let mut cache = place.open();
    cache.put(key("a"), b"a".to_vec());
    assert_eq!(there(&cache, &["a"]), ["a"]);
    assert!(cache.save(true).is_err());
    assert!(DiskCache::open(Some(&place.0), &place.0.join("no such folder")).is_ok_and(|cache| cache.is_none()));
}

#[test]
fn what_is_discarded_is_gone() {
    let place = Place::new();
    place.keep(&["a"]);
    place.open().discard();
    assert!(place.packs().is_empty());
}

#[cfg(unix)]
#[test]
fn only_the_users_own_folder_is_believed_unasked() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let place = Place::new();
    let folder = place.0.join("a/b");
    assert_eq!(own(&folder).unwrap(), folder);
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    assert!(fs::read_dir(&folder).unwrap().next().is_none(), "nothing is left there");
    for (mode, is_own) in [(0o755, true), (0o770, false), (0o702, false), (0o777, false)] {
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(own(&folder).is_ok(), is_own, "{mode:o}");
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    // Only the superuser can give a folder away; then another one is its owner, and this process is not.
    if std::os::unix::fs::chown(&folder, Some(12_345), None).is_ok() {
        assert_eq!(own(&folder).unwrap_err().to_string(), format!("{}: it belongs to somebody else", folder.display()));
    }
}
