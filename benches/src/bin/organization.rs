//! What an organization costs: reading and compiling it, loading it, deciding in it, and how that depends on its size.
//!
//! ```sh
//! cargo run --release -p dictum-benches --bin organization
//! cargo run --release -p dictum-benches --bin organization -- --write FOLDER   # the files, for `dictum compile`
//! cargo run --release -p dictum-benches --bin organization -- --decide ROLES N # N decisions, to count instructions:
//! valgrind --tool=callgrind --toggle-collect='organization::repeat*' target/release/organization --decide 10 20000
//! ```

use std::process::ExitCode;
use std::time::Instant;
use std::{fs, io};

use dictum_benches::alloc::allocations;
use dictum_benches::organization::{Ask, Size, asks, files, real_policies};
use dictum_benches::rounds::{grouped, median, print_table, time};
use dictum_compiler::directory::read::read;
use dictum_compiler::source::{PolicyType, SourceFile, Sources};
use dictum_compiler::{
    Cache, Compiled, Effort, MemoryCache, NoCache, Options, compile_directory, compile_organization, compile_session,
};
use dictum_corpus::data;
use dictum_vm::{
    Bundle, Decision, Machine, Principal, Request, RequestBuilder, RequestError, Session, SessionFacts, Value,
};

const SEED: u64 = 7;
const LARGE: Size = Size { accounts: 1_000, roles: 100_000, policies: 20_000 };
const SIZES: [Size; 4] = [
    Size { accounts: 1, roles: 10, policies: 20 },
    Size { accounts: 10, roles: 1_000, policies: 200 },
    Size { accounts: 100, roles: 10_000, policies: 2_000 },
    LARGE,
];
/// Different requests that are gone through, and of these those that are repeated.
const STREAM: usize = 10_000;
const HOT: usize = 64;
const ROUNDS: usize = 9;

