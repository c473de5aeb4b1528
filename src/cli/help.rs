//! The output of `lab --help`: the commands in groups, with examples.

use clap::{Command, CommandFactory};

use crate::cli::Arguments;

/// Commands with a common purpose.
struct Group {
    title: &'static str,
    commands: &'static [Examples],
}

/// A command and two example lines.
struct Examples {
    command: &'static str,
    lines: [&'static str; 2],
}

const fn of(command: &'static str, lines: [&'static str; 2]) -> Examples {
    Examples { command, lines }
}

const GROUPS: &[Group] = &[
    Group {
        title: "Build a lab",
        commands: &[
            of("up", ["lab up hub-spoke", "lab up my-lab.yaml --timings"]),
            of("ls", ["lab ls", "lab ls -o tsv"]),
            of("status", ["lab status", "lab status hub-spoke --check"]),
            of("down", ["lab down hub-spoke", "lab down --all"]),
            of("doctor", ["lab doctor", "lab doctor --json"]),
        ],
    },
    Group {
        title: "See and prove paths",
        commands: &[
            of(
                "trace",
                [
                    "lab trace loc1-vm hub-vm",
                    "lab trace branch-vm 10.2.30.10 --max-hops 10",
                ],
            ),
            of(
                "verify",
                [
                    "lab verify hub-spoke",
                    "lab verify my-lab.yaml --junit lab.xml --markdown lab.md",
                ],
            ),
            of(
                "expect",
                [
                    "lab expect my-lab.yaml --write",
                    "lab expect --file my-lab.yaml --intent",
                ],
            ),
            of(
                "ping",
                [
                    "lab ping hub-vm loc2-vm -c 2",
                    "lab ping loc1-vm spoke-vm -i 200ms --json",
                ],
            ),
            of(
                "matrix",
                [
                    "lab matrix",
                    "lab matrix --file hub-spoke --down er1-primary",
                ],
            ),
            of(
                "test-connectivity",
                [
                    "lab test-connectivity --source hub-vm --dest loc1-vm",
                    "lab test-connectivity --source branch-vm --dest 10.1.31.10 -o json",
                ],
            ),
            of("ui", ["lab ui", "lab ui --lab hub-spoke --port 8080"]),
        ],
    },
    Group {
        title: "Ask why",
        commands: &[
            of(
                "why",
                [
                    "lab why branch-vm loc2-vm",
                    "lab why loc1-vm hub-vm --file hub-spoke --down er1-primary",
                ],
            ),
            of(
                "routes",
                [
                    "lab routes spoke-vm",
                    "lab routes er1-msee1 --file hub-spoke",
                ],
            ),
            of(
                "next-hop",
                [
                    "lab next-hop --source spoke-vm --dest 10.2.30.10",
                    "lab next-hop --source hub-vm --dest loc2-vm --file hub-spoke -o json",
                ],
            ),
            of(
                "diff",
                [
                    "lab diff hub-spoke hub-spoke --down er1-primary",
                    "lab diff before.yaml after.yaml --json",
                ],
            ),
            of(
                "bgp-peers",
                [
                    "lab bgp-peers hub-vpngw",
                    "lab bgp-peers loc1-ce1 --file hub-spoke --down session:er1",
                ],
            ),
            of(
                "learned-routes",
                [
                    "lab learned-routes hub-vpngw",
                    "lab learned-routes er1-msee1 -o tsv",
                ],
            ),
            of(
                "advertised-routes",
                [
                    "lab advertised-routes hub-ergw er1-msee1",
                    "lab advertised-routes hub-vpngw hub-branch --file hub-spoke",
                ],
            ),
        ],
    },
    Group {
        title: "Draw and watch",
        commands: &[
            of(
                "graph",
                [
                    "lab graph hub-spoke -o hub-spoke.html",
                    "lab graph hub-spoke --path loc1-vm hub-vm -o path.svg",
                ],
            ),
            of(
                "capture",
                [
                    "lab capture --along loc1-vm branch-vm --ping -w hops.pcapng",
                    "lab capture hub-vm -w hub-vm.pcapng icmp",
                ],
            ),
        ],
    },
    Group {
        title: "Fail and repair links",
        commands: &[
            of(
                "fault",
                [
                    "lab fault er1-primary",
                    "lab fault session:er1-msee1/loc1-ce1",
                ],
            ),
            of("heal", ["lab heal er1-primary", "lab heal --all"]),
            of(
                "impair",
                [
                    "lab impair er1-primary --delay 40ms --loss 1%",
                    "lab impair er1-primary --clear",
                ],
            ),
        ],
    },
    Group {
        title: "Go inside",
        commands: &[
            of(
                "exec",
                [
                    "lab exec hub-vm -- ping 10.2.30.10",
                    "lab exec branch-vm -- traceroute -I loc1-vm",
                ],
            ),
            of(
                "shell",
                ["lab shell loc1-vm", "lab shell loc1-ce1 --lab hub-spoke"],
            ),
            of(
                "iperf",
                [
                    "lab iperf loc1-vm hub-vm",
                    "lab iperf hub-vm loc1-vm --udp 200mbit --time 3",
                ],
            ),
        ],
    },
    Group {
        title: "Write a lab file",
        commands: &[
            of(
                "init",
                [
                    "lab init my-lab.yaml",
                    "lab init dc.yaml --template expressroute",
                ],
            ),
            of(
                "explain",
                ["lab explain sku", "lab explain subnets.addressPrefix"],
            ),
            of(
                "validate",
                ["lab validate my-lab.yaml", "lab validate *.yaml --json"],
            ),
            of(
                "show",
                ["lab show my-lab.yaml", "lab show my-lab.yaml -o long.yaml"],
            ),
            of(
                "plan",
                ["lab plan hub-spoke", "lab plan my-lab.yaml --json"],
            ),
            of("schema", ["lab schema", "lab schema status"]),
        ],
    },
    Group {
        title: "Bring your own network",
        commands: &[
            of(
                "import",
                [
                    "lab import azure/*.json -o lab.yaml",
                    "lab import azure/*.json --check lab.yaml",
                ],
            ),
            of(
                "az-script",
                [
                    "lab az-script >dump.sh",
                    "lab az-script --resource-group network",
                ],
            ),
            of(
                "compare",
                [
                    "lab compare lab.yaml --effective-routes hub-vm.json",
                    "lab compare lab.yaml --traceroute hub-vm=trace.txt",
                ],
            ),
            of(
                "export",
                [
                    "lab export arm hub-spoke",
                    "lab export arm lab.yaml -o arm.json --on-premises rest.yaml",
                ],
            ),
        ],
    },
    Group {
        title: "Set up this program",
        commands: &[
            of(
                "completions",
                [
                    "lab completions bash >/etc/bash_completion.d/lab",
                    "lab completions fish >~/.config/fish/completions/lab.fish",
                ],
            ),
            of(
                "man",
                ["lab man /usr/local/share/man/man1", "lab man ./man"],
            ),
        ],
    },
];

