//! An allocator that counts, so that "allocates nothing" is a measurement.
//!
//! The only unsafe code of the workspace: a global allocator cannot be written without.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Allocations of this thread. Needs neither lazy making nor a destructor, so it may be used while allocating.
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count_one() {
    // A thread that is ending has no counter any more; nobody asks for it either.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every method passes its arguments unchanged to `System` and its result unchanged back, so `System` keeps the
// contract of `GlobalAlloc` for both; counting touches a thread-local cell only, and neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: the caller keeps the contract of `alloc`, which is the same here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is the same here.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        // SAFETY: `block` came from `System` by way of the methods above, with this layout, as the caller says.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as in `realloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Allocations, growing ones included, that this thread makes while `run` runs.
pub fn allocations(run: impl FnOnce()) -> u64 {
    let before = COUNT.with(Cell::get);
    run();
    COUNT.with(Cell::get) - before
}

#[cfg(test)]
mod tests {
    use super::allocations;
    use std::hint::black_box;

    #[test]
    fn every_allocation_counts() {
        assert_eq!(allocations(|| ()), 0);
        assert_eq!(allocations(|| drop(black_box(Box::new(1)))), 1);
        assert_eq!(allocations(|| drop(black_box(vec![0u8; 100]))), 1);
        assert_eq!(
            allocations(|| {
                let mut bytes = Vec::with_capacity(1);
                bytes.extend_from_slice(black_box(&[1u8, 2, 3]));
                drop(black_box(bytes));
            }),
            2
        );
    }
}
