//! Prints findings for people: the line, a mark under the word, and the help.

use annotate_snippets::normalize_untrusted_str;
use annotate_snippets::{self as snippets, Annotation, AnnotationKind, Renderer, Snippet};

use crate::findings::{Finding, Level, Place};
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
    let own = Marked::of(source, finding.place);
    let label = (!finding.label.is_empty()).then(|| on_one_line(&finding.label));
    let mut snippet = own.snippet(source);
    snippet = snippet.annotation(own.mark(AnnotationKind::Primary).label(label));
    let other = finding.other();
    let other = other.map(|other| (Marked::of(source, other.place), other.value));
    // A value that an alias repeats has one place in the text.
    let other = other.filter(|(other, _)| (other.number, other.at) != (own.number, own.at));
    let mut second = None;
    if let Some((other, label)) = &other {
        let mark = other.mark(AnnotationKind::Context).label(*label);
        if other.number == own.number {
            snippet = snippet.annotation(mark);
        } else {
            second = Some(other.snippet(source).annotation(mark));
        }
    }
    let level = match finding.level {
        Level::Error => snippets::Level::ERROR,
        Level::Warning => snippets::Level::WARNING,
    };
    let group = level
        .primary_title(on_one_line(&finding.message))
        .id(finding.rule.id)
        .element(snippet)
        .elements(second)
        .elements(
            finding
                .help
                .as_deref()
                .map(|help| snippets::Level::HELP.message(on_one_line(help))),
        );
    renderer.render(&[group])
}

/// A place of a source, on its line.
struct Marked {
    /// The line, as it is printed.
    line: String,
    /// Its number.
    number: usize,
    /// The byte of the line where the place is.
    at: usize,
}

impl Marked {
    fn of(source: &Source, place: Place) -> Self {
        let offset = offset(&source.text, place);
        let (number, start) = line_at(&source.text, offset);
        let line = source.text.get(start..).unwrap_or_default();
        let line = visible(line.lines().next().unwrap_or_default());
        let at = (offset - start).min(line.len());
        Self { line, number, at }
    }

    fn snippet(&self, source: &Source) -> Snippet<'_, Annotation<'_>> {
        Snippet::source(&self.line)
            .line_start(self.number)
            .path(on_one_line(&source.file))
    }

    /// A mark of the word at the place.
    fn mark(&self, kind: AnnotationKind) -> Annotation<'_> {
        kind.span(word(&self.line, self.at))
    }
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
