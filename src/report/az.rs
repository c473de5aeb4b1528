//! Tables as az prints them with `-o table`: headers, a line of dashes, rows.

use std::iter;

use crate::report::table;

/// Rows under their headers, with a line of dashes between, as wide as each column.
#[must_use]
pub fn az_table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let dashes = headers.iter().enumerate().map(|(column, header)| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let lengths = cells.map(|cell| cell.chars().count());
        let widest = lengths.chain([header.chars().count()]).max();
        "-".repeat(widest.unwrap_or_default())
    });
    let lines: Vec<Vec<String>> = iter::once(dashes.collect())
        .chain(rows.iter().cloned())
        .collect();
    table(headers, &lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_are_as_wide_as_the_widest_cell() {
        let rows = [vec!["a".to_owned(), "longer".to_owned()]];
        insta::assert_snapshot!(az_table(&["One", "Two"], &rows), @r"
        One  Two
        ---  ------
        a    longer
        ");
    }
}
