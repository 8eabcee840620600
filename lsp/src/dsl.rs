//! `.dct` files as they are while somebody types: names, what the cursor is on, and what may come next.

pub mod names;
pub mod known;
pub mod context;
pub mod isolate;
pub mod spot;