fn main() -> ExitCode {
    let Some(folder) = data::folder() else {
        println!("skipped: {} names no folder of data, and none lies beside the repository", data::FOLDER_VARIABLE);
        return ExitCode::SUCCESS;
    };
    let texts = match real_policies(&folder) {
        Ok(texts) => texts,
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => table(&texts),
        ["--write", folder] => write(&texts, folder).map_err(|error| error.to_string()),
        ["--decide", roles, count] => match (roles.parse(), count.parse()) {
            (Ok(roles), Ok(count)) => decide(&texts, roles, count),
            _ => Err("two numbers are due".to_owned()),
        },
        _ => Err("no such arguments: the head of benches/src/bin/organization.rs has them".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the files of the large one.
fn write(texts: &[String], folder: &str) -> io::Result<()> {
    let mut result = Ok(());
    files(LARGE, texts, SEED, |path, text| {
        if result.is_ok() {
            let path = std::path::Path::new(folder).join(path);
            let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
            result = parent.and_then(|()| fs::write(path, text));
        }
    });
    result
}

struct Built {
    bundle: Bundle<Vec<u8>>,
    read: f64,
    compiled: f64,
    loaded: f64,
    statements: usize,
}

fn build(texts: &[String], size: Size) -> Result<Built, String> {
    let mut sources = Sources::new();
    files(size, texts, SEED, |path, text| _ = sources.add_file_at(path.clone(), &path, text));
    let start = Instant::now();
    let (mut directory, found) = read(&mut sources, &[]);
    let read = start.elapsed().as_secs_f64();
    if let Some(first) = found.iter().find(|diagnostic| diagnostic.is_error()) {
        return Err(first.render(&sources));
    }
    let start = Instant::now();
    let compiled = compile_directory(&mut sources, &mut directory, &Options::default());
    let compiled = compiled.map_err(|errors| errors.render(&sources))?;
    let compile = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let bundle = Bundle::from_bytes(compiled.bundle).map_err(|error| error.to_string())?;
    let loaded = start.elapsed().as_secs_f64();
    Ok(Built { bundle, read, compiled: compile, loaded, statements: compiled.report.statements })
}

/// What every request says of itself.
const CONTEXT: [(&str, Value<'static>); 4] = [
    ("aws:CurrentTime", Value::One("2026-04-04T09:49:03Z")),
    ("aws:SecureTransport", Value::One("true")),
    ("aws:SourceIp", Value::One("192.0.2.7")),
    ("aws:RequestedRegion", Value::One("eu-west-1")),
];

fn builder<'a>(bundle: &'a Bundle<Vec<u8>>, ask: &'a Ask) -> RequestBuilder<'a> {
    let request = bundle.request().principal(Principal::Arn(&ask.session)).action("s3:GetObject");
    request.resource(&ask.resource).resource_account(&ask.account).context(&CONTEXT)
}

fn request<'a>(bundle: &'a Bundle<Vec<u8>>, ask: &'a Ask) -> Result<Request<'a>, RequestError> {
    builder(bundle, ask).build()
}

fn checked<'a>(bundle: &'a Bundle<Vec<u8>>, asks: &'a [Ask]) -> Result<Vec<Request<'a>>, String> {
    let mut machine = Machine::new(bundle);
    let check = |ask| {
        let request = request(bundle, ask).map_err(|error| format!("{error}: {ask:?}"))?;
        let decision = machine.decide(&request);
        // Real policies may allow more than the bucket of their own, and some of them deny it.
        let is_as_due = !ask.is_allowed || decision != Decision::ImplicitDeny;
        if is_as_due { Ok(request) } else { Err(format!("{decision}: {ask:?}")) }
    };
    asks.iter().map(check).collect()
}

fn table(texts: &[String]) -> Result<(), String> {
    let mut rows = Vec::new();
    for size in SIZES {
        let built = build(texts, size)?;
        let asks = asks(size, SEED, STREAM);
        let requests = checked(&built.bundle, &asks)?;
        let mut machine = Machine::new(&built.bundle);
        let allocated = allocations(|| requests.iter().for_each(|request| _ = machine.decide(request)));
        if allocated > 0 {
            return Err(format!("{allocated} allocations in {STREAM} decisions"));
        }
        let mut figures: [Vec<f64>; 4] = Default::default();
        for _ in 0..ROUNDS {
            let hot = |i: usize| i % HOT.min(asks.len());
            figures[0].push(time(STREAM, |i| _ = machine.decide(&requests[hot(i)])));
            figures[1].push(time(STREAM, |i| _ = machine.decide(&requests[i])));
            let bundle = &built.bundle;
            figures[2].push(time(STREAM, |i| _ = machine.is_allowed(request(bundle, &asks[hot(i)]))));
            figures[3].push(time(STREAM, |i| _ = machine.is_allowed(request(bundle, &asks[i]))));
        }
        let [hot, cold, hot_built, cold_built] = figures.map(|figure| median(&figure));
        rows.push(vec![
            grouped(size.roles),
            grouped(size.policies),
            grouped(built.statements),
            grouped(built.bundle.bytes().len()),
            format!("{:.2}", built.read),
            format!("{:.2}", built.compiled),
            format!("{:.1}", built.loaded * 1e3),
            format!("{hot:.0} / {cold:.0}"),
            format!("{hot_built:.0} / {cold_built:.0}"),
        ]);
    }
    let head = [
        "roles",
        "policies",
        "statements",
        "bytes",
        "read, s",
        "compile, s",
        "load, ms",
        "built: hot / cold, ns",
        "strings: hot / cold, ns",
    ];
    print_table(&head, &rows);
    recompiling(texts)?;
    sessions(texts)
}

/// What it costs to compile again after one policy has changed, all files in memory.
fn recompiling(texts: &[String]) -> Result<(), String> {
    let mut before = Sources::new();
    files(LARGE, texts, SEED, |path, text| _ = before.add_file_at(path.clone(), &path, text));
    let mut after = before.clone();
    let changed = "accounts/100000000007/policies/Policy7.json";
    let at = after.files.iter().position(|file| file.path == changed).ok_or("no such policy")?;
    let text = String::from_utf8_lossy(after.files[at].text()).replace("bucket-7/", "bucket-other/");
    after.files[at] = SourceFile::new(changed, text);
    let timed = |sources: &Sources, cache: &mut dyn Cache| {
        let mut sources = sources.clone();
        let start = Instant::now();
        let compiled = compile_organization(&mut sources, &[], cache, &Options::default());
        let seconds = start.elapsed().as_secs_f64();
        compiled.map(|compiled| (compiled, seconds)).map_err(|errors| errors.render(&sources))
    };
    let mut kept = MemoryCache::default();
    let (_, filled) = timed(&before, &mut kept)?;
    let (clean, clean_time) = timed(&after, &mut NoCache)?;
    let (again, again_time) = timed(&after, &mut kept)?;
    if again.bundle != clean.bundle {
        return Err("compiled again, it is another bundle".to_owned());
    }
    let row = |what: &str, seconds: f64, compiled: &Compiled| {
        let Effort { documents, parsed, units, compiled } = compiled.effort;
        let of = |part, whole| format!("{} of {}", grouped(part), grouped(whole));
        vec![what.to_owned(), format!("{seconds:.2}"), of(parsed, documents), of(compiled, units)]
    };
    println!();
    let rows = [row("clean", clean_time, &clean), row("one policy changed", again_time, &again)];
    print_table(&["compile, files in memory", "s", "documents parsed", "units compiled"], &rows);
    println!("a clean one that keeps results: {filled:.2} s");
    Ok(())
}

/// What a session with policies of its own costs: to start, and for each decision.
fn sessions(texts: &[String]) -> Result<(), String> {
    let built = build(texts, LARGE)?;
    let bundle = &built.bundle;
    let asks = asks(LARGE, SEED, STREAM);
    let plain = checked(bundle, &asks)?;
    let mut rows = Vec::new();
    for statements in [1, 10, 100] {
        let mut sources = Sources::new();
        let file = sources.add_file("session.json", session_policy(statements));
        sources.add(PolicyType::Session, "session", file, sources.whole(file));
        let compile = || compile_session(bundle, &sources, &[]).map_err(|fault| fault.to_string());
        let overlay = compile()?;
        let tags = [("team", "red")];
        let facts = SessionFacts { tags: &tags, mfa_present: Some(true), ..SessionFacts::default() };
        let load = |overlay: &Vec<u8>| Session::from_bytes(bundle, overlay.clone(), facts);
        let session = load(&overlay).map_err(|error| error.to_string())?;
        let with = |ask| builder(bundle, ask).session(&session).build().map_err(|error| error.to_string());
        let requests = asks.iter().map(with).collect::<Result<Vec<_>, _>>()?;
        let mut machine = Machine::new(bundle);
        let allocated = allocations(|| requests.iter().for_each(|request| _ = machine.decide(request)));
        if allocated > 0 {
            return Err(format!("{allocated} allocations in {STREAM} decisions with a session"));
        }
        let mut figures: [Vec<f64>; 4] = Default::default();
        for _ in 0..ROUNDS {
            figures[0].push(time(100, |_| _ = compile()));
            figures[1].push(time(100, |_| _ = load(&overlay)));
            figures[2].push(time(STREAM, |i| _ = machine.decide(&plain[i % HOT])));
            figures[3].push(time(STREAM, |i| _ = machine.decide(&requests[i % HOT])));
        }
        let [compiled, loaded, without, with] = figures.map(|figure| median(&figure));
        rows.push(vec![
            statements.to_string(),
            grouped(overlay.len()),
            format!("{:.1}", compiled / 1e3),
            format!("{:.1}", loaded / 1e3),
            format!("{without:.0}"),
            format!("{with:.0}"),
        ]);
    }
    println!();
    let head = ["statements of a session", "bytes", "compile, us", "load, us", "decision without, ns", "with, ns"];
    print_table(&head, &rows);
    Ok(())
}

/// A session policy: it lets read what the role may read, and some queues.
fn session_policy(statements: usize) -> String {
    let queue = |at: usize| {
        format!(r#"{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:*:queue-{at}"}}"#)
    };
    let read = r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bucket-*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}"#;
    let all: Vec<String> = (1..statements).map(queue).chain([read.to_owned()]).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","))
}

fn decide(texts: &[String], roles: usize, count: usize) -> Result<(), String> {
    let size = SIZES.into_iter().find(|size| size.roles == roles).ok_or("no organization of so many roles")?;
    let built = build(texts, size)?;
    let asks = asks(size, SEED, STREAM);
    let requests = checked(&built.bundle, &asks)?;
    let mut machine = Machine::new(&built.bundle);
    repeat(&mut machine, &requests, count);
    Ok(())
}

/// Not inlined, so that a profiler finds it by name.
#[inline(never)]
fn repeat(machine: &mut Machine<'_>, requests: &[Request<'_>], count: usize) {
    (0..count).for_each(|i| _ = std::hint::black_box(machine.decide(&requests[i % requests.len()])));
}
