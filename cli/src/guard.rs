//! Faults of this program: caught, told in one line, never a trace on the user's screen.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

static LAST: Mutex<String> = Mutex::new(String::new());

/// From here on a panic is silent, but remembered.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        let text = info.payload().downcast_ref::<&str>().copied();
        let message = text.or(info.payload().downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        let place = info.location().map_or(String::new(), |at| format!(" ({}:{})", at.file(), at.line()));
        if let Ok(mut last) = LAST.lock() {
            *last = format!("{message}{place}");
        }
    }));
}

/// Runs something that may panic; the error is the panic's message and place.
pub fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| LAST.lock().map_or_else(|_| String::new(), |last| last.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_message() {
        install();
        assert_eq!(guarded(|| 1), Ok(1));
        let message = guarded(|| -> u8 { panic!("table {} is empty", 7) }).unwrap_err();
        assert!(message.starts_with("table 7 is empty ("), "{message}");
    }
}
