//! Measures the throughput of a path, with iperf3 at both ends.
#![expect(
    clippy::disallowed_methods,
    reason = "iperf3 is a program: one is started at each end"
)]

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use crate::addresses::Address;
use crate::engine::{EngineError, Up, running};
use crate::kernel::netns::Netns;
use crate::kernel::programs;
use crate::network::State;
use crate::topology::NodeId;
use crate::units::Bandwidth;
use crate::verify::{self, Bottleneck, Lossy};

/// The program.
pub(super) const PROGRAM: &str = "iperf3";

/// What the server prints when it accepts connections.
const LISTENING: &str = "Server listening";

/// How long the end may take after the measurement.
const PATIENCE: Duration = Duration::from_secs(15);

/// A datagram's payload in bytes: it fits into every tunnel (1,400 bytes) in one piece.
const DATAGRAM: &str = "1350";

/// How long the client may take to reach the server, in milliseconds.
const CONNECT_PATIENCE: &str = "5000";

/// The measurement.
#[derive(Debug, Clone, Copy)]
pub struct IperfRun {
    /// The node that sends, unless `reverse`.
    pub from: NodeId,
    /// The node that receives.
    pub to: NodeId,
    /// Its address.
    pub address: Address,
    /// The duration.
    pub time: Duration,
    /// The number of parallel streams.
    pub streams: u8,
    /// Reverse direction: `to` sends.
    pub reverse: bool,
    /// UDP at that rate; `None` for TCP.
    pub udp: Option<Bandwidth>,
}

/// The result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throughput {
    /// Received payload in bit/s.
    pub bits_per_second: f64,
    /// TCP retransmissions; `None` for UDP.
    pub retransmits: Option<u64>,
    /// The share of lost datagrams, in percent; `None` for TCP.
    pub lost_percent: Option<f64>,
}

/// The fields of iperf3's report that are used.
#[derive(Debug, Deserialize)]
struct Report {
    error: Option<String>,
    end: Option<End>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct End {
    sum_sent: Sum,
    sum_received: Sum,
    sum: Sum,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sum {
    bits_per_second: f64,
    retransmits: Option<u64>,
    lost_percent: Option<f64>,
}

/// A program that is killed when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Normally it has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures a path.
///
/// # Errors
///
/// [`EngineError::NoProgram`] without iperf3, [`EngineError::Iperf`] for its own errors, and [`EngineError::System`].
pub fn throughput(up: &Up, run: &IperfRun) -> Result<Throughput, EngineError> {
    let [near, far] = [up.namespace(run.from)?, up.namespace(run.to)?];
    let (_server, _output) = serve(&far, run.address)?;
    let client = start(&near, &client_arguments(run))?;
    let text = hear(client, run.time + PATIENCE)?;
    parse(&text, run.udp.is_some())
}

/// All output of a program. If it takes too long, as when the path fails meanwhile, it is ended.
fn hear(mut program: Ended, patience: Duration) -> Result<String, EngineError> {
    let Some(mut output) = program.0.stdout.take() else {
        return Ok(String::new());
    };
    let (says, heard) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = output.read_to_string(&mut text);
        // After the timeout its output is not read.
        let _ = says.send(read.map(|_| text));
    });
    match heard.recv_timeout(patience) {
        Ok(read) => read.map_err(|source| EngineError::system("read what iperf3 says", source)),
        Err(_) => Err(EngineError::Iperf(format!(
            "no result within {} s: the path broke, or the machine is overloaded",
            patience.as_secs()
        ))),
    }
}

/// The bottleneck from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// The part of the path with the lowest rate; `None` if no part has a limit.
    pub narrowest: Option<Bottleneck>,
    /// The links on the path with random loss.
    pub lossy: Vec<Lossy>,
}

/// The bottleneck from one node to another, in the lab's present state.
///
/// # Errors
///
/// [`EngineError`], if the lab's state cannot be read.
pub fn bounds(up: &Up, from: NodeId, to: NodeId) -> Result<Bounds, EngineError> {
    let topology = &up.lab.topology;
    let State {
        tables,
        disturbances,
        ..
    } = running::state(up)?;
    let current = &disturbances.impaired;
    Ok(Bounds {
        narrowest: verify::bottleneck(topology, &tables, current, from, to),
        lossy: verify::lossy(topology, &tables, current, from, to),
    })
}

