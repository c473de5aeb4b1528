//! Fits text into a width: wraps the cells of wide tables, and long lines, at spaces.

use crate::cli::terminal::columns::{Columns, columns};

/// The number of spaces between two columns.
const GAP: usize = 2;

/// The text wrapped to a width. A word that is longer stays whole.
pub(super) fn fitted(text: &str, width: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut fitted = String::new();
    let mut at = 0;
    while at < lines.len() {
        let rest = &lines[at..];
        if let Some(columns) = columns(rest) {
            let block = rest.iter().take_while(|line| !line.is_empty()).count();
            fitted += &table(&columns, &rest[..block], width);
            at += block;
        } else {
            fitted += &broken(rest[0], width);
            at += 1;
        }
    }
    if text.ends_with('\n') || text.is_empty() {
        fitted
    } else {
        fitted.trim_end_matches('\n').to_owned()
    }
}

/// A line, wrapped at spaces. The further lines are indented by two more spaces.
fn broken(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return format!("{line}\n");
    }
    let indent = line.len() - line.trim_start().len();
    let parts = parts(line.trim_start(), width.saturating_sub(indent + GAP).max(1));
    let parts = parts.iter().enumerate().map(|(number, part)| {
        let indent = if number == 0 { indent } else { indent + GAP };
        format!("{:indent$}{part}\n", "")
    });
    parts.collect()
}

/// The text in parts of at most that width. A word that is longer stays whole.
fn parts(text: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for word in text.split(' ') {
        let last = parts.len() - 1;
        let part = &mut parts[last];
        if !part.is_empty() && part.chars().count() + 1 + word.chars().count() > width {
            parts.push(word.to_owned());
            continue;
        }
        if !part.is_empty() {
            part.push(' ');
        }
        part.push_str(word);
    }
    parts
}

/// A table and the notes between its rows.
fn table(columns: &Columns, lines: &[&str], width: usize) -> String {
    if lines.iter().all(|line| line.chars().count() <= width) {
        return lines.join("\n") + "\n";
    }
    let rows: Vec<Option<Vec<String>>> = lines.iter().map(|line| columns.cells(line)).collect();
    let widths = widths(&rows.iter().flatten().collect::<Vec<_>>(), width);
    let mut text = String::new();
    for (line, row) in lines.iter().zip(&rows) {
        match row {
            Some(cells) => text += &row_of(cells, &widths),
            None => text += &broken(line, width),
        }
    }
    text
}

/// The widths of columns. The column with the most spare width is narrowed until the table fits.
fn widths(rows: &[&Vec<String>], width: usize) -> Vec<usize> {
    let count = rows.iter().map(|row| row.len()).max().unwrap_or_default();
    let longest = |column: usize, of: fn(&str) -> usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| of(cell)).max().unwrap_or_default()
    };
    let whole = |cell: &str| cell.chars().count();
    let word = |cell: &str| {
        // A row of dashes below the headers is as long as its column.
        let words = cell.split(' ').filter(|word| !is_rule(word));
        words
            .map(|word| word.chars().count())
            .max()
            .unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..count).map(|column| longest(column, whole)).collect();
    let least: Vec<usize> = (0..count).map(|column| longest(column, word)).collect();
    loop {
        let total = widths.iter().sum::<usize>() + GAP * count.saturating_sub(1);
        let spare = |column: &usize| widths[*column].saturating_sub(least[*column]);
        let widest = (0..count).max_by_key(spare);
        let Some(column) = widest.filter(|column| total > width && spare(column) > 0) else {
            return widths;
        };
        widths[column] -= 1;
    }
}

fn is_rule(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c == '-')
}

/// A row, with further lines for the rest of cells that are wider than their columns.
fn row_of(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths).map(|(cell, width)| {
        if is_rule(cell) {
            vec!["-".repeat((*width).min(cell.len()))]
        } else {
            parts(cell, *width)
        }
    });
    let cells: Vec<Vec<String>> = cells.collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    let line = |number: usize| {
        let parts = cells.iter().zip(widths).map(|(cell, width)| {
            let part = cell.get(number).map_or("", String::as_str);
            format!("{part:<0$}", width + GAP)
        });
        let line: String = parts.collect();
        format!("{}\n", line.trim_end())
    };
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    const STATUS: &str = "\
lab two is up; supervisor: process 4711; tunnels: userspace; delays: kernel

LINK         FROM                DOES                                           STATE
er1-primary  er1-msee1:loc1-ce1  there: delay 750us loss 1%; back: delay 750us  down, impaired
a-b          a:b                 -                                              up
  preferred over a route that is longer than the terminal: longest prefix wins

Source    State    Prefix
--------  -------  --------------------------
Default   Active   10.0.0.0/8 and 10.1.0.0/16
";

    #[test]
    fn tables_and_lines_keep_to_the_width() {
        let narrow = fitted(STATUS, 60);
        assert_snapshot!(narrow, @r"
        lab two is up; supervisor: process 4711; tunnels:
          userspace; delays: kernel

        LINK         FROM                DOES          STATE
        er1-primary  er1-msee1:loc1-ce1  there: delay  down,
                                         750us loss    impaired
                                         1%; back:
                                         delay 750us
        a-b          a:b                 -             up
          preferred over a route that is longer than the terminal:
            longest prefix wins

        Source    State    Prefix
        --------  -------  --------------------------
        Default   Active   10.0.0.0/8 and 10.1.0.0/16
        ");
        assert!(narrow.lines().all(|line| line.chars().count() <= 60));
        assert_eq!(fitted(STATUS, 120), STATUS);
    }

    #[test]
    fn words_are_not_broken() {
        assert_eq!(fitted("abcdefgh\n", 4), "abcdefgh\n");
        assert_eq!(fitted("a b c", 3), "a\n  b\n  c");
        assert_eq!(fitted("", 3), "");
    }
}
