//! Compares printed with documented output.

/// Stands for lines that a document omits.
const LEFT_OUT: &str = "...";

/// Units of numbers that vary between runs.
const UNITS: [&str; 9] = [
    "ms", "s", "us", "Mbit/s", "Gbit/s", "%", "KiB", "MiB", "bytes",
];

/// Whether printed lines match documented ones, except for times, rates and spaces; `...` matches any lines.
pub(crate) fn agrees(printed: &[String], documented: &[String]) -> bool {
    let printed: Vec<String> = bare(printed);
    let documented: Vec<String> = bare(documented);
    matches(&printed, &documented)
}

fn matches(printed: &[String], documented: &[String]) -> bool {
    match documented.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == LEFT_OUT => {
            (0..=printed.len()).any(|skipped| matches(&printed[skipped..], rest))
        }
        Some((first, rest)) => printed
            .split_first()
            .is_some_and(|(line, others)| same(line, first) && matches(others, rest)),
    }
}

/// A documented line may omit its end.
fn same(line: &str, documented: &str) -> bool {
    match documented.strip_suffix(LEFT_OUT) {
        Some(beginning) => line.starts_with(beginning.trim_end()),
        None => line == documented,
    }
}

/// Lines without varying numbers, and without empty lines.
fn bare(lines: &[String]) -> Vec<String> {
    let lines = lines.iter().map(|line| bare_line(line));
    lines.filter(|line| !line.is_empty()).collect()
}

/// A line with single spaces, and `N` for numbers that vary between runs.
fn bare_line(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let next = words.iter().skip(1).map(Some).chain([None]);
    let bare = words.iter().zip(next).map(|(word, next)| {
        let next = next.map(|next| next.trim_matches(|c: char| ".,;:()".contains(c)));
        let is_measured = next.is_some_and(|next| UNITS.contains(&next));
        let (key, value) = word
            .split_once('=')
            .map_or(("", *word), |(key, value)| (key, value));
        let value = value.trim_start_matches(['<', '(', '~']);
        if is_measured && is_number(value) {
            format!("{key}N")
        } else {
            (*word).to_owned()
        }
    });
    bare.collect::<Vec<_>>().join(" ")
}

/// A number, or several separated by slashes.
fn is_number(text: &str) -> bool {
    text.split('/')
        .all(|part| part.replace(',', "").parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn times_may_differ_and_nothing_else() {
        let documented = lines(
            "  1    <1 ms    <1 ms     2 ms  hub-vm [10.10.30.4]\nrtt min/avg/max = 1.0/2.0/3.0 ms\n",
        );
        assert!(agrees(
            &lines(" 1 3 ms <1 ms 4 ms  hub-vm [10.10.30.4]\n\nrtt min/avg/max = 7.0/2.5/3.0 ms"),
            &documented
        ));
        assert!(!agrees(
            &lines(" 2 3 ms <1 ms 4 ms  hub-vm [10.10.30.4]\nrtt min/avg/max = 7.0/2.5/3.0 ms"),
            &documented
        ));
        assert!(!agrees(
            &lines(" 1 3 ms <1 ms 4 ms  hub-vm [10.10.30.5]\nrtt min/avg/max = 7.0/2.5/3.0 ms"),
            &documented
        ));
    }

    #[test]
    fn lines_and_ends_may_be_left_out() {
        assert!(agrees(&lines("a\nb\nc and d"), &lines("a\n...\nc and ...")));
        assert!(agrees(&lines("a"), &lines("a\n...")));
        assert!(!agrees(&lines("a\nb"), &lines("a\n...\nc")));
        assert!(!agrees(&lines("a\nb"), &lines("a")));
    }
}