/// The command line with its help.
pub(super) fn command() -> Command {
    let mut command = Arguments::command();
    for examples in GROUPS.iter().flat_map(|group| group.commands) {
        command = command.mut_subcommand(examples.command, |one| {
            one.after_help(format!("Examples:\n{}", lines(examples)))
        });
    }
    let groups: String = GROUPS.iter().map(|group| text(&command, group)).collect();
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\
         `lab COMMAND --help` shows all options, with examples.\n\nOptions:\n{{options}}\n\n\
         Exit codes: 0 done, 1 an expectation failed or a target was not reached, 2 the input was wrong,\n\
         3 the system refused, 130 interrupted.\n"
    ))
}

/// The text of a group: one line per command, and the first example of two of them.
fn text(command: &Command, group: &Group) -> String {
    let line = |examples: &Examples| {
        let found = command.find_subcommand(examples.command);
        let about = found.and_then(Command::get_about).map(ToString::to_string);
        let about = about.unwrap_or_default();
        // The text after a colon is an example, and examples are printed below.
        let about = about.split(": `").next().unwrap_or_default();
        format!("  {:<18} {}", examples.command, about.trim_end_matches('.'))
    };
    let commands: Vec<String> = group.commands.iter().map(line).collect();
    let first = group
        .commands
        .iter()
        .take(2)
        .map(|examples| examples.lines[0]);
    let examples: Vec<String> = first.map(|line| format!("    $ {line}")).collect();
    format!(
        "{}:\n{}\n{}\n\n",
        group.title,
        commands.join("\n"),
        examples.join("\n")
    )
}

fn lines(examples: &Examples) -> String {
    examples.lines.map(|line| format!("  $ {line}")).join("\n")
}

#[cfg(test)]
mod tests;