/// A server for one client, on one address of its node. The pipe must stay open while it runs.
fn serve(space: &Netns, address: Address) -> Result<(Ended, BufReader<ChildStdout>), EngineError> {
    let address = address.to_string();
    let words = ["-s", "-1", "--forceflush", "-B", &address].map(str::to_owned);
    let mut server = start(space, &words)?;
    let output = server.0.stdout.take().map(BufReader::new);
    let mut output = output.ok_or_else(|| {
        EngineError::system("hear iperf3", io::Error::from(io::ErrorKind::BrokenPipe))
    })?;
    let mut said = String::new();
    while !said.contains(LISTENING) {
        let before = said.len();
        let read = output
            .read_line(&mut said)
            .map_err(|source| EngineError::system("hear iperf3", source))?;
        if read == 0 {
            return Err(EngineError::Iperf(last_line(&said[..before])));
        }
    }
    Ok((server, output))
}

fn client_arguments(run: &IperfRun) -> Vec<String> {
    let mut words = vec![
        "-J".to_owned(),
        "-c".to_owned(),
        run.address.to_string(),
        "-t".to_owned(),
        run.time.as_secs().max(1).to_string(),
        "-P".to_owned(),
        run.streams.to_string(),
        "--connect-timeout".to_owned(),
        CONNECT_PATIENCE.to_owned(),
    ];
    if run.reverse {
        words.push("-R".to_owned());
    }
    let more = match run.udp {
        Some(rate) => {
            let each = rate.bits_per_second() / u64::from(run.streams.max(1));
            vec![
                "-u".to_owned(),
                "-b".to_owned(),
                each.to_string(),
                "-l".to_owned(),
                DATAGRAM.to_owned(),
            ]
        }
        // The first second, in which TCP finds its rate, is left out.
        None => vec!["-O".to_owned(), "1".to_owned()],
    };
    words.extend(more);
    words
}

fn start(space: &Netns, arguments: &[String]) -> Result<Ended, EngineError> {
    let started = space.within(|| {
        Command::new(programs::named(PROGRAM))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    });
    match started.and_then(|result| result) {
        Ok(child) => Ok(Ended(child)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(EngineError::no_program(PROGRAM))
        }
        Err(source) => Err(EngineError::system("start iperf3", source)),
    }
}

fn parse(text: &str, is_udp: bool) -> Result<Throughput, EngineError> {
    let report: Report =
        serde_json::from_str(text).map_err(|_| EngineError::Iperf(last_line(text)))?;
    if let Some(error) = report.error {
        return Err(EngineError::Iperf(error));
    }
    let end = report.end.unwrap_or_default();
    if is_udp {
        return Ok(Throughput {
            bits_per_second: end.sum_received.bits_per_second,
            retransmits: None,
            lost_percent: Some(end.sum.lost_percent.unwrap_or_default()),
        });
    }
    Ok(Throughput {
        bits_per_second: end.sum_received.bits_per_second,
        retransmits: end.sum_sent.retransmits,
        lost_percent: None,
    })
}

fn last_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next_back().unwrap_or("it said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrived_counts() {
        let tcp = r#"{"end": {"sum_sent": {"bits_per_second": 2.0e8, "retransmits": 7},
                      "sum_received": {"bits_per_second": 1.9e8}}}"#;
        let expected = Throughput {
            bits_per_second: 1.9e8,
            retransmits: Some(7),
            lost_percent: None,
        };
        assert_eq!(parse(tcp, false).unwrap(), expected);
        let udp = r#"{"end": {"sum": {"bits_per_second": 1e8, "lost_percent": 25},
                      "sum_received": {"bits_per_second": 7.5e7}}}"#;
        let expected = Throughput {
            bits_per_second: 7.5e7,
            retransmits: None,
            lost_percent: Some(25.0),
        };
        assert_eq!(parse(udp, true).unwrap(), expected);
    }

    #[test]
    fn what_iperf_says_is_passed_on() {
        let refused = r#"{"error": "unable to connect to server: Connection refused"}"#;
        let said = |text| parse(text, false).unwrap_err().to_string();
        assert_eq!(
            said(refused),
            "iperf3: unable to connect to server: Connection refused"
        );
        assert_eq!(
            said("iperf3: out of memory\n"),
            "iperf3: iperf3: out of memory"
        );
        assert_eq!(said(""), "iperf3: it said nothing");
    }
}
