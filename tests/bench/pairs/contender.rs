//! The programs that prove pairs, how each is run, and their results.

use std::process::Command;

use crate::sources::{Host, from_each};
use crate::{LAB, output};

/// A program that proves pairs.
#[derive(Clone, Copy)]
pub(super) struct Contender {
    pub(super) name: &'static str,
    /// Whether one process probes all pairs of at least one host.
    pub(super) takes_many_pairs: bool,
    prove: fn(&str, &[Host]) -> Seen,
}

/// The results for the pairs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Pairs whose destination answered.
    pub(super) reached: usize,
    pub(super) probes: usize,
    /// Probes without an answer. Nothing in these labs loses a packet, so each of them is a false loss.
    pub(super) lost: usize,
}

pub(super) const CONTENDERS: [Contender; 4] = [
    Contender {
        name: "lab verify, every hop, 3 probes",
        takes_many_pairs: true,
        prove: |lab, _| verify(lab),
    },
    Contender {
        name: "traceroute -I, every hop, 3 probes",
        takes_many_pairs: false,
        prove: |lab, hosts| from_each(lab, hosts, 8, TRACEROUTE, traceroute),
    },
    Contender {
        name: "mtr -c 3 -i 0.1, every hop, 3 probes",
        takes_many_pairs: false,
        prove: |lab, hosts| from_each(lab, hosts, 8, MTR, mtr),
    },
    Contender {
        name: "fping -C 3 -i 1, destinations, 3 probes",
        takes_many_pairs: true,
        prove: |lab, hosts| from_each(lab, hosts, 8, FPING, fping),
    },
];

/// One process at a time: eight hosts at a time keep the processors busy.
const TRACEROUTE: &str = "for to; do traceroute -n -I -q 3 -w 1 \"$to\"; done";

/// Eight processes at a time per host, since mtr mostly waits.
const MTR: &str =
    "printf '%s\\n' \"$@\" | xargs -P 8 -n 1 mtr -n --report -c 3 -i 0.1 --gracetime 0.2";

const FPING: &str = "exec fping -q -C 3 -i 1 -p 150 -t 1000 \"$@\"";

impl Contender {
    pub(super) fn prove(&self, lab: &str, hosts: &[Host]) -> Seen {
        (self.prove)(lab, hosts)
    }
}

impl Seen {
    pub(super) fn add(&mut self, more: Self) {
        self.reached += more.reached;
        self.probes += more.probes;
        self.lost += more.lost;
    }
}

fn verify(lab: &str) -> Seen {
    let said = output(Command::new(LAB).args(["verify", "--steady", "--lab", lab]));
    let said = String::from_utf8_lossy(&said.stdout);
    let before = |words: &str| {
        let mut lines = said.lines().rev();
        let number = lines.find_map(|line| {
            let (before, _) = line.split_once(words)?;
            before.split([' ', ',']).next_back()?.parse().ok()
        });
        number.unwrap_or_else(|| panic!("`{words}` in what lab says"))
    };
    Seen {
        reached: before(" paths proved"),
        probes: before(" probes"),
        lost: before(" lost"),
    }
}

/// Lines such as ` 2  10.8.0.3  0.050 ms  0.007 ms  0.006 ms`, after one that names the destination.
fn traceroute(said: &str) -> Seen {
    let mut seen = Seen::default();
    for trace in said.split("traceroute to ").skip(1) {
        let destination = trace.split([' ', '(', ')']).next().unwrap_or_default();
        let hops = || trace.lines().skip(1);
        let answered = hops().map(|hop| hop.matches(" ms").count()).sum::<usize>();
        let lost = hops().map(|hop| hop.matches('*').count()).sum::<usize>();
        let end = hops().last().unwrap_or_default();
        let is_reached = end.split_whitespace().any(|word| word == destination);
        seen.add(Seen {
            reached: usize::from(is_reached),
            probes: answered + lost,
            lost,
        });
    }
    seen
}

/// Lines such as `  2.|-- 10.8.0.3   0.0%     3    0.1   0.1   0.1   0.1   0.0`, after a title.
fn mtr(said: &str) -> Seen {
    let mut seen = Seen::default();
    for report in said.split("HOST: ").skip(1) {
        let mut end = "";
        for hop in report.lines().filter(|line| line.contains(".|--")) {
            let mut words = hop.split_whitespace().skip(1);
            end = words.next().unwrap_or_default();
            let share = words.next().and_then(|word| word.strip_suffix('%'));
            let share: f64 = share.and_then(|share| share.parse().ok()).unwrap_or(100.0);
            let sent: u32 = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            let lost =
                (0..sent).filter(|one| f64::from(*one) + 0.5 < f64::from(sent) * share / 100.0);
            seen.probes += usize::try_from(sent).unwrap_or_default();
            seen.lost += lost.count();
        }
        // The addresses of all hosts of the labs end with this number.
        seen.reached += usize::from(end.ends_with(".10"));
    }
    seen
}

/// Lines such as `10.0.2.10 : 0.05 0.04 -`.
fn fping(said: &str) -> Seen {
    let mut seen = Seen::default();
    for (_, times) in said.lines().filter_map(|line| line.split_once(" : ")) {
        let times: Vec<&str> = times.split_whitespace().collect();
        let lost = times.iter().filter(|time| **time == "-").count();
        seen.add(Seen {
            reached: usize::from(lost < times.len()),
            probes: times.len(),
            lost,
        });
    }
    seen
}
