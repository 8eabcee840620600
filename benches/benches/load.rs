//! What reading and verifying a bundle costs, in bytes of the bundle.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum_benches::input::{Input, compiled, folder, is_test, world};
use dictum_corpus::data;
use dictum_vm::Bundle;

/// Bundles by name: of each world (of W6 the largest), and of all managed policies together.
fn bundles() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = folder() else { return Vec::new() };
    let names = if is_test() { &data::WORLDS[..2] } else { &data::WORLDS[..] };
    let mut bundles = Vec::new();
    for name in names {
        let input = Input::new(world(&folder, name));
        println!("{}", input.title());
        let bytes = input.bundles.iter().map(|bundle| bundle.bytes().to_vec());
        bundles.push((input.world.name.clone(), bytes.max_by_key(Vec::len).unwrap_or_default()));
    }
    if !is_test() {
        let policies = data::managed_policies(&folder).expect("the managed policies can be read");
        let compiled = compiled(&data::identity_policies(&policies));
        println!("managed: {} statements in one bundle of {} bytes", compiled.report.statements, compiled.report.bytes);
        bundles.push(("managed".to_owned(), compiled.bundle));
    }
    bundles
}

fn load(criterion: &mut Criterion) {
    for (name, bytes) in &bundles() {
        let mut group = criterion.benchmark_group("load");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), bytes, |bencher, bytes| {
            bencher.iter(|| Bundle::from_bytes(black_box(bytes.as_slice())).is_ok());
        });
        group.finish();
    }
}

criterion_group!(benches, load);
criterion_main!(benches);
