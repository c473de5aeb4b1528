//! Text in aligned columns.

use std::iter;

/// Spaces between two columns.
const GAP: usize = 2;

/// The narrowest last column that is broken further.
const NARROWEST: usize = 20;

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

/// The same within a width, if possible: the last column is broken at spaces.
#[must_use]
pub(super) fn table_within(headers: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let last = headers.len().saturating_sub(1);
    let before: usize = (0..last)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let cells = cells.map(|cell| cell.chars().count());
            cells
                .chain([headers[column].chars().count()])
                .max()
                .unwrap_or_default()
                + GAP
        })
        .sum();
    let room = width.saturating_sub(before).max(NARROWEST);
    let rows: Vec<Vec<String>> = rows
        .iter()
        .flat_map(|row| broken(row, last, room))
        .collect();
    table(headers, &rows)
}

/// A row, and further ones for the rest of its last cell.
fn broken(row: &[String], last: usize, room: usize) -> Vec<Vec<String>> {
    let Some(cell) = row.get(last) else {
        return vec![row.to_vec()];
    };
    let mut lines = vec![String::new()];
    for word in cell.split(' ') {
        let line = lines.len() - 1;
        let length = lines[line].chars().count() + 1 + word.chars().count();
        if lines[line].is_empty() {
            lines[line].push_str(word);
        } else if length > room {
            lines.push(word.to_owned());
        } else {
            lines[line].push(' ');
            lines[line].push_str(word);
        }
    }
    let first = lines.remove(0);
    let first = row[..last].iter().cloned().chain([first]).collect();
    let more = lines.into_iter().map(|line| {
        let empty = vec![String::new(); last];
        empty.into_iter().chain([line]).collect()
    });
    [first].into_iter().chain(more).collect()
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
    fn the_last_column_is_broken_within_the_width() {
        let rows = [
            vec![
                "one".to_owned(),
                "a sentence that is longer than there is room".to_owned(),
            ],
            vec!["three".to_owned(), "short".to_owned()],
        ];
        assert_snapshot!(table_within(&["NAME", "ABOUT"], &rows, 30), @r"
        NAME   ABOUT
        one    a sentence that is
               longer than there is
               room
        three  short
        ");
        assert_eq!(
            table_within(&["NAME", "ABOUT"], &rows, 200),
            table(&["NAME", "ABOUT"], &rows)
        );
    }

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
