//! Figures of rounds, and how they are printed.

use std::hint::black_box;
use std::time::Instant;

/// Nanoseconds for one of `count` runs.
pub fn time(count: usize, mut run: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    for at in 0..count {
        run(black_box(at));
    }
    start.elapsed().as_nanos() as f64 / count as f64
}

/// The value below which a share of all values lies.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(((sorted.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// The middle value.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The least value.
pub fn least(values: &[f64]) -> f64 {
    quantile(values, 0.0)
}

/// Prints rows below a head, columns as wide as they need, numbers to the right.
pub fn print_table(head: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths).enumerate();
        let cells = cells.map(|(i, (cell, &width))| match i {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    line(head.to_vec());
    let rule =
        |(i, width): (usize, &usize)| if i == 0 { "-".repeat(*width) } else { format!("{}:", "-".repeat(width - 1)) };
    let rules: Vec<String> = widths.iter().enumerate().map(rule).collect();
    line(rules.iter().map(String::as_str).collect());
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

/// A number with commas between its thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap_or("")).collect();
    groups.join(",")
}
