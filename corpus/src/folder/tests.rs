use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::*;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("dictum-folder-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // The clock that dates files ticks some times in a hundredth of a second.
        thread::sleep(Duration::from_millis(15));
        fs::write(path, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Default)]
struct Kept {
    values: HashMap<Digest, Vec<u8>>,
    puts: usize,
}

impl Cache for Kept {
    fn get(&self, key: &Digest) -> Option<&[u8]> {
        self.values.get(key).map(Vec::as_slice)
    }

    fn put(&mut self, key: Digest, value: Vec<u8>) {
        self.puts += 1;
        self.values.insert(key, value);
    }
}

/// A walk so much later that no file was changed just now.
fn later(folder: &Folder, kept: &mut Kept) -> Sources {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(60);
    read_at(&folder.0, kept, now.as_nanos() as i64).unwrap()
}

/// The paths of files that were opened.
fn opened(sources: &Sources) -> Vec<&str> {
    sources.files.iter().filter(|file| file.is_read()).map(|file| file.path.as_str()).collect()
}

/// What can be told of all files.
fn all(sources: &Sources) -> Vec<(String, String, Vec<u8>, Digest)> {
    let of = |file: &SourceFile| (file.name.clone(), file.path.clone(), file.text().to_vec(), file.digest());
    sources.files.iter().map(of).collect()
}

const PATHS: [&str; 9] = [
    "a-b/x.json",
    "a.json",
    "accounts/1/account.toml",
    "accounts/1/roles/r/p.dct",
    "accounts/1/roles/r-1/p.dct",
    "accounts/2/account.toml",
    "accounts/3.toml",
    "accounts/é/f",
    "z.toml",
];

fn tree() -> Folder {
    let folder = Folder::new();
    PATHS.iter().rev().for_each(|path| folder.write(path, path));
    folder.write(".git/config", "x");
    folder.write("accounts/1/.swap", "x");
    folder
}

#[test]
fn what_is_unchanged_is_not_opened() {
    let folder = tree();
    let mut kept = Kept::default();
    let first = later(&folder, &mut kept);
    assert_eq!(first.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), PATHS);
    assert_eq!(opened(&first), PATHS);
    // One at the top, one for each account.
    assert_eq!(kept.puts, 4);

    let second = later(&folder, &mut kept);
    assert_eq!(opened(&second), [""; 0]);
    assert_eq!(kept.puts, 4, "an equal table is not put again");
    assert_eq!(all(&second), all(&first));
    assert_eq!(all(&read(&folder.0).unwrap()), all(&first));
    assert!(second.changed().is_none());
}

#[test]
fn what_is_changed_is_seen() {
    let folder = tree();
    let mut kept = Kept::default();
    later(&folder, &mut kept);
    folder.write("accounts/1/roles/r/p.dct", "accounts/1/roles/r/p.DCT");
    folder.write("accounts/2/new.toml", "");
    fs::remove_file(folder.0.join("accounts/1/account.toml")).unwrap();
    // An older date on another text.
    folder.write("z.toml", "Z.toml");
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::options().write(true).open(folder.0.join("z.toml")).unwrap().set_modified(date).unwrap();
    kept.puts = 0;
    let sources = later(&folder, &mut kept);
    assert_eq!(opened(&sources), ["accounts/1/roles/r/p.dct", "accounts/2/new.toml", "z.toml"]);
    assert_eq!(all(&sources), all(&read(&folder.0).unwrap()));
    assert_eq!(kept.puts, 3, "of the top and two accounts");
    assert_eq!(opened(&later(&folder, &mut kept)), [""; 0]);
}

#[test]
fn a_file_that_is_put_in_place_of_another_is_seen() {
    let folder = tree();
    let mut kept = Kept::default();
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let dated = |path: &Path| File::options().write(true).open(path).unwrap().set_modified(date).unwrap();
    dated(&folder.0.join("a.json"));
    folder.write("accounts/2/other", "A.json");
    dated(&folder.0.join("accounts/2/other"));
    later(&folder, &mut kept);
    fs::rename(folder.0.join("accounts/2/other"), folder.0.join("a.json")).unwrap();
    let sources = later(&folder, &mut kept);
    if cfg!(unix) {
        assert_eq!(opened(&sources), ["a.json"]);
        assert_eq!(sources.files[1].text(), b"A.json");
    }
}

