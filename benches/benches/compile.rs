//! What compiling costs, stage by stage. A stage that reads text does what the stages before it do as well:
//! `resolve` parses, `lower` resolves. `optimize` and `generate` (index, automata, bundle) begin with the program.

use bumpalo::Bump;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum_benches::input::{compiled, folder, is_test, world};
use dictum_benches::rounds::grouped;
use dictum_compiler::limits::NESTING_MAX;
use dictum_compiler::syntax::json;
use dictum_compiler::{Options, Sources, codegen, pipeline, resolve_document};
use dictum_corpus::data;

/// What is compiled, by name.
fn inputs() -> Vec<(&'static str, Sources)> {
    let Some(folder) = folder() else { return Vec::new() };
    let mut policies = data::managed_policies(&folder).expect("the managed policies can be read");
    let all = (!is_test()).then(|| data::identity_policies(&policies));
    policies.sort_by_key(|(_, text)| text.len());
    let (median, largest) = (&policies[policies.len() / 2], &policies[policies.len() - 1]);
    let mut inputs = vec![
        ("managed-median", data::identity_policies([median])),
        ("managed-largest", data::identity_policies([largest])),
    ];
    if let Some(all) = all {
        let w4 = world(&folder, "W4");
        inputs.extend([("managed-all", all), ("W4", w4.sources(&w4.sets[0]))]);
    }
    inputs
}

fn compile(criterion: &mut Criterion) {
    for (name, sources) in &inputs() {
        let bytes: usize = sources.documents().map(|document| sources.text(document).len()).sum();
        let report = compiled(sources).report;
        println!(
            "{name}: {} policies, {} statements, {} bytes of text, {} bytes of bundle",
            grouped(report.policies),
            grouped(report.statements),
            grouped(bytes),
            grouped(report.bytes)
        );
        let mut group = criterion.benchmark_group("compile");
        group.throughput(Throughput::Bytes(bytes as u64)).sample_size(if bytes > 1 << 20 { 10 } else { 50 });
        from_text(&mut group, name, sources);
        from_program(&mut group, name, sources);
        group.finish();
    }
}

type Group<'c> = BenchmarkGroup<'c, criterion::measurement::WallTime>;

fn from_text(group: &mut Group<'_>, name: &str, sources: &Sources) {
    group.bench_function(BenchmarkId::new("parse", name), |bencher| {
        let mut arena = Bump::new();
        bencher.iter(|| {
            for document in sources.documents() {
                let (text, start) = (sources.text(document), document.range.start);
                let value = json::parse(text, start, document.source, &arena, NESTING_MAX);
                assert!(value.is_ok());
                arena.reset();
            }
        });
    });
    group.bench_function(BenchmarkId::new("resolve", name), |bencher| {
        bencher.iter(|| {
            for document in sources.documents() {
                assert!(resolve_document(sources, document).0.is_some());
            }
        });
    });
    group.bench_function(BenchmarkId::new("lower", name), |bencher| {
        bencher.iter(|| pipeline::lower(sources).map(|(program, _)| program));
    });
}

fn from_program(group: &mut Group<'_>, name: &str, sources: &Sources) {
    let options = Options::default();
    let Ok((lowered, _)) = pipeline::lower(sources) else { panic!("{name} compiles") };
    group.bench_function(BenchmarkId::new("optimize", name), |bencher| {
        bencher.iter_batched(
            || lowered.clone(),
            |program| pipeline::optimize(program, &options),
            BatchSize::PerIteration,
        );
    });
    let optimized = pipeline::optimize(lowered.clone(), &options);
    group.bench_function(BenchmarkId::new("generate", name), |bencher| {
        bencher.iter_batched(
            || optimized.clone(),
            |mut program| codegen::generate(&mut program),
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(benches, compile);
criterion_main!(benches);
