//! `lab capture`

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf, absolute};
use std::thread;
use std::time::Duration;

use clap::Args;
use nix::fcntl::OFlag;
use nix::unistd::pipe2;

use crate::capture::filter::WHOLE_PACKET;
use crate::capture::{CaptureError, Captured, Outlet, Until};
use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::now;
use crate::engine::{self, Came, CaptureRun, EngineError, Interrupts, PingRun, Span, Up};
use crate::units::{counted, parse_patience};

/// How long to wait for the answer to the single ping.
const ANSWER_PATIENCE: Duration = Duration::from_secs(2);

/// The maximum number of interfaces whose names are printed. If there are more, only their number is printed.
const MOST_LISTED: usize = 6;

/// Capture packets into a pcapng file, for Wireshark: `lab capture hub-vm icmp | wireshark -k -i -`.
#[derive(Debug, Args)]
#[command(
    override_usage = "lab capture [OPTIONS] <NODE[:INTERFACE]> [FILTER]...\n       \
                            lab capture [OPTIONS] --along <FROM> <TO> [FILTER]..."
)]
pub(super) struct Capture {
    /// The node, or one of its interfaces, and a filter in tcpdump's syntax: `hub-vpngw:eth0 tcp port 179`.
    #[arg(
        required_unless_present = "along",
        value_name = "NODE[:INTERFACE] FILTER"
    )]
    words: Vec<String>,
    /// Capture at every interface between two nodes, in both directions and on all equal-cost paths: the packets
    /// between the two that match FILTER, routers' errors about them, and the encrypted packets of tunnels. Needs
    /// tcpdump.
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    along: Option<Vec<String>>,
    /// Send one ping from FROM to TO, and end when it is answered or lost.
    #[arg(long, requires = "along")]
    ping: bool,
    /// The file to write, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// End after this many packets.
    #[arg(short, long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// End after this time, such as 10s or 5min.
    #[arg(long, value_parser = parse_patience)]
    duration: Option<Duration>,
    /// Keep this many bytes of each packet.
    #[arg(short, long, value_name = "BYTES", default_value_t = WHOLE_PACKET,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(WHOLE_PACKET)))]
    snapshot_length: u32,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
}

impl Capture {
    /// Captures until the end. `timeout` ends the capture as its own duration does.
    pub(super) fn run(&self, timeout: Option<Duration>) -> Result<Exit, CommandError> {
        // Entering a user namespace changes the working directory.
        let file = self.file().map(absolute).transpose()?;
        if file.is_none() && io::stdout().is_terminal() {
            return Err(CommandError::Terminal);
        }
        engine::enter_user_namespace(self.lab.as_deref())?;
        let up = engine::running(self.lab.as_deref())?;
        let ping = self.ping(&up)?;
        let filter = self.filter();
        let run = CaptureRun {
            span: self.span(&up)?,
            filter: &filter,
            bytes: self.snapshot_length,
        };
        let interrupts = Interrupts::hold()?;
        let capture = engine::capture(&up, &run)?;
        let output = open(file.as_deref())?;
        let names = capture.interfaces();
        say(&format!("capturing at {}; Ctrl-C ends it", listed(&names)));
        let bounds = self.duration.into_iter().chain(timeout);
        let deadline = bounds.min().and_then(|bound| now().checked_add(bound));
        let (over, answered) = pipe2(OFlag::O_CLOEXEC).map_err(io::Error::from)?;
        let (captured, times) = thread::scope(|scope| {
            let send = |ping| send(&up, ping, answered);
            let pinging = ping.map(|ping| scope.spawn(move || send(ping)));
            let mut words = vec![interrupts.as_fd()];
            words.extend(pinging.is_some().then(|| over.as_fd()));
            let until = Until {
                words,
                reader: output.as_fd(),
                deadline,
            };
            let mut writer = BufWriter::new(Outlet::new(&output, &until));
            let captured = capture.run(&mut writer, self.count, &until);
            (captured, pinging.and_then(|pinging| pinging.join().ok()))
        });
        // The signal that ended the capture is already handled.
        while interrupts.wait(over.as_fd(), Some(Duration::ZERO))? == Came::Signal {}
        say(&summary(captured.map_err(written)?, names.len()));
        match times.transpose()? {
            Some(times) if times.iter().all(Option::is_none) => {
                say("the ping was not answered");
                Ok(Exit::Unmet)
            }
            _ => Ok(Exit::Done),
        }
    }

    fn file(&self) -> Option<&Path> {
        let file = self.write.as_deref();
        file.filter(|file| file.as_os_str() != "-")
    }

    fn span<'a>(&'a self, up: &Up) -> Result<Span<'a>, CommandError> {
        let topology = &up.lab.topology;
        if let Some([from, to]) = self.along.as_deref() {
            return Ok(Span::Along(engine::find(topology, from)?, to));
        }
        let first = self.words.first().map_or("", String::as_str);
        let (node, interface) = match first.split_once(':') {
            Some((node, interface)) => (node, Some(interface)),
            None => (first, None),
        };
        Ok(Span::Node(engine::find(topology, node)?, interface))
    }

    fn filter(&self) -> String {
        let own = usize::from(self.along.is_none());
        self.words.get(own..).unwrap_or_default().join(" ")
    }

    fn ping(&self, up: &Up) -> Result<Option<PingRun>, CommandError> {
        let Some([from, to]) = self.along.as_deref().filter(|_| self.ping) else {
            return Ok(None);
        };
        let from = engine::find(&up.lab.topology, from)?;
        Ok(Some(PingRun {
            from,
            destination: up.address(from, to)?,
            count: 1,
            interval: ANSWER_PATIENCE,
            patience: ANSWER_PATIENCE,
        }))
    }
}

/// Opens the file to which packets are written.
fn open(file: Option<&Path>) -> Result<File, CommandError> {
    let Some(path) = file else {
        return Ok(io::stdout().as_fd().try_clone_to_owned()?.into());
    };
    File::create(path).map_err(|source| CommandError::File {
        action: "write",
        file: path.display().to_string(),
        source,
    })
}

/// Sends the single ping. When it is answered or lost, `answered` is closed.
fn send(up: &Up, ping: PingRun, answered: OwnedFd) -> Result<Vec<Option<Duration>>, EngineError> {
    let times = engine::ping(up, ping, &mut |_| {});
    drop(answered);
    times
}

/// If the reader of the output is gone, the capture ends without an error, like any other output.
fn written(error: EngineError) -> CommandError {
    match error {
        EngineError::Capture(CaptureError::Output(source)) => CommandError::Output(source),
        error => error.into(),
    }
}

fn summary(captured: Captured, interfaces: usize) -> String {
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let mut summary = format!(
        "{} captured at {}, {} dropped",
        counted(number(captured.packets), "packet"),
        counted(interfaces, "interface"),
        captured.dropped
    );
    if captured.cut > 0 {
        let _ = write!(
            summary,
            "; {} of segmentation offload shown as the segments of a wire",
            counted(number(captured.cut), "TCP packet")
        );
    }
    summary
}

fn listed(names: &[String]) -> String {
    if names.len() <= MOST_LISTED {
        return names.join(", ");
    }
    let nodes = names.iter().filter_map(|name| name.split(':').next());
    let nodes: BTreeSet<&str> = nodes.collect();
    let interfaces = counted(names.len(), "interface");
    format!("{interfaces} of {}", counted(nodes.len(), "node"))
}

/// Writes a message to standard error, since standard output has the packets.
fn say(words: &str) {
    // If this write fails, nobody can read the message.
    let _ = writeln!(io::stderr(), "{words}");
}
