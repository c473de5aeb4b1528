//! Runs `lab` processes, and measures them and their labs.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark starts programs and times them"
)]

use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::time::Instant;
use std::{env, fs};

/// The program under test.
const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// The name of the lab that `scripts/chain` writes.
const CHAIN: &str = "name: chain\n";

/// A chain's lab file, and one with one more link.
pub(super) struct Chain {
    folder: PathBuf,
    pub(super) file: String,
    pub(super) with_a_link: String,
}

impl Chain {
    /// Makes `scripts/chain` write the files.
    pub(super) fn of(nodes: usize) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/chain");
        let output = Command::new(script)
            .arg(nodes.to_string())
            .output()
            .expect("scripts/chain is there");
        let text = String::from_utf8(output.stdout).expect("a lab file is text");
        let text = text.replace(CHAIN, &format!("name: {}\n", name()));
        let middle = nodes / 2;
        let link = format!(
            "    links:\n      - {{ a: r1, b: r{middle}, addresses: [10.255.0.0/31, 10.255.0.1/31] }}\n"
        );
        let folder = env::temp_dir().join(format!("{}-{nodes}", name()));
        fs::create_dir_all(&folder).expect("a folder for the benchmark's files");
        let write = |file: &str, text: &str| {
            let path = folder.join(file);
            fs::write(&path, text).expect("a file in the benchmark's own folder");
            path.display().to_string()
        };
        Self {
            file: write("chain.yaml", &text),
            with_a_link: write("linked.yaml", &text.replace("    links:\n", &link)),
            folder,
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // Remains are in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The name of the chains' lab, different from users' labs.
pub(super) fn name() -> String {
    format!("bench-{}", process::id())
}

/// The time of a `lab` process, in milliseconds.
pub(super) fn lab(arguments: &[&str]) -> f64 {
    let began = Instant::now();
    let status = Command::new(LAB)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .expect("the program is built");
    let elapsed = began.elapsed();
    assert!(status.success(), "lab {arguments:?} ends with {status}");
    elapsed.as_secs_f64() * 1000.0
}

/// The time of `lab up` and of its phases, in milliseconds.
pub(super) fn up(file: &str) -> (f64, Vec<(String, f64)>) {
    let began = Instant::now();
    let report = told(&["up", file, "--timings", "--json"]);
    let elapsed = began.elapsed().as_secs_f64() * 1000.0;
    let laps = report["timings"].as_array().into_iter().flatten();
    let phases = laps.filter_map(|lap| {
        let name = lap["phase"].as_str()?;
        Some((name.to_owned(), lap["elapsed_ms"].as_f64()?))
    });
    (elapsed, phases.collect())
}

/// The JSON output of a `lab` process.
pub(super) fn told(arguments: &[&str]) -> serde_json::Value {
    let output = Command::new(LAB)
        .args(arguments)
        .output()
        .expect("the program is built");
    serde_json::from_slice(&output.stdout).expect("the program prints JSON")
}

/// The process of a lab's supervisor.
pub(super) fn supervisor(lab: &str) -> u64 {
    let status = told(&["status", "--lab", lab, "--json"]);
    status["supervisor"]["pid"]
        .as_u64()
        .expect("a lab that is up has a supervisor")
}

/// A value of a process's status, or of the machine's memory, in mebibytes.
pub(super) fn mebibytes(file: &str, key: &str) -> f64 {
    let text = fs::read_to_string(file).expect("/proc is mounted");
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let kibibytes = line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next());
    kibibytes
        .and_then(|number| number.parse::<f64>().ok())
        .unwrap_or_default()
        / 1024.0
}

/// The processor time that a process's threads have used, in milliseconds.
pub(super) fn processor_time(process: u64) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let used = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    used.sum::<f64>() / 1e6
}
