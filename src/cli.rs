//! The command line: parses the arguments. Each command has its own file.

mod advertised;
mod backend;
mod bgp_peers;
mod capture;
mod compare;
mod complete;
mod connectivity;
mod diff;
mod doctor;
mod down;
mod exec;
mod exit;
mod expect;
mod explain;
mod export;
mod fault;
mod graph;
mod help;
mod here;
mod hints;
mod impair;
mod import;
mod imports;
mod init;
mod interrupt;
mod iperf;
mod learned;
mod ls;
mod matrix;
mod next_hop;
mod outfile;
mod output;
mod patience;
mod ping;
mod plan;
mod recording;
mod render;
mod routes;
mod schema;
mod shell;
mod show;
mod status;
mod strictness;
mod terminal;
mod trace;
mod ui;
mod up;
mod validate;
mod verify;
mod way;
mod which;
mod why;

use std::process::ExitCode;
use std::time::Duration;

use clap::{FromArgMatches, Parser, Subcommand};

use crate::engine;
use crate::names::LabName;
use crate::store;
use crate::supervisor;
use crate::units::parse_patience;
use exit::{CommandError, Exit};

/// Azure-like hybrid networks out of Linux network namespaces, on one machine, with real packets.
#[derive(Debug, Parser)]
#[command(name = "lab", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Stop after this time, such as 30s or 10min; an unfinished `lab up` then removes its lab. Not for exec, shell and
    /// ui.
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_patience)]
    timeout: Option<Duration>,
    /// When output is coloured: auto, which is on a terminal unless the environment variable `NO_COLOR` is set, always
    /// or never.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    color: terminal::Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build a lab: `lab up hub-spoke`, or a path to a lab file.
    Up(up::Up),
    /// Remove a lab completely.
    Down(down::Down),
    /// List running labs.
    Ls(ls::Ls),
    /// Show the state of a lab's nodes, links and tunnels.
    ///
    /// Of a link, IMPAIRMENTS are its delay, loss, rate and so on, and CARRIED BY is what carries its packets: `pair`, a
    /// veth pair alone; `netem` or `tbf`, a veth pair with this queue of the kernel; `wire`, the lab's supervisor, where
    /// the kernel has no netem. PACKETS and DROPPED count each direction: from FROM to TO, then from TO to FROM. Dropped
    /// packets were lost by an impairment, in a full queue, or because the far end was down. FROM and TO are interfaces,
    /// each NODE:INTERFACE.
    Status(status::Status),
    /// Take links or nodes down, blackhole links, or shut BGP sessions: `lab fault er1-primary`.
    Fault(fault::Fault),
    /// Repair what has failed: `lab heal er1-primary`, or `lab heal --all`.
    Heal(fault::Heal),
    /// Make a link delay, lose or rate-limit packets: `lab impair er1-primary --delay 40ms --loss 1%`.
    Impair(impair::Impair),
    /// Run a program inside a node: `lab exec hub-vm -- ping 10.2.30.10`.
    Exec(exec::Exec),
    /// Open a shell inside a node.
    Shell(exec::Shell),
    /// Send ICMP echo requests from inside a node.
    Ping(ping::Ping),
    /// Capture packets for Wireshark, at a node or at every hop of a path at once.
    ///
    /// `--along` and filters need tcpdump, which compiles filters (on Debian: `apt-get install tcpdump`). Ctrl-C ends a
    /// capture. A link that a process carries is captured as on the wire: at a tunnel's interface before encryption, and
    /// encrypted across the internet. TCP packets of up to 64 KiB that the kernel passes as one are written as the
    /// segments that the wire would carry.
    Capture(capture::Capture),
    /// Trace the path from inside a node, in tracert's layout.
    Trace(trace::Trace),
    /// Measure the throughput of a path: `lab iperf hub-vm loc1-vm`.
    Iperf(iperf::Iperf),
    /// Show a node's routes; those of a virtual machine as az does.
    Routes(routes::Routes),
    /// Show the BGP peers of a gateway or router, as az does.
    BgpPeers(bgp_peers::BgpPeers),
    /// Show what a gateway learned, as az does.
    LearnedRoutes(learned::LearnedRoutes),
    /// Show what a gateway advertises to a neighbour, as az does.
    AdvertisedRoutes(advertised::AdvertisedRoutes),
    /// Explain why packets take their path, in both directions.
    Why(why::Why),
    /// Show where a virtual machine sends packets for an address, as az's Network Watcher does.
    NextHop(next_hop::NextHop),
    /// Probe an address and show the path and its problems, as az's Network Watcher does.
    TestConnectivity(connectivity::TestConnectivity),
    /// Show how every machine reaches every other, as a grid.
    Matrix(matrix::Matrix),
    /// Show the paths that differ between two labs: `lab diff hub-spoke hub-spoke --down er1-primary`.
    Diff(diff::Diff),
    /// Prove every expected path of the lab file.
    Verify(verify::Verify),
    /// Record the paths of a lab as they are now in its file's section `expect`.
    Expect(expect::Expect),
    /// Show a running lab in a browser: `lab ui`, and open the link that it prints.
    Ui(ui::Ui),
    /// Draw a lab: regions, virtual networks, gateways, circuits, tunnels and sites.
    Graph(graph::Graph),
    /// Show what this machine supports, and how to add what is missing.
    Doctor(doctor::Doctor),
    /// Write a first lab file, with comments.
    Init(init::Init),
    /// Write a lab file of an Azure network: `lab import vnets.json gateways.json -o lab.yaml`.
    ///
    /// FILE is the output of `az network ... list -o json`, which `lab az-script` collects.
    Import(import::Import),
    /// Print the az commands whose output `lab import` reads. They only read.
    AzScript(import::AzScript),
    /// Write a lab as other tools read it: `lab export arm hub-spoke`.
    Export(export::Export),
    /// Compare what was recorded on Azure with a lab: `lab compare lab.yaml --effective-routes hub-vm.json`.
    Compare(compare::Compare),
    /// Explain a key of the lab file.
    Explain(explain::Explain),
    /// Print the JSON Schema of the lab file, or of a result.
    Schema(schema::Schema),
    /// Print completions for bash, zsh or fish.
    Completions(shell::Completions),
    /// Write the manual pages.
    Man(shell::Man),
    /// Check a lab file and show all of its errors.
    Validate(validate::Validate),
    /// Print a lab file with the names, prefixes and addresses that it leaves out.
    Show(show::Show),
    /// Show what `lab up` does to the kernel to build a lab.
    Plan(plan::Plan),
    /// Run the supervisor of a lab; `lab up` starts this.
    #[command(name = engine::COMMAND, hide = true)]
    Supervise {
        /// The lab.
        #[arg(value_parser = LabName::new)]
        lab: LabName,
    },
}

