//! The help that people see.

use super::*;

#[test]
fn every_command_stands_in_one_group() {
    let command = Arguments::command();
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
    let mut shown: Vec<&str> = shown.map(Command::get_name).collect();
    let grouped = GROUPS.iter().flat_map(|group| group.commands);
    let mut grouped: Vec<&str> = grouped.map(|examples| examples.command).collect();
    shown.sort_unstable();
    grouped.sort_unstable();
    assert_eq!(shown, grouped);
}

#[test]
fn every_example_is_understood() {
    for examples in GROUPS.iter().flat_map(|group| group.commands) {
        for line in examples.lines {
            let line = line.split('>').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(words[1], examples.command);
            let parsed = command().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "the help is shown whole")]
fn commands_are_shown_as_a_person_meets_them() {
    insta::assert_snapshot!(command().term_width(100).render_help(), @r#"
    Azure-like hybrid networks out of Linux network namespaces, on one machine, with real packets

    Usage: lab [OPTIONS] <COMMAND>

    Build a lab:
      up                 Build a lab
      ls                 List running labs
      status             Show the state of a lab's nodes, links and tunnels
      down               Remove a lab completely
      doctor             Show what this machine supports, and how to add what is missing
        $ lab up hub-spoke
        $ lab ls

    See and prove paths:
      trace              Trace the path from inside a node, in tracert's layout
      verify             Prove every expected path of the lab file
      expect             Record the paths of a lab as they are now in its file's section `expect`
      ping               Send ICMP echo requests from inside a node
      matrix             Show how every machine reaches every other, as a grid
      test-connectivity  Probe an address and show the path and its problems, as az's Network Watcher does
      ui                 Show a running lab in a browser
        $ lab trace loc1-vm hub-vm
        $ lab verify hub-spoke

    Ask why:
      why                Explain why packets take their path, in both directions
      routes             Show a node's routes; those of a virtual machine as az does
      next-hop           Show where a virtual machine sends packets for an address, as az's Network Watcher does
      diff               Show the paths that differ between two labs
      bgp-peers          Show the BGP peers of a gateway or router, as az does
      learned-routes     Show what a gateway learned, as az does
      advertised-routes  Show what a gateway advertises to a neighbour, as az does
        $ lab why branch-vm loc2-vm
        $ lab routes spoke-vm

    Draw and watch:
      graph              Draw a lab: regions, virtual networks, gateways, circuits, tunnels and sites
      capture            Capture packets for Wireshark, at a node or at every hop of a path at once
        $ lab graph hub-spoke -o hub-spoke.html
        $ lab capture --along loc1-vm branch-vm --ping -w hops.pcapng

    Fail and repair links:
      fault              Take links or nodes down, blackhole links, or shut BGP sessions
      heal               Repair what has failed
      impair             Make a link delay, lose or rate-limit packets
        $ lab fault er1-primary
        $ lab heal er1-primary

    Go inside:
      exec               Run a program inside a node
      shell              Open a shell inside a node
      iperf              Measure the throughput of a path
        $ lab exec hub-vm -- ping 10.2.30.10
        $ lab shell loc1-vm

    Write a lab file:
      init               Write a first lab file, with comments
      explain            Explain a key of the lab file
      validate           Check a lab file and show all of its errors
      show               Print a lab file with the names, prefixes and addresses that it leaves out
      plan               Show what `lab up` does to the kernel to build a lab
      schema             Print the JSON Schema of the lab file, or of a result
        $ lab init my-lab.yaml
        $ lab explain sku

    Bring your own network:
      import             Write a lab file of an Azure network
      az-script          Print the az commands whose output `lab import` reads. They only read
      compare            Compare what was recorded on Azure with a lab
      export             Write a lab as other tools read it
        $ lab import azure/*.json -o lab.yaml
        $ lab az-script >dump.sh

    Set up this program:
      completions        Print completions for bash, zsh or fish
      man                Write the manual pages
        $ lab completions bash >/etc/bash_completion.d/lab
        $ lab man /usr/local/share/man/man1

    `lab COMMAND --help` shows all options, with examples.

    Options:
          --timeout <DURATION>  Stop after this time, such as 30s or 10min; an unfinished `lab up` then
                                removes its lab. Not for exec, shell and ui
          --color <WHEN>        When output is coloured: auto, which is on a terminal unless the
                                environment variable `NO_COLOR` is set, always or never
      -h, --help                Print help
      -V, --version             Print version

    Exit codes: 0 done, 1 an expectation failed or a target was not reached, 2 the input was wrong,
    3 the system refused, 130 interrupted.
    "#);
}
