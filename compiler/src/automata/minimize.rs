//! Minimisation: states that no text tells apart become one (Hopcroft 1971, "An n log n algorithm for minimizing states in
//! a finite automaton").

use std::collections::BTreeMap;

use super::Automaton;

/// The minimal automaton. O(classes x states x log states) time. Its states come in the order of the first of each
/// state's members.
pub(super) fn minimize(automaton: &Automaton) -> Automaton {
    let blocks = refine(automaton);
    let mut number_of_block = BTreeMap::new();
    let mut firsts = Vec::new();
    for (state, &block) in blocks.iter().enumerate() {
        number_of_block.entry(block).or_insert_with(|| {
            firsts.push(state);
            firsts.len() as u32 - 1
        });
    }
    let number = |state: u32| number_of_block[&blocks[state as usize]];
    let row = |state: usize| &automaton.next[state * automaton.class_count..][..automaton.class_count];
    Automaton {
        class_map: automaton.class_map,
        class_count: automaton.class_count,
        next: firsts.iter().flat_map(|&state| row(state)).map(|&state| number(state)).collect(),
        accepts: firsts.iter().map(|&state| automaton.accepts[state].clone()).collect(),
        start: number(automaton.start),
    }
}

/// The block of each state in the coarsest partition that respects accepted ids and transitions.
fn refine(automaton: &Automaton) -> Vec<usize> {
    let predecessors = Predecessors::of(automaton);
    let mut partition = Partition::by_accepted(automaton);
    let mut todo: Vec<usize> = (0..partition.ranges.len()).collect();
    let mut is_todo = vec![true; todo.len()];
    while let Some(splitter) = todo.pop() {
        is_todo[splitter] = false;
        // A copy: the splitter may itself be split below, and both parts together still have to split by every class.
        let members = partition.members(splitter).to_vec();
        for class in 0..automaton.class_count {
            let leading_here = members.iter().flat_map(|&state| predecessors.of_state(state, class));
            for (old, new) in partition.split(leading_here.copied()) {
                is_todo.push(false);
                let smaller = if partition.members(new).len() <= partition.members(old).len() { new } else { old };
                let chosen = if is_todo[old] { new } else { smaller };
                is_todo[chosen] = true;
                todo.push(chosen);
            }
        }
    }
    partition.block_of
}

/// The states that lead to a state by a class.
struct Predecessors {
    class_count: usize,
    /// Where the predecessors of (state, class) begin; one entry more than there are pairs.
    begins: Vec<u32>,
    states: Vec<u32>,
}

impl Predecessors {
    fn of(automaton: &Automaton) -> Predecessors {
        let class_count = automaton.class_count;
        let target = |index: usize| automaton.next[index] as usize * class_count + index % class_count;
        let mut begins = vec![0; automaton.next.len() + 1];
        (0..automaton.next.len()).for_each(|index| begins[target(index) + 1] += 1);
        (1..begins.len()).for_each(|pair| begins[pair] += begins[pair - 1]);
        let (mut free, mut states) = (begins.clone(), vec![0; automaton.next.len()]);
        for index in 0..automaton.next.len() {
            let place = &mut free[target(index)];
            states[*place as usize] = (index / class_count) as u32;
            *place += 1;
        }
        Predecessors { class_count, begins, states }
    }

    fn of_state(&self, state: u32, class: usize) -> &[u32] {
        let pair = state as usize * self.class_count + class;
        &self.states[self.begins[pair] as usize..self.begins[pair + 1] as usize]
    }
}

/// States in blocks. INVARIANT: `order` is a permutation, `place` its inverse, and the blocks' ranges tile it.
struct Partition {
    order: Vec<u32>,
    place: Vec<usize>,
    block_of: Vec<usize>,
    ranges: Vec<std::ops::Range<usize>>,
    /// How many members of each block are marked; they stand at its front.
    marked: Vec<usize>,
}

