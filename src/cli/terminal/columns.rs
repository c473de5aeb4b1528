//! The columns of a printed table. A table is recognized by its header row, and a cell by the position where its column
//! begins.

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// The position of each column, in characters, and its header.
    pub(super) starts: Vec<(usize, String)>,
}

/// The columns of the table that begins at the first line. Its headers are in capitals, or the second line consists of
/// dashes.
pub(super) fn columns(lines: &[&str]) -> Option<Columns> {
    let header = lines.first().filter(|line| !line.starts_with(' '))?;
    let is_capital = |c: char| c.is_ascii_uppercase() || matches!(c, ' ' | '-' | '/');
    let is_ruled = || {
        let below = lines.get(1).copied().unwrap_or_default();
        below.starts_with("--") && below.chars().all(|c| matches!(c, '-' | ' '))
    };
    if header.is_empty() || !(header.chars().all(is_capital) || is_ruled()) {
        return None;
    }
    let mut starts: Vec<(usize, String)> = Vec::new();
    let mut spaces = 2;
    for (place, c) in header.chars().enumerate() {
        match (c, spaces, starts.last_mut()) {
            (' ', ..) => spaces += 1,
            (c, 2.., _) => {
                starts.push((place, c.to_string()));
                spaces = 0;
            }
            (c, before, Some((_, title))) => {
                title.extend((before == 1).then_some(' '));
                title.push(c);
                spaces = 0;
            }
            (_, _, None) => {}
        }
    }
    (starts.len() > 1).then_some(Columns { starts })
}

impl Columns {
    /// The cells of a row; `None` if a line is not a row, such as a note between rows.
    pub(super) fn cells(&self, line: &str) -> Option<Vec<String>> {
        let characters: Vec<char> = line.chars().collect();
        let is_row = self.starts.iter().skip(1).all(|(start, _)| {
            let gap = characters.get(start - 2..*start);
            gap.is_none_or(|gap| gap.iter().all(|c| *c == ' '))
        });
        if !is_row || line.starts_with(' ') {
            return None;
        }
        let ends = self.starts.iter().skip(1).map(|(start, _)| *start);
        let ends = ends.chain([characters.len().max(1)]);
        let cells = self.starts.iter().zip(ends).map(|((start, _), end)| {
            let cell = characters.get(*start..end.min(characters.len()));
            let cell: String = cell.unwrap_or_default().iter().collect();
            cell.trim_end().to_owned()
        });
        Some(cells.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> Option<Vec<String>> {
        let columns = columns(lines)?;
        Some(
            columns
                .starts
                .into_iter()
                .map(|(_, header)| header)
                .collect(),
        )
    }

    #[test]
    fn a_table_begins_with_headers() {
        let names = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(
            headers(&["LINK  NEXT HOP  STATE"]),
            names(&["LINK", "NEXT HOP", "STATE"])
        );
        assert_eq!(
            headers(&["Source   Next Hop", "-------  --------"]),
            names(&["Source", "Next Hop"])
        );
        for line in [
            "",
            "LAB",
            "lab two is up",
            "  LINK  STATE",
            "There: a [10.0.0.4] to b",
        ] {
            assert_eq!(headers(&[line]), None, "{line}");
        }
    }

    #[test]
    fn a_note_between_rows_is_no_row() {
        let columns = columns(&["NODE    ROUTE    ORIGIN"]).unwrap();
        let cells = columns.cells("hub-vm  default  a b").unwrap();
        assert_eq!(cells, ["hub-vm", "default", "a b"]);
        assert_eq!(columns.cells("azure").unwrap(), ["azure", "", ""]);
        assert_eq!(columns.cells("  preferred over another route"), None);
        assert_eq!(columns.cells("a line of words without columns"), None);
    }
}
