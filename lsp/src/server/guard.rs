//! Mistakes of this program are told to the client, and the conversation goes on.

use std::panic::{self, AssertUnwindSafe};

/// Runs something that may fail in a way nobody thought of. What it was at is then in the state of before: every change of
/// the server's state is one assignment at the end.
pub fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        format!("a mistake of dictum itself: {}", text.unwrap_or_else(|| "no message".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_message() {
        assert_eq!(guarded(|| 1), Ok(1));
        let fault = guarded(|| -> u8 { panic!("row {} is empty", 7) });
        assert_eq!(fault, Err("a mistake of dictum itself: row 7 is empty".to_owned()));
    }
}
