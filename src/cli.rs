//! The command line: what was typed, and one file for each command.

mod advertised;
mod backend;
mod capture;
mod connectivity;
mod diff;
mod doctor;
mod down;
mod exec;
mod exit;
mod explain;
mod fault;
mod graph;
mod help;
mod impair;
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
mod routes;
mod schema;
mod shell;
mod status;
mod strictness;
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
    /// Give up after so long, such as 30s or 10min; a lab that is being built is removed then. Not for exec, shell and ui.
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_patience)]
    timeout: Option<Duration>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build a lab: `lab up hub-spoke`, or a path to a lab file.
    Up(up::Up),
    /// Remove a lab, leaving nothing.
    Down(down::Down),
    /// List the labs that are up.
    Ls(ls::Ls),
    /// Show a lab's nodes, links and tunnels and how they are.
    Status(status::Status),
    /// Take a link or a node down, or have it lose everything: `lab fault er1-primary`.
    Fault(fault::Fault),
    /// Mend what is broken: `lab heal er1-primary`, or `lab heal --all`.
    Heal(fault::Heal),
    /// Have a link delay, lose or throttle packets: `lab impair er1-primary --delay 40ms --loss 1%`.
    Impair(impair::Impair),
    /// Run a program inside a node: `lab exec hub-vm -- ping 10.2.30.10`.
    Exec(exec::Exec),
    /// Open a shell inside a node.
    Shell(exec::Shell),
    /// Send ICMP echo requests from inside a node.
    Ping(ping::Ping),
    /// Capture packets for Wireshark: at a node, or at every hop of a path at once.
    Capture(capture::Capture),
    /// Trace the path from inside a node, in tracert's layout.
    Trace(trace::Trace),
    /// Measure how much a path carries: `lab iperf hub-vm loc1-vm`.
    Iperf(iperf::Iperf),
    /// Show a node's routes, a virtual machine's as az does.
    Routes(routes::Routes),
    /// Show what a gateway learned, as az does.
    LearnedRoutes(learned::LearnedRoutes),
    /// Show what a gateway tells a neighbour, as az does.
    AdvertisedRoutes(advertised::AdvertisedRoutes),
    /// Show why packets take the way they do, there and back.
    Why(why::Why),
    /// Show where a virtual machine sends packets for an address, as az's Network Watcher does.
    NextHop(next_hop::NextHop),
    /// Probe an address and show what is on the way, as az's Network Watcher does.
    TestConnectivity(connectivity::TestConnectivity),
    /// Show how every machine reaches every other, as a grid.
    Matrix(matrix::Matrix),
    /// Show the paths that differ between two labs: `lab diff hub-spoke hub-spoke --down er1-primary`.
    Diff(diff::Diff),
    /// Prove every path that the lab file expects, all at once.
    Verify(verify::Verify),
    /// Show a lab in a browser, live: `lab ui`, and open the link that it prints.
    Ui(ui::Ui),
    /// Draw a lab: regions, virtual networks, gateways, circuits, tunnels and sites.
    Graph(graph::Graph),
    /// Show what this machine can do for labs, and what to do about what is missing.
    Doctor(doctor::Doctor),
    /// Write a commented lab to begin with.
    Init(init::Init),
    /// Tell what a key of the lab file means.
    Explain(explain::Explain),
    /// Print the JSON Schema of the lab file.
    Schema(schema::Schema),
    /// Print what makes bash, zsh or fish complete this program's commands.
    Completions(shell::Completions),
    /// Write the manual pages.
    Man(shell::Man),
    /// Check a lab file and show everything that is wrong with it.
    Validate(validate::Validate),
    /// Show what `lab up` would do to the kernel.
    Plan(plan::Plan),
    /// Stay with a lab; `lab up` starts this.
    #[command(name = supervisor::COMMAND, hide = true)]
    Supervise {
        /// The lab.
        #[arg(value_parser = LabName::new)]
        lab: LabName,
    },
}

/// Runs the command that was typed, and says how it went.
#[must_use]
pub fn run() -> ExitCode {
    // clap prints its own messages and exits with 2 for what it cannot understand.
    let matches = help::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    arguments.command.bound(arguments.timeout);
    store::set_lock_wait(patience::for_locks(arguments.timeout));
    match dispatch(arguments.command, arguments.timeout) {
        Ok(exit) => exit.into(),
        Err(error) => error.report(),
    }
}

fn dispatch(command: Command, timeout: Option<Duration>) -> Result<Exit, CommandError> {
    let patience = timeout.unwrap_or(supervisor::PATIENCE);
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
        Command::LearnedRoutes(command) => command.run(),
        Command::AdvertisedRoutes(command) => command.run(),
        Command::Why(command) => command.run(),
        Command::NextHop(command) => command.run(),
        Command::TestConnectivity(command) => command.run(),
        Command::Matrix(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Verify(command) => command.run(patience, timeout),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Schema(_) => schema::Schema::run(),
        Command::Ui(command) => command.run(),
        Command::Graph(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Validate(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Supervise { lab } => supervisor::supervise(&lab)
            .map(|()| Exit::Done)
            .map_err(CommandError::Output),
    }
}
