//! How every machine reaches every other, on terminals of several widths.

use insta::assert_snapshot;

use crate::report::matrix::{By, Matrix, Path, text};

/// Machines in a row; the number of hops is the distance in the row, and the last machine answers no one.
fn row_of(count: usize) -> Matrix {
    let machines: Vec<String> = (1..=count)
        .map(|number| format!("machine-{number}"))
        .collect();
    let mut paths = Vec::new();
    for (a, from) in machines.iter().enumerate() {
        for (b, to) in machines.iter().enumerate().filter(|(b, _)| *b != a) {
            let apart = a.abs_diff(b);
            let reached = a + 1 < count && b + 1 < count;
            paths.push(Path {
                from: from.clone(),
                to: to.clone(),
                reached,
                hops: reached.then_some(apart),
                #[expect(clippy::cast_precision_loss, reason = "few machines")]
                rtt_ms: reached.then_some(apart as f64 * 1.25),
                as_expected: (apart < 4).then_some(apart != 2),
                certain: true,
            });
        }
    }
    Matrix {
        lab: "row".to_owned(),
        by: By::Probes,
        machines,
        paths,
    }
}

#[test]
fn a_small_lab_is_a_grid_of_names() {
    assert_snapshot!(text(&row_of(6), false, 80), @r"
               machine-1  machine-2  machine-3  machine-4  machine-5  machine-6
    machine-1  ·          1✓         2✗         3✓         4          -
    machine-2  1✓         ·          1✓         2✗         3✓         -
    machine-3  2✗         1✓         ·          1✓         2✗         -✓
    machine-4  3✓         2✗         1✓         ·          1✓         -✗
    machine-5  4          3✓         2✗         1✓         ·          -✓
    machine-6  -          -          -✓         -✗         -✓         ·

    rows are senders, columns are destinations, by real packets: hops; - no answer; ✓ as the lab file expects; ✗ otherwise
    20 of 30 pairs reach each other; 16 as expected, 8 otherwise, 6 without an expectation
    ");
    assert_snapshot!(text(&row_of(3), true, 80), @r"
               machine-1  machine-2  machine-3
    machine-1  ·          1.2✓       -✗
    machine-2  1.2✓       ·          -✓
    machine-3  -✗         -✓         ·

    rows are senders, columns are destinations, by real packets: round-trip time in ms; - no answer; ✓ as the lab file expects; ✗ otherwise
    2 of 6 pairs reach each other; 4 as expected, 2 otherwise
    ");
}

#[test]
fn of_a_lab_without_expectations_nothing_is_as_expected() {
    let mut row = row_of(3);
    for path in &mut row.paths {
        path.as_expected = None;
    }
    let text = text(&row, false, 80);
    let last = text.lines().last();
    let words = "2 of 6 pairs reach each other; the lab file expects no path";
    assert_eq!(last, Some(words), "{text}");
}

#[test]
fn columns_are_numbers_where_names_have_no_room() {
    assert_snapshot!(text(&row_of(12), false, 80), @r"
                   1   2   3   4   5   6   7   8   9   10  11  12
     1 machine-1   ·   1✓  2✗  3✓  4   5   6   7   8   9   10  -
     2 machine-2   1✓  ·   1✓  2✗  3✓  4   5   6   7   8   9   -
     3 machine-3   2✗  1✓  ·   1✓  2✗  3✓  4   5   6   7   8   -
     4 machine-4   3✓  2✗  1✓  ·   1✓  2✗  3✓  4   5   6   7   -
     5 machine-5   4   3✓  2✗  1✓  ·   1✓  2✗  3✓  4   5   6   -
     6 machine-6   5   4   3✓  2✗  1✓  ·   1✓  2✗  3✓  4   5   -
     7 machine-7   6   5   4   3✓  2✗  1✓  ·   1✓  2✗  3✓  4   -
     8 machine-8   7   6   5   4   3✓  2✗  1✓  ·   1✓  2✗  3✓  -
     9 machine-9   8   7   6   5   4   3✓  2✗  1✓  ·   1✓  2✗  -✓
    10 machine-10  9   8   7   6   5   4   3✓  2✗  1✓  ·   1✓  -✗
    11 machine-11  10  9   8   7   6   5   4   3✓  2✗  1✓  ·   -✓
    12 machine-12  -   -   -   -   -   -   -   -   -✓  -✗  -✓  ·

    rows are senders, columns are destinations, by real packets: hops; - no answer; ✓ as the lab file expects; ✗ otherwise
    110 of 132 pairs reach each other; 40 as expected, 20 otherwise, 72 without an expectation
    ");
}

#[test]
fn a_grid_is_parted_where_even_numbers_have_no_room() {
    let text = text(&row_of(40), false, 80);
    let mut grid = text
        .lines()
        .take_while(|line| !line.starts_with("rows are senders"));
    assert!(grid.all(|line| line.chars().count() <= 80), "{text}");
    let headers = text.lines().filter(|line| line.starts_with("     "));
    let columns: Vec<usize> = headers
        .map(|line| line.split_whitespace().count())
        .collect();
    assert_eq!(columns, [16, 16, 8], "{text}");
    let labelled = |line: &&str| line.starts_with("40 machine-40");
    assert_eq!(text.lines().filter(labelled).count(), 3, "{text}");
}

#[test]
fn an_uncertain_path_has_a_mark() {
    let mut matrix = row_of(3);
    matrix.by = By::Routes;
    matrix.paths[0].certain = false;
    assert_snapshot!(text(&matrix, false, 200), @r"
               machine-1  machine-2  machine-3
    machine-1  ·          1?✓        -✗
    machine-2  1✓         ·          -✓
    machine-3  -✗         -✓         ·

    rows are senders, columns are destinations, by the routes: hops; - no answer; ✓ as the lab file expects; ✗ otherwise; ? as without a firewall whose rules are not evaluated, see `lab why`
    2 of 6 pairs reach each other; 4 as expected, 2 otherwise
    ");
}