/// Runs the command and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    complete::answer_shell();
    let matches = hints::matches();
    output::note_format(&matches);
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    terminal::choose(arguments.color);
    arguments.command.bound(arguments.timeout);
    store::set_lock_wait(patience::for_locks(arguments.timeout));
    match dispatch(arguments.command, arguments.timeout) {
        Ok(exit) => exit.into(),
        Err(error) => error.report(),
    }
}

fn dispatch(command: Command, timeout: Option<Duration>) -> Result<Exit, CommandError> {
    let patience = timeout.unwrap_or(engine::PATIENCE);
    match command {
        Command::Up(command) => command.run(patience),
        Command::Down(command) => command.run(),
        Command::Ls(command) => command.run(),
        Command::Status(command) => command.run(),
        Command::Fault(command) => command.run(),
        Command::Heal(command) => command.run(),
        Command::Impair(command) => command.run(),
        Command::Exec(command) => command.run(),
        Command::Shell(command) => command.run(),
        Command::Ping(command) => command.run(),
        Command::Capture(command) => command.run(timeout),
        Command::Trace(command) => command.run(),
        Command::Iperf(command) => command.run(),
        Command::Routes(command) => command.run(),
        Command::BgpPeers(command) => command.run(),
        Command::LearnedRoutes(command) => command.run(),
        Command::AdvertisedRoutes(command) => command.run(),
        Command::Why(command) => command.run(),
        Command::NextHop(command) => command.run(),
        Command::TestConnectivity(command) => command.run(),
        Command::Matrix(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Verify(command) => command.run(patience, timeout),
        Command::Expect(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::AzScript(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Ui(command) => command.run(),
        Command::Graph(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Validate(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Supervise { lab } => supervisor::supervise(&lab)
            .map(|()| Exit::Done)
            .map_err(CommandError::Output),
    }
}
