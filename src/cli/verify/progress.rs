//! The progress of a verification on standard error: a bar on a terminal, otherwise lines.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::cli::output;
use crate::engine;
use crate::report::verification::STEADY;
use crate::units::counted;

/// The minimum time between two lines about the same state of the lab, so that logs stay short.
const LINE_GAP: Duration = Duration::from_secs(5);

/// The duration from which on a wait gets a message.
const LONG_WAIT: Duration = Duration::from_secs(2);

/// Where progress is printed.
pub(super) enum Progress {
    /// Nowhere.
    Nobody,
    /// On a terminal.
    Bar(Bar),
    /// In a file or a pipe.
    Lines(Lines),
}

/// A line at the bottom of a terminal. It is removed at the end.
pub(super) struct Bar {
    bar: ProgressBar,
    title: String,
}

/// Lines for a log.
pub(super) struct Lines {
    last: Instant,
}

/// The title of the paths without an expectation.
const OTHERS: &str = "pairs without an expectation";

impl Progress {
    /// Starts to print progress, unless `is_quiet`.
    pub(super) fn begin(is_quiet: bool) -> Self {
        if is_quiet {
            Self::Nobody
        } else if io::stderr().is_terminal() {
            Self::Bar(Bar::new())
        } else {
            Self::Lines(Lines {
                last: output::now(),
            })
        }
    }

    /// Starts a new state of the lab, with the number of paths to verify.
    fn state(&mut self, name: &str, paths: usize) {
        match self {
            Self::Nobody => {}
            Self::Bar(bar) => {
                bar.title = title(name, paths);
                bar.wait("");
            }
            Self::Lines(lines) => {
                lines.last = output::now();
                write(&title(name, paths));
            }
        }
    }

    /// Handles an event of the engine.
    pub(super) fn hear(&mut self, event: engine::Progress<'_>) {
        match event {
            engine::Progress::Steady(paths) => return self.state(STEADY, paths),
            engine::Progress::Others(paths) => return self.state(OTHERS, paths),
            engine::Progress::Step(storyboard, step) => {
                let name = format!("{}: {}", storyboard.name, step.name);
                return self.state(&name, step.expectations.len());
            }
            engine::Progress::Waiting(_) | engine::Progress::Probing { .. } => {}
        }
        match self {
            Self::Nobody => {}
            Self::Bar(bar) => bar.hear(event),
            Self::Lines(lines) => {
                if let Some(line) = lines.line(event, output::now()) {
                    write(&line);
                }
            }
        }
    }
}

impl Lines {
    /// The line for an event, if it is due.
    fn line(&mut self, event: engine::Progress<'_>, now: Instant) -> Option<String> {
        let line = match event {
            engine::Progress::Waiting(time) if time >= LONG_WAIT => {
                format!("  {}", waits(time))
            }
            engine::Progress::Probing { sent, of, .. }
                if now.saturating_duration_since(self.last) >= LINE_GAP =>
            {
                format!("  {sent} of {of} probes sent")
            }
            _ => return None,
        };
        self.last = now;
        Some(line)
    }
}

fn title(name: &str, paths: usize) -> String {
    format!("{name}: {}", counted(paths, "path"))
}

fn waits(time: Duration) -> String {
    format!("waits {:.0} s for timers", time.as_secs_f64())
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self {
            bar: bar.with_finish(ProgressFinish::AndClear),
            title: String::new(),
        }
    }

    fn hear(&self, event: engine::Progress<'_>) {
        match event {
            engine::Progress::Waiting(time) if time >= LONG_WAIT => {
                self.wait(&format!(", {}", waits(time)));
            }
            engine::Progress::Probing { sent, of, .. } => {
                if sent == 0 {
                    self.show("{msg}  [{bar:30}] {pos}/{len} probes", "");
                    self.bar.set_length(of as u64);
                }
                self.bar.set_position(sent as u64);
            }
            _ => {}
        }
    }

    /// Replaces the counter by a message.
    fn wait(&self, why: &str) {
        self.show("{msg}", why);
    }

    fn show(&self, template: &str, why: &str) {
        // If the template is invalid, the previous one stays.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.set_message(format!("{}{why}", self.title));
    }
}

/// An error is ignored, since the result is still printed.
fn write(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gets_a_line_in_five_seconds_at_most() {
        let began = output::now();
        let mut lines = Lines { last: began };
        let mut line = |seconds, event| lines.line(event, began + Duration::from_secs(seconds));
        let probing = |sent| engine::Progress::Probing {
            paths: 9,
            sent,
            of: 90,
        };
        assert_eq!(line(1, probing(10)), None);
        assert_eq!(
            line(6, probing(60)).as_deref(),
            Some("  60 of 90 probes sent")
        );
        assert_eq!(line(7, probing(70)), None);
        let wait = |time| engine::Progress::Waiting(Duration::from_secs(time));
        assert_eq!(line(7, wait(1)), None);
        assert_eq!(
            line(7, wait(60)).as_deref(),
            Some("  waits 60 s for timers")
        );
    }
}
