//! Runs the built binary, in folders that are gone afterwards.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A folder for one test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("dictum-cli-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where commands that run here keep what they keep.
    pub fn cache(&self) -> PathBuf {
        self.0.with_extension("cache")
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Folder {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    /// Names in the folder, sorted, hidden ones included.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs the binary in this folder.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.pipe(args, b"")
    }

    /// Runs the binary in this folder, with standard input.
    pub fn pipe(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self.spawn(args);
        // A command may end before it has read all.
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        let feeder = std::thread::spawn(move || _ = stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    pub fn spawn(&self, args: &[&str]) -> std::process::Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dictum"));
        // What is cached stays beside the folder, out of the way of what a command finds in it.
        command.args(args).current_dir(&self.0).env("XDG_CACHE_HOME", self.cache());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
        let _ = std::fs::remove_dir_all(self.cache());
    }
}

/// The corpus of this repository.
pub fn corpus(path: &str) -> String {
    format!("{}/../corpus/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder with the contact centre's set of policies as `set.json`, its requests, and the bundle `set.dctb`.
pub fn connect() -> Folder {
    let folder = Folder::new();
    for name in ["set.json", "requests.jsonl", "cases.jsonl"] {
        folder.write(name, std::fs::read(corpus(&format!("policies/connect/{name}"))).unwrap());
    }
    let ran = folder.run(&["compile", "set.json", "-o", "set.dctb"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    folder
}

/// A policy of one statement.
pub fn policy(effect: &str, action: &str, rest: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"*"{rest}}}]}}"#
    )
}

/// A case of one identity policy.
pub fn case(id: &str, policy: &str, expect: &str) -> String {
    format!(
        r#"{{"id":"{id}","policies":{{"identity":[{{"name":"Own","policy":{policy}}}]}},"request":{},"expect":{expect}}}"#,
        request("s3:GetObject")
    )
}

pub fn request(action: &str) -> String {
    format!(r#"{{"principal":"arn:aws:iam::123456789012:user/ana","action":"{action}","resource":"arn:aws:s3:::b/k"}}"#)
}

/// Output without the times that runs took.
pub fn untimed(out: &str) -> String {
    let line = |line: &str| match line.strip_suffix(" ms").and_then(|line| line.rsplit_once(' ')) {
        Some((line, time)) if time.parse::<f64>().is_ok() => format!("{line} (time)\n"),
        _ => format!("{line}\n"),
    };
    out.lines().map(line).collect()
}
