//! Text in aligned columns.

use std::iter;

/// Spaces between two columns.
const GAP: usize = 2;

/// Rows under their headers, each column as wide as its widest cell, each line ended by a newline.
/// A row may have fewer cells than there are headers.
#[must_use]
pub fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
    let lines: Vec<&[String]> = iter::once(headers.as_slice())
        .chain(rows.iter().map(Vec::as_slice))
        .collect();
    let width_of = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..headers.len()).map(width_of).collect();
    lines.iter().map(|line| row(line, &widths)).collect()
}

fn row(cells: &[String], widths: &[usize]) -> String {
    let padded = |(cell, width): (&String, &usize)| format!("{cell:<0$}", width + GAP);
    let line: String = iter::zip(cells, widths).map(padded).collect();
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".to_owned(), "long cell".to_owned(), "x".to_owned()],
            vec!["longer".to_owned(), "é".to_owned()],
        ];
        assert_snapshot!(table(&["ONE", "TWO", "THREE"], &rows), @r"
        ONE     TWO        THREE
        a       long cell  x
        longer  é
        ");
    }
}
