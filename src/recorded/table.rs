//! Tables of `az -o table` and PowerShell: headers, a line of dashes, rows.

/// The cells of a table's rows under some headers, which may be in any order. `None` if the text has no such table. A
/// header that the table does not have is an empty cell.
pub(super) fn rows(text: &str, headers: &[&str]) -> Option<Vec<Vec<String>>> {
    let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let dashes = lines
        .iter()
        .position(|line| is_dashes(line))
        .filter(|&at| at > 0)?;
    let starts = starts(&lines[dashes]);
    let titles = cells(&lines[dashes - 1], &starts);
    let places: Vec<Option<usize>> = headers
        .iter()
        .map(|header| titles.iter().position(|title| is_same(title, header)))
        .collect();
    places.first().copied().flatten()?;
    let body = lines[dashes + 1..]
        .iter()
        .take_while(|line| !line.iter().all(|c| c.is_whitespace()));
    let rows = body.map(|line| {
        let cells = cells(line, &starts);
        let of_place = |place: &Option<usize>| {
            place
                .and_then(|at| cells.get(at).cloned())
                .unwrap_or_default()
        };
        places.iter().map(of_place).collect()
    });
    Some(rows.collect())
}

/// Whether two headers are the same but for spaces and case.
fn is_same(title: &str, header: &str) -> bool {
    let plain = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_lowercase()
    };
    plain(title) == plain(header)
}

fn is_dashes(line: &[char]) -> bool {
    line.contains(&'-') && line.iter().all(|c| *c == '-' || c.is_whitespace())
}

/// Where the columns begin, by the line of dashes.
fn starts(dashes: &[char]) -> Vec<usize> {
    let begins = |at: &usize| dashes[*at] == '-' && (*at == 0 || dashes[at - 1] != '-');
    (0..dashes.len()).filter(begins).collect()
}

fn cells(line: &[char], starts: &[usize]) -> Vec<String> {
    let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
    let cell = |(start, end): (&usize, usize)| {
        let part = line.get(*start..end.min(line.len())).unwrap_or_default();
        part.iter().collect::<String>().trim().to_owned()
    };
    starts.iter().zip(ends).map(cell).collect()
}
