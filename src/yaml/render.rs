//! Prints findings for people: the line, a mark under the word, and the help.

use annotate_snippets::normalize_untrusted_str;
use annotate_snippets::{self as snippets, AnnotationKind, Renderer, Snippet};

use crate::findings::{Finding, Level};
use crate::units::counted;
use crate::yaml::Source;
use crate::yaml::position::{line_at, offset, word};

/// The maximum number of printed findings. Nobody fixes more at once.
const MOST_SHOWN: usize = 100;

/// The most bytes that are read again to find positions. Each position costs one pass over the text.
const MOST_READ: usize = 16 << 20;

/// The findings of a source, each with its line, and their number: errors first, then warnings, both in the order of
/// the text. The number of warnings is printed only if some are omitted.
#[must_use]
pub fn render(source: &Source, findings: &[Finding]) -> String {
    rendered(source, findings, &Renderer::plain())
}

/// The same, in the colours of a terminal.
#[must_use]
pub fn render_in_colour(source: &Source, findings: &[Finding]) -> String {
    rendered(source, findings, &Renderer::styled())
}

fn rendered(source: &Source, findings: &[Finding], renderer: &Renderer) -> String {
    let shown = first_shown(source, findings);
    let mut paragraphs: Vec<_> = shown
        .into_iter()
        .map(|finding| render_one(source, finding, renderer))
        .collect();
    paragraphs.extend(closing(source, findings));
    paragraphs.join("\n\n") + "\n"
}

/// The findings of a source that are printed, in order.
#[must_use]
pub fn first_shown<'f>(source: &Source, findings: &'f [Finding]) -> Vec<&'f Finding> {
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by_key(|finding| (finding.level, finding.place));
    sorted.truncate(most_shown(source));
    sorted
}

/// The most findings of a source whose positions are computed.
fn most_shown(source: &Source) -> usize {
    let affordable = MOST_READ / source.text.len().max(1);
    affordable.clamp(10, MOST_SHOWN)
}

fn render_one(source: &Source, finding: &Finding, renderer: &Renderer) -> String {
    let offset = offset(&source.text, finding.place);
    let (number, start) = line_at(&source.text, offset);
    let line = source.text.get(start..).unwrap_or_default();
    let line = &visible(line.lines().next().unwrap_or_default());
    let label = (!finding.label.is_empty()).then(|| on_one_line(&finding.label));
    let mark = AnnotationKind::Primary
        .span(word(line, (offset - start).min(line.len())))
        .label(label);
    let snippet = Snippet::source(line)
        .line_start(number)
        .path(on_one_line(&source.file))
        .annotation(mark);
    let level = match finding.level {
        Level::Error => snippets::Level::ERROR,
        Level::Warning => snippets::Level::WARNING,
    };
    let group = level
        .primary_title(on_one_line(&finding.message))
        .id(finding.rule.id)
        .element(snippet)
        .elements(
            finding
                .help
                .as_deref()
                .map(|help| snippets::Level::HELP.message(on_one_line(help))),
        );
    renderer.render(&[group])
}

/// Replaces control characters, so that none reaches a terminal; the renderer of snippets does not replace those from
/// U+0080 to U+009F. The replacement has the same length, so that the marks stay in place.
fn visible(line: &str) -> String {
    line.replace(|c| matches!(c, '\u{80}'..='\u{9f}'), "\u{b7}")
}

fn on_one_line(text: &str) -> String {
    let spaced = text.replace(['\n', '\u{2028}', '\u{2029}'], " ");
    normalize_untrusted_str(&visible(&spaced))
}

fn closing(source: &Source, findings: &[Finding]) -> Option<String> {
    let count = findings.len();
    let most = most_shown(source);
    let warnings = findings.iter().filter(|it| !it.is_error()).count();
    let shown = if count > most {
        format!(", the first {most} shown")
    } else {
        String::new()
    };
    let file = on_one_line(&source.file);
    if warnings == count {
        return (count > most).then(|| format!("{} in {file}{shown}", counted(count, "warning")));
    }
    let among = match warnings {
        0 => String::new(),
        1 => ", 1 of them a warning".to_owned(),
        several => format!(", {several} of them warnings"),
    };
    Some(format!(
        "{} in {file}{among}{shown}",
        counted(count, "finding")
    ))
}