impl Partition {
    fn by_accepted(automaton: &Automaton) -> Partition {
        let mut groups: BTreeMap<&[u32], Vec<u32>> = BTreeMap::new();
        for (state, ids) in automaton.accepts.iter().enumerate() {
            groups.entry(ids).or_default().push(state as u32);
        }
        let state_count = automaton.accepts.len();
        let mut partition = Partition {
            order: Vec::with_capacity(state_count),
            place: vec![0; state_count],
            block_of: vec![0; state_count],
            ranges: Vec::new(),
            marked: vec![0; groups.len()],
        };
        for (block, members) in groups.into_values().enumerate() {
            let begin = partition.order.len();
            for state in members {
                partition.place[state as usize] = partition.order.len();
                partition.block_of[state as usize] = block;
                partition.order.push(state);
            }
            partition.ranges.push(begin..partition.order.len());
        }
        partition
    }

    fn members(&self, block: usize) -> &[u32] {
        &self.order[self.ranges[block].clone()]
    }

    /// Splits every block that has some but not all of these states, each given once; pairs of (rest, new block).
    fn split(&mut self, states: impl Iterator<Item = u32>) -> Vec<(usize, usize)> {
        let mut touched = Vec::new();
        for state in states {
            let block = self.block_of[state as usize];
            if self.marked[block] == 0 {
                touched.push(block);
            }
            let (from, to) = (self.place[state as usize], self.ranges[block].start + self.marked[block]);
            self.order.swap(from, to);
            self.place[self.order[from] as usize] = from;
            self.place[state as usize] = to;
            self.marked[block] += 1;
        }
        let mut split = Vec::new();
        for block in touched {
            let (range, marked) = (self.ranges[block].clone(), std::mem::take(&mut self.marked[block]));
            if marked == range.len() {
                continue;
            }
            let new = self.ranges.len();
            self.ranges[block].start += marked;
            self.ranges.push(range.start..range.start + marked);
            self.marked.push(0);
            for &state in &self.order[range.start..range.start + marked] {
                self.block_of[state as usize] = new;
            }
            split.push((block, new));
        }
        split
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// States that texts tell apart, counted by plain refinement (Moore 1956).
    fn distinguishable(automaton: &Automaton) -> usize {
        let count = |group_of: &[usize]| group_of.iter().max().map_or(0, |&last| last + 1);
        let renumber = |keys: Vec<Vec<u32>>| -> Vec<usize> {
            let mut numbers = BTreeMap::new();
            for key in &keys {
                let number = numbers.len();
                numbers.entry(key).or_insert(number);
            }
            keys.iter().map(|key| numbers[key]).collect()
        };
        let mut group_of = renumber(automaton.accepts.clone());
        loop {
            let key = |state: usize| {
                let row = &automaton.next[state * automaton.class_count..][..automaton.class_count];
                let following = row.iter().map(|&next| group_of[next as usize] as u32);
                [group_of[state] as u32].into_iter().chain(following).collect()
            };
            let refined = renumber((0..group_of.len()).map(key).collect());
            if count(&refined) == count(&group_of) {
                return count(&refined);
            }
            group_of = refined;
        }
    }

    #[test]
    fn agrees_with_plain_refinement() {
        let mut seed = 1_u32;
        let mut random = move |below: u32| {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            (seed >> 16) % below
        };
        for _ in 0..3_000 {
            let (state_count, class_count) = (1 + random(12), 1 + random(3) as usize);
            let automaton = Automaton {
                class_map: [0; 256],
                class_count,
                next: (0..state_count as usize * class_count).map(|_| random(state_count)).collect(),
                accepts: (0..state_count).map(|_| (0..random(2)).collect()).collect(),
                start: 0,
            };
            let minimal = minimize(&automaton);
            assert_eq!(minimal.accepts.len(), distinguishable(&automaton));
            assert_eq!(minimal.accepts.len(), distinguishable(&minimal));
        }
    }
}
