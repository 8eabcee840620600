//! What reading the Dictum language costs: `resolve` parses as well, `format` too.

use bumpalo::Bump;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum_benches::input::is_test;
use dictum_benches::language::{lines, sources};
use dictum_compiler::format::{WIDTH, format};
use dictum_compiler::resolve_document;
use dictum_compiler::source::{Notation, SourceId};
use dictum_compiler::syntax::dsl;

fn language(criterion: &mut Criterion) {
    let count = if is_test() { 1_000 } else { 100_000 };
    let text = lines(count);
    let sources = sources(&text);
    let document = sources.documents().next().expect("there is one");
    let mut group = criterion.benchmark_group("language");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
    group.bench_function(BenchmarkId::new("parse", count), |bencher| {
        let mut arena = Bump::new();
        bencher.iter(|| {
            assert!(dsl::parse(text.as_bytes(), SourceId(0), &arena).1.is_empty());
            arena.reset();
        });
    });
    group.bench_function(BenchmarkId::new("resolve", count), |bencher| {
        bencher.iter(|| assert!(resolve_document(&sources, document).0.is_some()));
    });
    group.bench_function(BenchmarkId::new("format", count), |bencher| {
        bencher.iter(|| assert!(format(Notation::Dictum, text.as_bytes(), SourceId(0), WIDTH).is_ok()));
    });
    group.finish();
}

criterion_group!(benches, language);
criterion_main!(benches);
