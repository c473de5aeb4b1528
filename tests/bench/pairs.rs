//! The time to prove every pair of many hosts, compared with Debian's traceroute, mtr and fping.
//!
//! Labs that `scripts/mesh` writes are brought up under new names. In each, the programs take turns, round after round,
//! so that other load on the machine affects all alike. Only `lab` and fping probe more than one pair per process, so
//! the others only run in the small lab. It needs root, and the packages that `scripts/bench-pairs` installs. `ROUNDS`,
//! `FEW` and `MANY` on the command line are the number of rounds, and of hosts in the two labs.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark starts programs, takes their time and prints it"
)]

use std::process::{self, Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs, path::PathBuf};

#[path = "pairs/contender.rs"]
mod contender;
#[path = "pairs/sources.rs"]
mod sources;

use contender::{CONTENDERS, Contender, Seen};
use sources::Host;

/// The measured program.
const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// A running lab, removed when dropped.
struct Mesh {
    name: String,
    file: PathBuf,
    hosts: Vec<Host>,
}

/// The results of a contender in all rounds.
#[derive(Default)]
struct Figures {
    seconds: Vec<f64>,
    seen: Seen,
}

fn main() {
    let numbers: Vec<usize> = env::args().filter_map(|word| word.parse().ok()).collect();
    let number = |place: usize, otherwise| numbers.get(place).copied().unwrap_or(otherwise);
    let (rounds, few, many) = (number(0, 3), number(1, 26), number(2, 101));
    measure(&Mesh::up(few), rounds, &CONTENDERS);
    let several = CONTENDERS.iter().filter(|one| one.takes_many_pairs);
    let several: Vec<Contender> = several.copied().collect();
    measure(&Mesh::up(many), rounds, &several);
}

fn measure(mesh: &Mesh, rounds: usize, contenders: &[Contender]) {
    let mut all: Vec<Figures> = contenders.iter().map(|_| Figures::default()).collect();
    for _ in 0..rounds {
        for (contender, figures) in contenders.iter().zip(&mut all) {
            let began = Instant::now();
            let seen = contender.prove(&mesh.name, &mesh.hosts);
            figures.add(began.elapsed(), seen);
        }
    }
    let count = mesh.hosts.len();
    let pairs = count * (count - 1);
    println!("{count} hosts, {pairs} pairs, {rounds} rounds by turns");
    println!(
        "{:<42}{:>9} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}",
        "", "median", "of lab's", "pairs/s", "probes/s", "probes", "lost", "unproved"
    );
    let lab = all.first().map_or(f64::NAN, Figures::median);
    for (contender, figures) in contenders.iter().zip(&all) {
        let median = figures.median();
        let probes = figures.seen.probes / rounds.max(1);
        println!(
            "{:<42}{median:>7.2} s {:>8.1}x {:>9.0} {:>9.0} {probes:>8} {:>8} {:>8}",
            contender.name,
            median / lab,
            per_second(pairs, median),
            per_second(probes, median),
            figures.seen.lost,
            pairs * rounds - figures.seen.reached,
        );
    }
    println!();
}

fn per_second(count: usize, seconds: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds
}

impl Figures {
    fn add(&mut self, took: Duration, seen: Seen) {
        self.seconds.push(took.as_secs_f64());
        self.seen.add(seen);
    }

    fn median(&self) -> f64 {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

impl Mesh {
    fn up(count: usize) -> Self {
        let name = format!("pairs-{count}-{}", process::id());
        let text = run(Command::new("scripts/mesh").arg(count.to_string()));
        let text = text.replacen("name: mesh\n", &format!("name: {name}\n"), 1);
        let file = env::temp_dir().join(format!("{name}.yaml"));
        fs::write(&file, &text).expect("a lab file");
        let mesh = Self {
            hosts: Host::all(&text),
            name,
            file,
        };
        run(Command::new(LAB).arg("up").arg(&mesh.file));
        mesh
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        // Nothing more can be done if this fails, and it must not hide why a benchmark failed.
        let _ = Command::new(LAB).args(["down", &self.name]).output();
        let _ = fs::remove_file(&self.file);
    }
}

/// The output of a program, which must not fail.
fn run(command: &mut Command) -> String {
    let output = output(command);
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn output(command: &mut Command) -> Output {
    let output = command.output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}
