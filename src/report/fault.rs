//! What `lab fault` and `lab heal` print.

use std::fmt;

use serde::Serialize;

use crate::report::tsv::{Rows, listed};
use crate::units::counted;

/// The names of the columns for scripts: those of the fields.
const COLUMNS: &[&str] = &[
    "lab",
    "links",
    "sessions",
    "state",
    "routes",
    "nodes",
    "cleared",
    "mended",
    "later_ms",
    "elapsed_ms",
];

/// The effect of an action on links and BGP sessions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Effect<'a> {
    /// The links.
    pub links: &'a [String],
    /// The BGP sessions.
    pub sessions: &'a [String],
    /// Their current state: `up`, `down`, which is shut for a session, or `blackhole`.
    pub state: &'a str,
    /// The number of routes that were added, removed or changed.
    pub routes: usize,
    /// The number of nodes with such changes.
    pub nodes: usize,
    /// The links whose impairments are those of the lab file again.
    pub cleared: &'a [String],
    /// The number of other repaired differences between the lab file and the kernel.
    pub mended: usize,
    /// Milliseconds until further sessions detect the failure; null if no detection is pending.
    pub later_ms: Option<f64>,
    /// Milliseconds until the routes were installed.
    pub elapsed_ms: f64,
}

impl fmt::Display for Effect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            links,
            sessions,
            state,
            routes,
            nodes,
            cleared,
            mended,
            later_ms,
            elapsed_ms,
        } = self;
        let repaired = repaired(cleared, *mended);
        let names: Vec<&str> = links.iter().chain(*sessions).map(String::as_str).collect();
        let is = match (*state, names.len()) {
            (_, 0) if repaired.is_empty() => return f.write_str("nothing has failed"),
            (_, 0) => return write!(f, "{repaired} in {elapsed_ms:.0} ms"),
            ("blackhole", 1) => "loses everything",
            ("blackhole", _) => "lose everything",
            (_, 1) => "is",
            _ => "are",
        };
        write!(f, "{} {is}", names.join(", "))?;
        match (*state, links.is_empty()) {
            ("blackhole", _) => {}
            ("down", true) => f.write_str(" shut")?,
            ("up", true) => f.write_str(" open")?,
            _ => write!(f, " {state}")?,
        }
        let [routes, nodes] = [counted(*routes, "route"), counted(*nodes, "node")];
        write!(f, ": {routes} of {nodes} changed in {elapsed_ms:.0} ms")?;
        if !repaired.is_empty() {
            write!(f, "; {repaired}")?;
        }
        match later_ms {
            Some(later) => write!(f, "; more in {:.1} s", later / 1e3),
            None => Ok(()),
        }
    }
}

impl Effect<'_> {
    /// The same as one row for scripts.
    #[must_use]
    pub fn rows(&self, lab: &str) -> Rows {
        let later = self.later_ms.map(|later| later.to_string());
        let row = vec![
            lab.to_owned(),
            listed(self.links),
            listed(self.sessions),
            self.state.to_owned(),
            self.routes.to_string(),
            self.nodes.to_string(),
            listed(self.cleared),
            self.mended.to_string(),
            later.unwrap_or_default(),
            self.elapsed_ms.to_string(),
        ];
        Rows {
            columns: COLUMNS,
            rows: vec![row],
        }
    }
}

/// What `lab heal --all` did besides healing links; empty if nothing.
fn repaired(cleared: &[String], mended: usize) -> String {
    let cleared =
        (!cleared.is_empty()).then(|| format!("impairments of {} ended", cleared.join(", ")));
    let mended = (mended > 0).then(|| {
        format!(
            "{} from the lab file repaired",
            counted(mended, "difference")
        )
    });
    let all: Vec<String> = cleared.into_iter().chain(mended).collect();
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(
        links: &[&str],
        state: &str,
        [routes, nodes, mended]: [usize; 3],
        later: Option<f64>,
    ) -> String {
        let links: Vec<String> = links.iter().map(|&link| link.to_owned()).collect();
        let effect = Effect {
            links: &links,
            sessions: &[],
            state,
            routes,
            nodes,
            cleared: &[],
            mended,
            later_ms: later,
            elapsed_ms: 7.4,
        };
        effect.to_string()
    }

    fn of_session(state: &str) -> String {
        let effect = Effect {
            links: &[],
            sessions: &["session:a/b".to_owned()],
            state,
            routes: 2,
            nodes: 1,
            cleared: &[],
            mended: 0,
            later_ms: None,
            elapsed_ms: 7.4,
        };
        effect.to_string()
    }

    fn with_cleared(links: &[&str]) -> String {
        let links: Vec<String> = links.iter().map(|&link| link.to_owned()).collect();
        let effect = Effect {
            links: &links,
            sessions: &[],
            state: "up",
            routes: 12,
            nodes: 9,
            cleared: &["a".to_owned(), "b".to_owned()],
            mended: 1,
            later_ms: None,
            elapsed_ms: 7.4,
        };
        effect.to_string()
    }

    #[test]
    fn an_effect_is_one_row_for_scripts() {
        let links = ["a", "b"].map(str::to_owned);
        let effect = Effect {
            links: &links,
            sessions: &[],
            state: "down",
            routes: 12,
            nodes: 9,
            cleared: &[],
            mended: 0,
            later_ms: None,
            elapsed_ms: 7.5,
        };
        assert_eq!(
            effect.rows("hub").text(true),
            "lab\tlinks\tsessions\tstate\troutes\tnodes\tcleared\tmended\tlater_ms\telapsed_ms\n\
             hub\ta,b\t\tdown\t12\t9\t\t0\t\t7.5\n"
        );
    }

    #[test]
    fn what_changed_and_what_is_to_come_is_one_sentence() {
        let lines = [
            said(&["er1-primary"], "down", [12, 9, 0], None),
            said(&["a", "b"], "down", [1, 1, 0], Some(180_000.0)),
            said(&["er1-primary"], "blackhole", [0, 0, 0], Some(893.0)),
            said(&["er1-primary"], "up", [12, 9, 1], None),
            said(&[], "up", [0, 0, 0], None),
            said(&[], "up", [0, 0, 2], None),
            with_cleared(&[]),
            with_cleared(&["er1-primary"]),
            of_session("down"),
            of_session("up"),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r"
        er1-primary is down: 12 routes of 9 nodes changed in 7 ms
        a, b are down: 1 route of 1 node changed in 7 ms; more in 180.0 s
        er1-primary loses everything: 0 routes of 0 nodes changed in 7 ms; more in 0.9 s
        er1-primary is up: 12 routes of 9 nodes changed in 7 ms; 1 difference from the lab file repaired
        nothing has failed
        2 differences from the lab file repaired in 7 ms
        impairments of a, b ended; 1 difference from the lab file repaired in 7 ms
        er1-primary is up: 12 routes of 9 nodes changed in 7 ms; impairments of a, b ended; 1 difference from the lab file repaired
        session:a/b is shut: 2 routes of 1 node changed in 7 ms
        session:a/b is open: 2 routes of 1 node changed in 7 ms
        ");
    }
}
