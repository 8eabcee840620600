//! Patterns -> glob programs.

use dictum_vm::glob;

use crate::ir::Piece;

/// Appends the program of a pattern.
pub fn write_program(pattern: &[Piece], out: &mut Vec<u32>) {
    let pieces: Vec<glob::Piece<'_>> = pattern
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => glob::Piece::Text(text.as_bytes()),
            Piece::One => glob::Piece::One,
            Piece::OneNotColon => glob::Piece::OneNotColon,
            Piece::Run => glob::Piece::Run,
            Piece::RunNotColon => glob::Piece::RunNotColon,
            Piece::ArnOne => glob::Piece::ArnOne,
            Piece::ArnRun => glob::Piece::ArnRun,
            Piece::Variable { slot, default, colon_free } => {
                glob::Piece::Variable { slot: *slot, default: *default, colon_free: *colon_free }
            }
        })
        .collect();
    glob::write(&pieces, out);
}
