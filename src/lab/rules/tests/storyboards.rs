//! Rules for storyboards.

use crate::lab::parse;
use crate::lab::resolve;
use crate::lab::rules::storyboards_name_links;
use crate::lab::rules::tests::wide::{WIDE, accepted, refused};
use crate::lab::rules::tests::{replaced, shown};

#[test]
fn a_storyboard_breaks_something() {
    insta::assert_snapshot!(refused(&[("step: primary-lost, fault: er1-primary,", "step: primary-lost,"), ("step: both-lost, blackhole: er1-secondary,", "step: both-lost,"), ("step: back, heal: [er1-primary, er1-secondary],", "step: back,")]), @r"
    error[no-fault]: storyboard `circuit-lost` has no failure
       --> lab.yaml:109:3
        |
    109 |   circuit-lost:
        |   ^^^^^^^^^^^^
        |
        = help: give one of its steps `fault: [...]` or `blackhole: [...]`, names of links

    1 finding in lab.yaml
    ");
}

#[test]
fn steps_have_names_of_their_own() {
    insta::assert_snapshot!(refused(&[("step: both-lost", "step: primary-lost"), ("step: back", "step: steady")]), @r"
    error[name-taken]: `primary-lost` is already the name of an earlier step of this storyboard
       --> lab.yaml:111:15
        |
    111 |     - { step: primary-lost, blackhole: er1-secondary, expect: [{ from: hub-vm, to: pc, unreachable: timeout }] }
        |               ^^^^^^^^^^^^
        |
       ::: lab.yaml:110:15
        |
    110 |     - { step: primary-lost, fault: er1-primary, expect: steady }
        |               ------------ the first one

    error[name-taken]: `steady` is already the name of the state before any failure
       --> lab.yaml:112:15
        |
    112 |     - { step: steady, heal: [er1-primary, er1-secondary], expect: steady }
        |               ^^^^^^

    2 findings in lab.yaml
    ");
}

#[test]
fn a_step_breaks_what_works() {
    insta::assert_snapshot!(refused(&[("blackhole: er1-secondary", "blackhole: [er1-secondary, er1-primary]")]), @r"
    error[broken-already]: `er1-primary` has already failed
       --> lab.yaml:111:53
        |
    111 |     - { step: both-lost, blackhole: [er1-secondary, er1-primary], expect: [{ from: hub-vm, to: pc, unreachable: timeout }] }
        |                                                     ^^^^^^^^^^^
        |
        = help: heal it in an earlier step, or leave it out here

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("fault: er1-primary", "fault: [er1-primary, er1-primary]")]), @r"
    error[broken-already]: `er1-primary` has already failed
       --> lab.yaml:110:50
        |
    110 |     - { step: primary-lost, fault: [er1-primary, er1-primary], expect: steady }
        |                                                  ^^^^^^^^^^^
        |
        = help: heal it in an earlier step, or leave it out here

    1 finding in lab.yaml
    ");
}

#[test]
fn a_step_heals_what_is_broken() {
    insta::assert_snapshot!(refused(&[("fault: er1-primary", "fault: er1-primary, heal: er1-secondary")]), @r"
    error[not-broken]: `er1-secondary` has not failed before this step heals it
       --> lab.yaml:110:55
        |
    110 |     - { step: primary-lost, fault: er1-primary, heal: er1-secondary, expect: steady }
        |                                                       ^^^^^^^^^^^^^
        |
        = help: nothing has failed before this step

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("heal: [er1-primary, er1-secondary]", "heal: [er1-primary, er1-secondary, hub-vm]")]), @r"
    error[not-broken]: `hub-vm` has not failed before this step heals it
       --> lab.yaml:112:56
        |
    112 |     - { step: back, heal: [er1-primary, er1-secondary, hub-vm], expect: steady }
        |                                                        ^^^^^^
        |
        = help: failed before this step: er1-primary, er1-secondary

    1 finding in lab.yaml
    ");
    accepted(&[("heal: [er1-primary, er1-secondary]", "heal: [er1-primary]")]);
    accepted(&[
        (
            "blackhole: er1-secondary",
            "blackhole: er1-secondary, heal: er1-primary",
        ),
        (
            "heal: [er1-primary, er1-secondary]",
            "fault: er1-primary, heal: er1-secondary",
        ),
    ]);
}

