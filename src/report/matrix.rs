//! What `lab matrix` prints: how every machine reaches every other, as a grid.

use serde::Serialize;

use crate::report::table;

/// The cell of a machine with itself.
const SELF: &str = "·";

/// Spaces between two columns.
const GAP: usize = 2;

/// How every machine reaches every other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matrix {
    /// The lab's name.
    pub lab: String,
    /// How the paths were found.
    pub by: By,
    /// The machines, in the order of rows and columns.
    pub machines: Vec<String>,
    /// One entry per ordered pair, row by row.
    pub paths: Vec<Path>,
}

/// How paths are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// By real packets.
    Probes,
    /// By the routes alone.
    Routes,
}

/// How one machine reaches another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Path {
    /// The machine that sends.
    pub from: String,
    /// The destination machine.
    pub to: String,
    /// Whether it answers.
    pub reached: bool,
    /// The number of hops in a trace; null without an answer.
    pub hops: Option<usize>,
    /// The round-trip time in milliseconds; null without an answer. If the routes predict the path, the sum of the
    /// links' delays.
    pub rtt_ms: Option<f64>,
    /// Whether the path meets the lab file's expectation for the steady state; null without an expectation.
    pub as_expected: Option<bool>,
    /// Whether the path is certain. It is not if the routes predict it and the effect of a firewall cannot be told.
    pub certain: bool,
}

impl Matrix {
    /// Whether no path violates an expectation.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        self.paths
            .iter()
            .all(|path| path.as_expected != Some(false))
    }
}

/// The grid, split into parts of at most `width` columns of text, and a legend of its cells.
#[must_use]
pub fn text(matrix: &Matrix, shows_times: bool, width: usize) -> String {
    let cell = |path: &Path| cell(path, shows_times);
    let grid = Grid {
        machines: &matrix.machines,
        cells: matrix.paths.iter().map(cell).collect(),
    };
    let legend = legend(matrix, shows_times);
    format!("{}\n{legend}", grid.text(width))
}

struct Grid<'a> {
    machines: &'a [String],
    /// Every ordered pair, row by row.
    cells: Vec<String>,
}

impl Grid<'_> {
    fn text(&self, width: usize) -> String {
        let named: Vec<String> = self.machines.to_vec();
        let fits = |titles: &[String], label: usize| {
            label + titles.iter().map(|title| self.column(title)).sum::<usize>() <= width
        };
        if fits(&named, longest(&named)) {
            return self.part(&named, &named, 0..self.machines.len());
        }
        // The names of the rows show which number is which machine.
        let numbers: Vec<String> = (1..=named.len()).map(|number| number.to_string()).collect();
        let digits = longest(&numbers);
        let labels: Vec<String> = named
            .iter()
            .zip(&numbers)
            .map(|(name, number)| format!("{number:>digits$} {name}"))
            .collect();
        let column = numbers.iter().map(|title| self.column(title)).max();
        let room = width.saturating_sub(longest(&labels)) / column.unwrap_or(1);
        let all: Vec<usize> = (0..numbers.len()).collect();
        let parts = all.chunks(room.max(1)).map(|columns| {
            let columns = columns[0]..columns[columns.len() - 1] + 1;
            self.part(&labels, &numbers, columns)
        });
        parts.collect::<Vec<_>>().join("\n")
    }

    /// Columns that a title and the cells below it take, with the gap before them.
    fn column(&self, title: &str) -> usize {
        let cell = self.cells.iter().map(|cell| cell.chars().count()).max();
        title.chars().count().max(cell.unwrap_or_default()) + GAP
    }

    fn part(
        &self,
        labels: &[String],
        titles: &[String],
        columns: std::ops::Range<usize>,
    ) -> String {
        let shown = titles[columns.clone()].iter().map(String::as_str);
        let headers: Vec<&str> = std::iter::once("").chain(shown).collect();
        let rows: Vec<Vec<String>> = labels
            .iter()
            .enumerate()
            .map(|(row, label)| {
                let cells = columns.clone().map(|column| self.cell(row, column));
                std::iter::once(label.clone()).chain(cells).collect()
            })
            .collect();
        table(&headers, &rows)
    }

    fn cell(&self, row: usize, column: usize) -> String {
        if row == column {
            return SELF.to_owned();
        }
        // A row has no cell for its own machine.
        let others = self.machines.len() - 1;
        let place = row * others + column - usize::from(column > row);
        self.cells.get(place).cloned().unwrap_or_default()
    }
}

fn cell(path: &Path, shows_times: bool) -> String {
    let mark = match path.as_expected {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "",
    };
    let value = match (path.hops, path.rtt_ms) {
        _ if !path.reached => "-".to_owned(),
        (_, Some(time)) if shows_times => format!("{time:.1}"),
        (Some(hops), _) if !shows_times => hops.to_string(),
        _ => "?".to_owned(),
    };
    let doubt = if path.certain { "" } else { "?" };
    format!("{value}{doubt}{mark}")
}

fn legend(matrix: &Matrix, shows_times: bool) -> String {
    let what = match (shows_times, matrix.by) {
        (false, _) => "hops",
        (true, By::Probes) => "round-trip time in ms",
        (true, By::Routes) => "the links' round-trip time in ms",
    };
    let by = match matrix.by {
        By::Probes => "by real packets",
        By::Routes => "by the routes",
    };
    let of = |what: Option<bool>| {
        let paths = matrix.paths.iter();
        paths.filter(|path| path.as_expected == what).count()
    };
    let mut legend =
        format!("rows are senders, columns are destinations, {by}: {what}; - no answer");
    let marks = [
        (Some(true), "✓ as the lab file expects"),
        (Some(false), "✗ otherwise"),
    ];
    for (what, words) in marks {
        if of(what) > 0 {
            legend = format!("{legend}; {words}");
        }
    }
    if matrix.paths.iter().any(|path| !path.certain) {
        legend += "; ? as without a firewall whose rules are not evaluated, see `lab why`";
    }
    let count = matrix.paths.len();
    let reached = matrix.paths.iter().filter(|path| path.reached).count();
    let expected = match [Some(true), Some(false), None].map(of) {
        [0, 0, _] => "the lab file expects no path".to_owned(),
        [good, bad, 0] => format!("{good} as expected, {bad} otherwise"),
        [good, bad, rest] => {
            format!("{good} as expected, {bad} otherwise, {rest} without an expectation")
        }
    };
    format!("{legend}\n{reached} of {count} pairs reach each other; {expected}\n")
}

fn longest(texts: &[String]) -> usize {
    let lengths = texts.iter().map(|text| text.chars().count());
    lengths.max().unwrap_or_default()
}
