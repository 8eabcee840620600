//! What deciding costs: each world, from handles and from strings, hot (64 requests again and again) and streaming (all
//! 10,000 in turn); and in the same run the floor, which is hashing the strings of the same requests once.
//!
//! Before anything is timed, every decision is compared with the expected one and allocations are counted.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dictum_benches::floor::{self, Floor};
use dictum_benches::input::{Input, folder, is_test, world};
use dictum_benches::prepare::{FORMS, HOT, Messages, Order, Prepared, handles};
use dictum_corpus::data;

fn decide(criterion: &mut Criterion) {
    let Some(folder) = folder() else { return };
    let names = if is_test() { &data::WORLDS[..2] } else { &data::WORLDS[..] };
    for name in names {
        let input = Input::new(world(&folder, name));
        let messages = Messages::of(&input);
        let texts = messages.texts(&input);
        let handles = handles(&input, &texts);
        let mut prepared = Prepared::new(&input, &texts, &handles);
        prepared.check();
        println!("{}", input.title());
        println!("allocations per decision: {}", prepared.assert_no_allocations());

        let mut group = criterion.benchmark_group("decide");
        for (form, order) in FORMS {
            let id = BenchmarkId::new(format!("{}/{}", form.name(), order.name()), name);
            group.bench_function(id, |bencher| {
                let mut at = 0;
                bencher.iter(|| {
                    at += 1;
                    prepared.decide(form, prepared.number(order, at))
                });
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group("floor");
        for floor in Floor::ALL {
            let strings = floor::strings(&texts, floor);
            for (order, count) in [(Order::Hot, HOT), (Order::Streaming, strings.len())] {
                let bytes = floor::mean_bytes(&strings);
                let id = BenchmarkId::new(format!("hash {bytes} bytes: {}/{}", floor.name(), order.name()), name);
                group.bench_function(id, |bencher| {
                    let mut at = 0;
                    bencher.iter(|| {
                        at += 1;
                        floor::hash_all(black_box(&strings[at % count]))
                    });
                });
            }
        }
        group.finish();

        if *name == "W2" {
            criterion.bench_function(&format!("explain/{name}"), |bencher| {
                let mut at = 0;
                bencher.iter(|| {
                    at += 1;
                    prepared.explain(prepared.number(Order::Hot, at))
                });
            });
        }
    }
}

criterion_group!(benches, decide);
criterion_main!(benches);
