//! `lab ui`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{self, Format};
use crate::engine;
use crate::ui::{End, Page};

/// Show a running lab in a browser: its picture with the state of every link; traces, routes, paths and faults by a
/// click. Runs until Ctrl-C, or until the lab ends.
#[derive(Debug, Args)]
pub(super) struct Ui {
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    /// The port on loopback, 127.0.0.1; the default is any free port.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab ui --json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    /// It contains the token that the page requires.
    url: &'a str,
}

impl Ui {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        // A user namespace has its own loopback interface, which no browser can reach. So the port is opened before.
        let page = Page::at(self.port)?;
        engine::enter_user_namespace(self.lab.as_deref())?;
        let up = engine::running(self.lab.as_deref())?;
        let lab = up.folder.lab().to_string();
        let url = page.link();
        let end = page.serve(up, || {
            let report = Report {
                lab: &lab,
                url: &url,
            };
            self.format.print(&report, || {
                format!("lab {lab} is shown until Ctrl-C at {url}\n")
            })
        })?;
        if end == End::Lab && self.format.is_for_people() {
            output::line(&format!("lab {lab} has ended"))?;
        }
        Ok(Exit::Done)
    }
}