#[test]
fn a_step_expects_as_the_lab_does() {
    insta::assert_snapshot!(refused(&[("expect: [{ from: hub-vm, to: pc, unreachable: timeout }]", "expect: [{ from: hub-vm, to: pcc, unreachable: timeout }, { from: pc, to: pc, unreachable: timeout }, { from: pc, to: hub-vm, hops: [10.0.0.5] }, { from: pc, to: hub-vm, unreachable: timeout }]")]), @r"
    error[no-such-name]: there is no virtual machine or host `pcc`
       --> lab.yaml:111:81
        |
    111 |     - { step: both-lost, blackhole: er1-secondary, expect: [{ from: hub-vm, to: pcc, unreachable: timeout }, { from: pc, to: pc, un...
        |                                                                                 ^^^ did you mean `pc`?

    error[same-end]: `pc` is both the source and the destination of this path
       --> lab.yaml:111:126
        |
    111 |     - { step: both-lost, blackhole: er1-secondary, expect: [{ from: hub-vm, to: pcc, unreachable: timeout }, { from: pc, to: pc, un...
        |                                                                                                                              ^^

    error[wrong-end]: the last hop is not `hub-vm`, whose address is 10.0.0.4
       --> lab.yaml:111:185
        |
    111 | ... pc, unreachable: timeout }, { from: pc, to: hub-vm, hops: [10.0.0.5] }, { from: pc, to: hub-vm, unreachable: timeout }] }
        |                                                                ^^^^^^^^
        |
        = help: end `hops` with 10.0.0.4 or hub-vm, or write `unreachable: timeout`

    error[expected-already]: the path from `pc` to `hub-vm` already has an expectation
       --> lab.yaml:111:198
        |
    111 | ...chable: timeout }, { from: pc, to: hub-vm, hops: [10.0.0.5] }, { from: pc, to: hub-vm, unreachable: timeout }] }
        |                                                                   ^

    4 findings in lab.yaml
    ");
}

/// The printed findings about names in the wide lab's steps that no link or node has.
fn misnamed(changes: &[(&str, &str)]) -> String {
    let text = replaced(WIDE, changes);
    let spec = parse(&text).unwrap();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let links = names(&[
        "er1-primary",
        "er1-secondary",
        "hub-vm",
        "hub-branch-in0",
        "hub-branch-in1",
    ]);
    let nodes = names(&["hub-vm", "er1-msee1", "hub-vpngw"]);
    shown(&text, &storyboards_name_links(&spec, &links, &nodes))
}

#[test]
fn a_step_names_links_and_nodes_that_exist() {
    insta::assert_snapshot!(misnamed(&[("fault: er1-primary", "fault: [er1-primry, er1-msee3, somewhere]")]), @r"
    error[no-such-name]: there is no link or node `er1-primry`
       --> lab.yaml:110:37
        |
    110 |     - { step: primary-lost, fault: [er1-primry, er1-msee3, somewhere], expect: steady }
        |                                     ^^^^^^^^^^ did you mean `er1-primary`?

    error[no-such-name]: there is no link or node `er1-msee3`
       --> lab.yaml:110:49
        |
    110 |     - { step: primary-lost, fault: [er1-primry, er1-msee3, somewhere], expect: steady }
        |                                                 ^^^^^^^^^ did you mean `er1-msee1`?

    error[no-such-name]: there is no link or node `somewhere`
       --> lab.yaml:110:60
        |
    110 |     - { step: primary-lost, fault: [er1-primry, er1-msee3, somewhere], expect: steady }
        |                                                            ^^^^^^^^^
        |
        = help: there is er1-msee1, er1-primary, er1-secondary, hub-branch-in0, hub-branch-in1, hub-vm, hub-vpngw

    3 findings in lab.yaml
    ");
    insta::assert_snapshot!(misnamed(&[("fault: er1-primary", "fault: [hub-branch, er1-msee1, hub-vpngw]")]), @r"
    error[no-such-name]: there is no link or node `hub-branch`
       --> lab.yaml:110:37
        |
    110 |     - { step: primary-lost, fault: [hub-branch, er1-msee1, hub-vpngw], expect: steady }
        |                                     ^^^^^^^^^^
        |
        = help: there are the links hub-branch-in0, hub-branch-in1

    1 finding in lab.yaml
    ");
}

#[test]
fn packets_are_lost_without_a_sign_on_links_alone() {
    insta::assert_snapshot!(misnamed(&[("blackhole: er1-secondary", "blackhole: [hub-vm, er1-msee1, er1-seondary]")]), @r"
    error[not-a-link]: `er1-msee1` is a node, and only links can be blackholed
       --> lab.yaml:111:46
        |
    111 |     - { step: both-lost, blackhole: [hub-vm, er1-msee1, er1-seondary], expect: [{ from: hub-vm, to: pc, unreachable: timeout }] }
        |                                              ^^^^^^^^^
        |
        = help: name it under `fault`, or name one of its links here

    error[no-such-name]: there is no link `er1-seondary`
       --> lab.yaml:111:57
        |
    111 |     - { step: both-lost, blackhole: [hub-vm, er1-msee1, er1-seondary], expect: [{ from: hub-vm, to: pc, unreachable: timeout }] }
        |                                                         ^^^^^^^^^^^^ did you mean `er1-secondary`?

    2 findings in lab.yaml
    ");
}

#[test]
fn a_step_names_links_of_the_lab_as_it_was_put_together() {
    insta::assert_snapshot!(refused(&[("fault: er1-primary", "fault: hub-branch"), ("heal: [er1-primary, er1-secondary]", "heal: hub-branch")]), @r"
    error[no-such-name]: there is no link or node `hub-branch`
       --> lab.yaml:110:36
        |
    110 |     - { step: primary-lost, fault: hub-branch, expect: steady }
        |                                    ^^^^^^^^^^
        |
        = help: there are the links hub-branch-in0, hub-branch-in1

    error[no-such-name]: there is no link or node `hub-branch`
       --> lab.yaml:112:27
        |
    112 |     - { step: back, heal: hub-branch, expect: steady }
        |                           ^^^^^^^^^^
        |
        = help: there are the links hub-branch-in0, hub-branch-in1

    2 findings in lab.yaml
    ");
    let text = replaced(
        WIDE,
        &[
            ("fault: er1-primary", "fault: [hub-vpngw, er1-msee1]"),
            ("heal: [er1-primary, er1-secondary]", "heal: hub-vpngw"),
        ],
    );
    assert!(resolve(&parse(&text).unwrap()).is_ok());
}

/// The printed findings about sessions in hub-spoke's storyboard with other steps.
fn out_of_turn(steps: &str) -> String {
    let text = include_str!("../../../../labs/hub-spoke.yaml");
    let start = text.find("storyboards:").unwrap();
    let text = format!("{}storyboards:\n  story:\n{steps}", &text[..start]);
    let spec = parse(&text).unwrap();
    let findings = resolve(&spec).err().unwrap_or_default();
    let messages = findings.iter().map(|finding| &*finding.message);
    messages.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_session_is_the_same_by_each_of_its_names() {
    let one = "    - { step: one, fault: 'session:er1-msee1/loc1-ce1' }\n";
    assert_eq!(
        out_of_turn(&format!(
            "{one}    - {{ step: two, heal: 'session:loc1-ce1/er1-msee1' }}\n"
        )),
        ""
    );
    assert_eq!(
        out_of_turn(&format!(
            "{one}    - {{ step: two, heal: 'session:er1' }}\n"
        )),
        ""
    );
    insta::assert_snapshot!(out_of_turn(&format!("{one}    - {{ step: two, fault: 'session:loc1-ce1/er1-msee1', heal: 'session:er2' }}\n")), @r"
    `session:loc1-ce1/er1-msee1` has already failed
    `session:er2` has not failed before this step heals it
    ");
    insta::assert_snapshot!(out_of_turn("    - { step: one, blackhole: 'session:er1', fault: 'session:er9' }\n"), @r"
    `session:er1` is a BGP session, and only links can be blackholed
    there is no BGP session `session:er9`
    ");
}
