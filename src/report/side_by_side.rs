//! Two paths side by side, hop by hop.

use crate::report::table;

/// The mark of a hop that differs.
pub(super) const MARK: &str = "✗";

/// One hop of both paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its number.
    pub(super) hop: usize,
    /// The hop of the first path; empty if that path is shorter.
    pub(super) left: String,
    /// The hop of the second path.
    pub(super) right: String,
    /// Whether they differ.
    pub(super) differs: bool,
}

/// The rows in columns, below the titles of the columns. Empty if there is no row.
pub(super) fn side_by_side(rows: &[Row], [hop, left, right]: [&str; 3]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells = |row: &Row| {
        let mark = if row.differs { MARK } else { "" };
        vec![
            mark.to_owned(),
            row.hop.to_string(),
            row.left.clone(),
            row.right.clone(),
        ]
    };
    let cells: Vec<_> = rows.iter().map(cells).collect();
    table(&["", hop, left, right], &cells)
}

/// Pairs the hops of two paths by node. `is_same` compares hops with the same number.
pub(super) fn paired(
    left: &[String],
    right: &[String],
    is_same: impl Fn(usize) -> bool,
) -> Vec<Row> {
    let row = |index: usize| {
        let [left, right] = [left, right].map(|side| side.get(index).cloned());
        Row {
            hop: index + 1,
            differs: left.is_none() || right.is_none() || !is_same(index),
            left: left.unwrap_or_default(),
            right: right.unwrap_or_default(),
        }
    };
    (0..left.len().max(right.len())).map(row).collect()
}
