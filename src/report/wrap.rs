//! Prose in lines that fit a terminal.

/// Columns that a line of prose may take.
const WIDTH: usize = 120;

/// Text in lines of at most [`WIDTH`] columns, each indented, those after the first by two more.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in text.split(' ') {
        let length = line.chars().count() + 1 + word.chars().count();
        if !is_empty && length > WIDTH {
            lines.push(line);
            line = " ".repeat(indent + 2);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines.join("\n") + "\n"
}
