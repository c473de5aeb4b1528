//! Colours: green for good results, red for bad ones.

use crate::cli::terminal::columns::{Columns, columns};

/// The escape sequences of colours.
const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[31m";
const YELLOW: &str = "\u{1b}[33m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// The columns whose words are coloured. A table with verdicts has the names of steps as states, so only the first
/// column of these is coloured that a table has.
const COLOURED: [&str; 2] = ["VERDICT", "STATE"];

/// The verdicts, each with its mark and its colour.
const VERDICTS: [(&str, char, &str); 3] = [
    ("pass", '✓', GREEN),
    ("fail", '✗', RED),
    ("skip", '·', YELLOW),
];

/// The text with colours, and with marks before verdicts where there is room.
pub(super) fn painted(text: &str, has_marks: bool) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut painted = String::new();
    let mut table: Option<Columns> = None;
    for (number, line) in lines.iter().enumerate() {
        if line.is_empty() {
            table = None;
        }
        let begins = columns(&lines[number..]);
        let line = match (&table, &begins) {
            (None, Some(_)) => [BOLD, line, PLAIN].concat(),
            (Some(columns), _) => row(line, columns, has_marks),
            (None, None) => sentence(line),
        };
        painted.push_str(&line);
        if number + 1 < lines.len() || text.ends_with('\n') {
            painted.push('\n');
        }
        table = table.or(begins);
    }
    painted
}

fn row(line: &str, columns: &Columns, has_marks: bool) -> String {
    let Some(cells) = columns.cells(line) else {
        return line.to_owned();
    };
    let characters: Vec<char> = line.chars().collect();
    let has = |title: &&str| columns.starts.iter().any(|(_, own)| own == title);
    let coloured = COLOURED.iter().copied().find(has);
    let mut painted = String::new();
    let mut at = 0;
    for ((start, title), cell) in columns.starts.iter().zip(&cells) {
        let colour = colour(cell).filter(|_| coloured == Some(title.as_str()));
        let Some(colour) = colour else {
            continue;
        };
        painted.extend(&characters[at..*start]);
        at = start + cell.chars().count();
        let room = characters[at..].iter().take_while(|c| **c == ' ').count();
        let mark = VERDICTS.iter().find(|(word, ..)| word == cell);
        painted.push_str(colour);
        // A mark takes the place of two of the spaces after the word.
        if let Some((_, mark, _)) = mark.filter(|_| has_marks && room >= 4) {
            painted.extend([*mark, ' ']);
            at += 2;
        }
        painted.push_str(cell);
        painted.push_str(PLAIN);
    }
    painted.extend(&characters[at..]);
    painted
}

/// The colour of a verdict or a state.
fn colour(cell: &str) -> Option<&'static str> {
    let is_bad = ["down", "missing", "broken"]
        .iter()
        .any(|word| cell.starts_with(word));
    let mut verdicts = VERDICTS.iter();
    match cell {
        "up" => Some(GREEN),
        "changing" => Some(YELLOW),
        _ if is_bad || cell.contains("blackhole") => Some(RED),
        _ if cell.contains("impaired") => Some(YELLOW),
        _ => verdicts
            .find(|(word, ..)| *word == cell)
            .map(|(_, _, colour)| *colour),
    }
}

/// Colours a line of prose: the summary of `lab verify`, or a problem.
fn sentence(line: &str) -> String {
    let starts = ["problem: ", "difference: ", "Lost: "];
    let is_sum = line.contains(" proved, ") && line.contains(" failed, ");
    let colour = match line {
        _ if is_sum && line.contains(", 0 failed, ") => GREEN,
        _ if is_sum || starts.iter().any(|start| line.starts_with(start)) => RED,
        "active failures and impairments that are not in the lab file:" => YELLOW,
        _ => return line.to_owned(),
    };
    format!("{colour}{line}{PLAIN}")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    /// Replaces the escape sequences of colours by letters.
    fn lettered(text: &str, has_marks: bool) -> String {
        let names = [
            (GREEN, "<g>"),
            (RED, "<r>"),
            (YELLOW, "<y>"),
            (BOLD, "<b>"),
            (PLAIN, "</>"),
        ];
        let painted = painted(text, has_marks);
        names
            .iter()
            .fold(painted, |text, (code, name)| text.replace(code, name))
    }

    const PROOF: &str = "\
FROM  TO  STATE   VERDICT  RTT     HOPS
a     b   steady  pass     2.0 ms  x > up
b     a   steady  fail     -       *
b     c   down    pass     2.0 ms  x

30 paths proved, 1 failed, 0 skipped in 3 ms
";

    #[test]
    fn verdicts_have_marks_and_columns_stay_in_place() {
        assert_snapshot!(lettered(PROOF, true), @r"
        <b>FROM  TO  STATE   VERDICT  RTT     HOPS</>
        a     b   steady  <g>✓ pass</>   2.0 ms  x > up
        b     a   steady  <r>✗ fail</>   -       *
        b     c   down    <g>✓ pass</>   2.0 ms  x

        <r>30 paths proved, 1 failed, 0 skipped in 3 ms</>
        ");
        assert_snapshot!(lettered(PROOF, false).lines().nth(1).unwrap(), @r"a     b   steady  <g>pass</>     2.0 ms  x > up");
        let unpainted = painted(PROOF, false);
        let codes = [GREEN, RED, YELLOW, BOLD, PLAIN];
        let unpainted = codes
            .iter()
            .fold(unpainted, |text, code| text.replace(code, ""));
        assert_eq!(unpainted, PROOF);
    }

    #[test]
    fn states_are_coloured_in_their_column_only() {
        let status = "LINK  STATE\nup    down, impaired\nb     up\nc     up, impaired\n";
        assert_snapshot!(lettered(status, true), @r"
        <b>LINK  STATE</>
        up    <r>down, impaired</>
        b     <g>up</>
        c     <y>up, impaired</>
        ");
        assert_eq!(
            lettered("lab up brings it up\n", true),
            "lab up brings it up\n"
        );
    }
}
