//! Automaton -> bytes, as [`dictum_vm::table`] draws and reads them.

use std::collections::BTreeMap;

use dictum_vm::table::FLAG_FOLD;

use super::Automaton;

/// The word of the header that tells how long the pool of lists is.
const POOL_LENGTH: usize = 6;

/// The bytes of a minimal automaton whose state 0 is the dead one; `None` where a row entry would not fit.
pub(super) fn encode(automaton: &Automaton, fold: bool) -> Option<Vec<u8>> {
    let class_count = automaton.class_count;
    let state_count = automaton.accepts.len();
    let order = order(automaton);
    let mut number = vec![0; state_count];
    order.states.iter().enumerate().for_each(|(new, &old)| number[old] = new);
    let (lists, pool) = lists(automaton, &order.states[..order.accept_end]);

    let mut bytes = Vec::new();
    let flags = if fold { FLAG_FOLD as usize } else { 0 };
    let start = number[automaton.start as usize];
    for word in [flags, class_count, state_count, start, order.sink_end, order.accept_end, pool.len()] {
        bytes.extend(u32::try_from(word).ok()?.to_le_bytes());
    }
    bytes.extend(automaton.class_map);
    for &state in &order.states {
        for &next in &automaton.next[state * class_count..][..class_count] {
            bytes.extend(u16::try_from(number[next as usize] * class_count).ok()?.to_le_bytes());
        }
    }
    if state_count * class_count % 2 == 1 {
        bytes.extend([0, 0]);
    }
    lists.iter().chain(&pool).for_each(|word| bytes.extend(word.to_le_bytes()));
    Some(bytes)
}

/// Gives the patterns of a table other ids: ascending ones in the place of 0, 1, 2 and so on.
pub fn renumber(table: &mut [u8], ids: &[u32]) {
    let word = |bytes: &[u8], at: usize| bytes.get(4 * at..)?.first_chunk().copied().map(u32::from_le_bytes);
    let pool = 4 * word(table, POOL_LENGTH).unwrap_or_default() as usize;
    let start = table.len() - pool;
    let mut words = table[start..].as_chunks_mut::<4>().0.iter_mut();
    while let Some(count) = words.next() {
        for id in words.by_ref().take(u32::from_le_bytes(*count) as usize) {
            *id = ids[u32::from_le_bytes(*id) as usize].to_le_bytes();
        }
    }
}

/// States in the order of the table: dead, other sinks, other accepting states, the rest; found earlier, numbered lower.
struct Order {
    states: Vec<usize>,
    sink_end: usize,
    accept_end: usize,
}

fn order(automaton: &Automaton) -> Order {
    let is_sink = |state: usize| {
        let row = &automaton.next[state * automaton.class_count..][..automaton.class_count];
        row.iter().all(|&next| next as usize == state)
    };
    let (mut sinks, mut accepting, mut rest) = (vec![0], Vec::new(), Vec::new());
    for state in 1..automaton.accepts.len() {
        // In a minimal automaton every sink but the dead state accepts something.
        let group = if is_sink(state) {
            &mut sinks
        } else if automaton.accepts[state].is_empty() {
            &mut rest
        } else {
            &mut accepting
        };
        group.push(state);
    }
    let (sink_end, accept_end) = (sinks.len(), sinks.len() + accepting.len());
    Order { states: [sinks, accepting, rest].concat(), sink_end, accept_end }
}

/// For each of these states the place of its list, and the pool of lists, equal ones kept once.
fn lists(automaton: &Automaton, states: &[usize]) -> (Vec<u32>, Vec<u32>) {
    let (mut pool, mut places) = (Vec::new(), BTreeMap::new());
    let lists = states.iter().map(|&state| {
        let ids = automaton.accepts[state].as_slice();
        *places.entry(ids).or_insert_with(|| {
            let place = pool.len() as u32;
            pool.push(ids.len() as u32);
            pool.extend(ids);
            place
        })
    });
    (lists.collect(), pool)
}
