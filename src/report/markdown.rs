//! A verification as Markdown, fit for the summary of a CI job: what failed first, everything else folded away.

use crate::report::baseline::{self, Baseline, Change, Pair, Path};
use crate::report::failure::Failure;
use crate::report::side_by_side::side_by_side;
use crate::report::storyboard;
use crate::report::tracert::{LabNames, names_of};
use crate::report::verification::{
    Checked, SIDES, Verification, best_time, headline, path, place, reasons, rows, shown, sum,
    untried,
};
use crate::topology::Topology;
use crate::verify::Verdict;

/// The whole report.
#[must_use]
pub fn markdown(verification: &Verification<'_>) -> String {
    let names = names_of(verification.topology);
    let parts = [
        heading(verification),
        in_force(verification),
        failures(verification, &names),
        skipped(verification),
        verification
            .baseline
            .as_ref()
            .map(compared)
            .unwrap_or_default(),
        outages(verification),
        paths(verification, &names),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}

/// The report of a lab that could not be proved.
#[must_use]
pub fn unproved(lab: &str, failure: &Failure) -> String {
    format!(
        "## ❌ {}: not proved\n\n{}",
        escaped(lab),
        fenced(&failure.text)
    )
}

fn heading(verification: &Verification<'_>) -> String {
    let mark = if verification.count(Verdict::Fail) == 0 {
        "✅"
    } else {
        "❌"
    };
    let lab = escaped(verification.topology.name.as_str());
    format!("## {mark} {lab}: {}\n", sum(verification))
}

fn in_force(verification: &Verification<'_>) -> String {
    let lines = verification.in_force.iter();
    let lines = lines.map(|one| ["- ", &escaped(&one.to_string()), "\n"].concat());
    let lines: String = lines.collect();
    if lines.is_empty() {
        return lines;
    }
    format!("In force, other than in the lab file:\n\n{lines}")
}

fn failures(verification: &Verification<'_>, names: &LabNames<'_>) -> String {
    let topology = verification.topology;
    let failed: Vec<&Checked<'_>> = verification.of(Verdict::Fail).collect();
    if failed.is_empty() {
        return String::new();
    }
    let row = |checked: &&Checked<'_>| {
        let [from, to] = checked.pair(topology);
        vec![
            from.to_owned(),
            to.to_owned(),
            place(checked),
            path(checked, names),
            headline(checked).to_owned(),
        ]
    };
    let rows: Vec<_> = failed.iter().map(row).collect();
    let table = table(&["From", "To", "State", "Path", "Why"], &rows);
    let details: Vec<String> = failed
        .iter()
        .map(|checked| failure(topology, checked, names))
        .collect();
    let details = folded("Failures, hop by hop", &details.join("\n"));
    format!("### Failures\n\n{table}\n{details}")
}

/// A path as it was seen beside what was expected. Fenced, so that nothing in it is Markdown.
fn failure(topology: &Topology, checked: &Checked<'_>, names: &LabNames<'_>) -> String {
    let [from, to] = checked.pair(topology);
    let sides = side_by_side(&rows(topology, checked, names), SIDES);
    let reasons = reasons(checked).join("\n");
    fenced(&format!(
        "{from} -> {to}  [{}]\n{sides}{reasons}\n",
        place(checked)
    ))
}

fn skipped(verification: &Verification<'_>) -> String {
    let lines = untried(verification);
    lines.iter().map(|line| escaped(line) + "\n").collect()
}

fn compared(baseline: &Baseline) -> String {
    let Baseline {
        changed,
        new,
        vanished,
        ..
    } = baseline;
    let sum = escaped(&baseline::sum(baseline));
    if baseline.is_same() {
        return format!("{sum}\n");
    }
    let path = |path: &Path| {
        if path.hops.is_empty() {
            "no answer".to_owned()
        } else {
            path.hops.join(" > ")
        }
    };
    let change = |change: &Change| {
        vec![
            baseline::titled(&change.pair),
            path(&change.was),
            path(&change.is),
        ]
    };
    let with = |what: &'static str| {
        move |pair: &Pair| vec![baseline::titled(pair), what.to_owned(), String::new()]
    };
    let rows: Vec<_> = changed
        .iter()
        .map(change)
        .chain(new.iter().map(with("(new)")))
        .chain(vanished.iter().map(with("(vanished)")))
        .collect();
    let table = table(&["Pair", "Was", "Is"], &rows);
    format!("### Changes\n\n{sum}\n\n{table}")
}

fn outages(verification: &Verification<'_>) -> String {
    if verification.outages.is_empty() {
        return String::new();
    }
    let text = |step| storyboard::text(verification.topology, step);
    let steps: Vec<String> = verification.outages.iter().map(text).collect();
    folded("Outages of the storyboards", &fenced(&steps.join("\n")))
}

fn paths(verification: &Verification<'_>, names: &LabNames<'_>) -> String {
    let row = |checked: &Checked<'_>| {
        let [from, to] = checked.pair(verification.topology);
        vec![
            from.to_owned(),
            to.to_owned(),
            place(checked),
            checked.judgement.verdict.to_string(),
            best_time(&checked.observation).map_or_else(|| "-".to_owned(), shown),
            path(checked, names),
        ]
    };
    let rows: Vec<_> = verification.results.iter().map(row).collect();
    let headers = ["From", "To", "State", "Verdict", "RTT", "Path"];
    let paths = if rows.len() == 1 { "path" } else { "paths" };
    let title = format!("All {} {paths}", rows.len());
    folded(&title, &table(&headers, &rows))
}

fn folded(title: &str, body: &str) -> String {
    format!("<details>\n<summary>{title}</summary>\n\n{body}\n</details>\n")
}

fn fenced(text: &str) -> String {
    format!("```text\n{text}```\n")
}

fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let title = line(&mut headers.iter().map(|&header| header.to_owned()));
    let rule = line(&mut headers.iter().map(|_| "---".to_owned()));
    let rows: String = rows
        .iter()
        .map(|row| line(&mut row.iter().map(|cell| escaped(cell))))
        .collect();
    format!("{title}{rule}{rows}")
}

/// Text that Markdown shows as it is, and that ends no cell of a table.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}