#[test]
fn what_was_changed_just_now_is_read_again() {
    let folder = Folder::new();
    folder.write("a.json", "{}");
    let written = fs::metadata(folder.0.join("a.json")).unwrap().modified().unwrap();
    let soon = written.duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(1);
    let mut kept = Kept::default();
    for _ in 0..2 {
        let sources = read_at(&folder.0, &mut kept, soon.as_nanos() as i64).unwrap();
        assert_eq!(opened(&sources), ["a.json"]);
    }
    assert_eq!(kept.puts, 0);
    let future = SystemTime::now() + Duration::from_secs(1_000_000);
    File::options().write(true).open(folder.0.join("a.json")).unwrap().set_modified(future).unwrap();
    later(&folder, &mut kept);
    assert_eq!(opened(&later(&folder, &mut kept)), ["a.json"]);
}

#[test]
fn a_file_that_changes_behind_the_walk_is_told() {
    let folder = tree();
    let mut kept = Kept::default();
    later(&folder, &mut kept);
    let sources = later(&folder, &mut kept);
    folder.write("accounts/1/account.toml", "accounts/1/account.TOML");
    assert!(sources.changed().is_none());
    sources.files.iter().for_each(|file| _ = file.text());
    assert_eq!(sources.changed().map(|file| file.path.as_str()), Some("accounts/1/account.toml"));
}

#[test]
fn broken_tables_count_as_none() {
    let folder = tree();
    let mut kept = Kept::default();
    later(&folder, &mut kept);
    let good = kept.values.clone();
    for table in kept.values.values_mut() {
        table.pop();
    }
    assert_eq!(opened(&later(&folder, &mut kept)), PATHS);
    assert_eq!(kept.values, good, "they are mended");
}

#[test]
fn tables_are_of_one_folder() {
    let (one, other) = (tree(), tree());
    let mut kept = Kept::default();
    later(&one, &mut kept);
    assert_eq!(opened(&later(&other, &mut kept)), PATHS);
    fs::remove_dir_all(one.0.join("accounts")).unwrap();
    fs::remove_dir_all(one.0.join("a-b")).unwrap();
    fs::remove_file(one.0.join("a.json")).unwrap();
    fs::remove_file(one.0.join("z.toml")).unwrap();
    kept.puts = 0;
    assert!(later(&one, &mut kept).files.is_empty());
    assert!(later(&one, &mut kept).files.is_empty());
    assert_eq!(kept.puts, 1, "that there is nothing is put once");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_told_apart() {
    use std::os::unix::fs::symlink;
    let folder = tree();
    let elsewhere = Folder::new();
    elsewhere.write("one", "1");
    elsewhere.write("two", "2");
    elsewhere.write("in/f", "f");
    symlink(elsewhere.0.join("one"), folder.0.join("accounts/2/link")).unwrap();
    symlink(elsewhere.0.join("in"), folder.0.join("accounts/2/linked")).unwrap();
    let mut kept = Kept::default();
    later(&folder, &mut kept);
    assert_eq!(opened(&later(&folder, &mut kept)), [""; 0]);
    fs::remove_file(folder.0.join("accounts/2/link")).unwrap();
    symlink(elsewhere.0.join("two"), folder.0.join("accounts/2/link")).unwrap();
    elsewhere.write("in/f", "g");
    let sources = later(&folder, &mut kept);
    assert_eq!(opened(&sources), ["accounts/2/link", "accounts/2/linked/f"]);
    assert_eq!(all(&sources), all(&read(&folder.0).unwrap()));
}

#[cfg(unix)]
#[test]
fn the_first_fault_in_order_is_told_and_nothing_kept() {
    use std::os::unix::fs::symlink;
    let folder = tree();
    let broken = ["zz", "accounts/é/z", "accounts/3-link", "accounts/2/roles/b", "accounts/1/roles/q", "a-b/y"];
    for path in broken {
        fs::create_dir_all(folder.0.join(path).parent().unwrap()).unwrap();
        symlink("nowhere", folder.0.join(path)).unwrap();
        let mut kept = Kept::default();
        let (at, error) = read_with(&folder.0, &mut kept).unwrap_err();
        assert_eq!((at, error.to_string()), (folder.0.join(path), "neither a file nor a folder".to_owned()));
        assert_eq!(read(&folder.0).unwrap_err().0, folder.0.join(path));
        assert_eq!(kept.puts, 0);
    }
    let (at, error) = read_with(&folder.0.join("none"), &mut Kept::default()).unwrap_err();
    assert_eq!((at, error.kind()), (folder.0.join("none"), io::ErrorKind::NotFound));
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_end() {
    let folder = tree();
    std::os::unix::fs::symlink(folder.0.join("accounts"), folder.0.join("accounts/2/circle")).unwrap();
    let (_, error) = read_with(&folder.0, &mut Kept::default()).unwrap_err();
    assert_eq!(error.to_string(), "folders in one another, more than 32");
}
