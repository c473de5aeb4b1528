//! The command line: what was typed, and one file for each command.

mod advertised;
mod backend;
mod diff;
mod doctor;
mod down;
mod exec;
mod exit;
mod fault;
mod impair;
mod interrupt;
mod iperf;
mod learned;
mod ls;
mod matrix;
mod output;
mod patience;
mod ping;
mod plan;
mod routes;
mod status;
mod trace;
mod up;
mod validate;
mod verify;
mod which;
mod why;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::supervisor;
use crate::units::parse_duration;
use exit::{CommandError, Exit};

/// Azure-like hybrid networks out of Linux network namespaces, on one machine, with real packets.
#[derive(Debug, Parser)]
#[command(name = "lab", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Give up after so long, such as 30s; a lab that is being built is removed then. Not for exec and shell.
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
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
    /// Show how every machine reaches every other, as a grid.
    Matrix(matrix::Matrix),
    /// Show the paths that differ between two labs: `lab diff hub-spoke hub-spoke --down er1-primary`.
    Diff(diff::Diff),
    /// Prove every path that the lab file expects, all at once.
    Verify(verify::Verify),
    /// Show what this machine can do for labs, and what to do about what is missing.
    Doctor(doctor::Doctor),
    /// Check a lab file and show everything that is wrong with it.
    Validate(validate::Validate),
    /// Show what `lab up` would do to the kernel.
    Plan(plan::Plan),
    /// Stay with a lab; `lab up` starts this.
    #[command(name = supervisor::COMMAND, hide = true)]
    Supervise,
}

/// Runs the command that was typed, and says how it went.
#[must_use]
pub fn run() -> ExitCode {
    // clap prints its own messages and exits with 2 for what it cannot understand.
    let arguments = Arguments::parse();
    arguments.command.bound(arguments.timeout);
    let patience = arguments.timeout.unwrap_or(supervisor::PATIENCE);
    match dispatch(arguments.command, patience) {
        Ok(exit) => exit.into(),
        Err(error) => error.report(),
    }
}

fn dispatch(command: Command, patience: Duration) -> Result<Exit, CommandError> {
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
        Command::Trace(command) => command.run(),
        Command::Iperf(command) => command.run(),
        Command::Routes(command) => command.run(),
        Command::LearnedRoutes(command) => command.run(),
        Command::AdvertisedRoutes(command) => command.run(),
        Command::Why(command) => command.run(),
        Command::Matrix(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Verify(command) => command.run(patience),
        Command::Doctor(command) => command.run(),
        Command::Validate(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Supervise => supervisor::supervise()
            .map(|()| Exit::Done)
            .map_err(CommandError::Output),
    }
}
